//! For those who wait: what has become free, and the first time that will do.

mod freed;

pub use freed::{FreedTime, Glance};

use jiff::Timestamp;

use super::Search;
use super::busy_cache::SearchMoment;
use super::candidates::Candidates;
use super::first::STEPS;
use crate::db::StoreError;
use crate::domain::openings::Sought;
use crate::domain::ranking::RankedOffer;
use crate::domain::search_step::{SearchStep, stretches};
use crate::domain::{PatientId, TimeSlot, VisitShape};

/// A time that is looked for.
#[derive(Clone, Copy)]
pub struct WaitingWish<'a> {
    /// For whom, where their own visits count.
    pub patient: Option<PatientId>,
    /// How long a visit, and of which kind.
    pub shape: VisitShape,
    /// In which spans it may start: in order and apart.
    pub starts: &'a [TimeSlot],
    /// The moment by which notice is judged.
    pub asked_at: Timestamp,
}

impl Search {
    /// The first offer of each candidate in the days in which anybody has one, the best first: by what is known in
    /// memory with all that was committed before that moment.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn first_for_waiting(
        &self,
        candidates: &Candidates,
        wish: WaitingWish<'_>,
        moment: SearchMoment,
    ) -> Result<Vec<RankedOffer>, StoreError> {
        let candidates = &candidates.in_memory();
        let now = wish.asked_at;
        let Some((first, last)) = wish.starts.first().zip(wish.starts.last()) else {
            return Ok(Vec::new());
        };
        for starts in stretches(first.starts_at(), &STEPS, last.ends_at()) {
            let spans = wish.starts.iter().filter_map(|span| span.intersection(starts));
            let spans: Vec<TimeSlot> = spans.collect();
            let state = candidates.state;
            let sought = Sought { shape: wish.shape, starts, state, of_patient: &[], now };
            let step = SearchStep::new(&candidates.providers, sought, Some(&spans));
            if !step.is_open() {
                continue;
            }
            let conn = self.db.read();
            let busy = self.busy(conn, candidates, wish.patient, moment, step.window()).await?;
            let mut offers = step.offers(&busy, busy.of_patient(), |_| 1);
            if !offers.is_empty() {
                offers.sort_unstable();
                return Ok(offers);
            }
        }
        Ok(Vec::new())
    }
}
