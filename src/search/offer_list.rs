//! The offered times of all who may treat a patient, merged in order of time, a page at a time.

use jiff::{SignedDuration, Timestamp};

use super::Search;
use super::candidates::Candidates;
use super::first::{TimeOfDay, VisitWish};
use super::instead::{of_visit, shape};
use super::query::AvailabilityQuery;
use crate::access::{Actor, Permission};
use crate::db::StoreError;
use crate::domain::openings::Sought;
use crate::domain::ranking::{OfferPosition, RankedOffer};
use crate::domain::search_step::{SearchStep, stretches};
use crate::domain::time_slot::{ceil_to_minute, just_after};
use crate::domain::{Offer, PatientClock, PatientId, TimeSlot, VisitShape};
use crate::request::Refusal;

/// How far the steps reach in which a page is filled, before the last, which reaches the end of the
/// window. A page of a busy clinic is full within hours, and what lies far off costs nothing then.
const STEPS: [SignedDuration; 3] = [
    SignedDuration::from_hours(6),
    SignedDuration::from_hours(24),
    SignedDuration::from_hours(14 * 24),
];

/// A time in a list of offers, and its place there.
#[derive(Debug, Clone)]
pub struct ListedOffer {
    /// The time, and with whom.
    pub offer: Offer,
    /// Its place.
    pub position: OfferPosition,
}

impl Search {
    /// The offered times that lie wholly inside `window`, of all who are asked for, in order: by
    /// time, then as equals are ranked. At most `limit`, after a place in the list if one is given.
    /// The window is cut at now and at the booking horizon.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; the errors of matching; [`Refusal::Store`] when the database fails.
    pub async fn list_offers(
        &self,
        actor: &Actor,
        query: &AvailabilityQuery,
        window: TimeSlot,
        after: Option<OfferPosition>,
        limit: usize,
    ) -> Result<Vec<ListedOffer>, Refusal> {
        actor.require(Permission::ReadSchedule)?;
        let (now, directory) = (self.now(), self.roster.directory().await?);
        let instead = self.instead_of(actor, query.instead_of).await?;
        let (query, instead) = (&*of_visit(query, instead.as_ref()), instead.as_ref());
        let horizon = directory.horizon_ends_at(now);
        let first = window.starts_at().max(now);
        let period = (first, window.ends_at().min(horizon).max(first));
        let shape = shape((query.visit_type.as_ref(), query.length), instead, &directory)?;
        let asked = (shape.kind, instead.map(|instead| &instead.visit));
        let candidates = Candidates::asked(&directory, query, asked, period)?;
        let last_start = window.ends_at().saturating_sub(shape.length.duration());
        let last_start = last_start.unwrap_or(Timestamp::MIN).min(horizon);
        let state = query.patient.as_ref().map(|(state, _)| *state);
        let state = state.or_else(|| instead.map(|instead| instead.visit.state));
        let clock = state.map(|state| PatientClock::of(state, None));
        let from = after.map_or(first, |after| first.max(after.starts_at));
        let list = OfferList {
            candidates: &candidates,
            window,
            starts: (ceil_to_minute(from), just_after(last_start)),
            shape,
            patient: instead.and_then(|instead| instead.patient),
            after,
            limit,
        };
        let within = clock.as_ref().filter(|_| query.provider_id.is_none());
        let mut found = self.fill(&list, within).await?;
        if let Some(clock) = within
            && found.is_empty()
        {
            // At another time of the patient's day only where nobody has any within it.
            let time_of_day = TimeOfDay::Rather(clock);
            let wish = VisitWish { patient: list.patient, from: first, shape, time_of_day };
            if let (_, TimeOfDay::Any) = self.rank_first_offers(&candidates, wish).await? {
                found = self.fill(&list, None).await?;
            }
        }
        let listed = found.into_iter().filter_map(|ranked| {
            let offer = candidates.offer(ranked.provider_id, ranked.slot, clock.as_ref())?;
            Some(ListedOffer { offer, position: ranked.position() })
        });
        Ok(listed.collect())
    }

    /// The offers of one page; where a clock is given, within the patient's hours on it.
    async fn fill(
        &self,
        list: &OfferList<'_>,
        clock: Option<&PatientClock>,
    ) -> Result<Vec<RankedOffer>, StoreError> {
        let (candidates, (from, end)) = (list.candidates, list.starts);
        let (moment, mut found, now) = (self.busy.moment(), Vec::new(), self.now());
        for starts in stretches(from, &STEPS, end) {
            let hours = clock.map(|clock| candidates.patient_hours.within(clock, starts));
            let (shape, state) = (list.shape, candidates.state);
            let sought = Sought { shape, starts, state, of_patient: &[], now };
            let step = SearchStep::new(&candidates.providers, sought, hours.as_deref());
            if !step.is_open() {
                continue;
            }
            let (patient, window) = (list.patient, step.window());
            let busy = self.busy(self.db.read(), candidates, patient, moment, window).await?;
            // One more of each than is wanted, for one may stand before the page.
            let wanted = list.limit.saturating_add(1);
            let offers = step.offers(&busy, busy.of_patient(), |_| wanted);
            let offers = offers.into_iter().map(|offer| alone(candidates, offer));
            found.extend(offers.filter(|offer| list.has(offer)));
            if found.len() >= list.limit {
                break;
            }
        }
        found.sort_unstable();
        found.truncate(list.limit);
        Ok(found)
    }
}

/// One page of a list of offers.
struct OfferList<'a> {
    candidates: &'a Candidates,
    window: TimeSlot,
    /// The first start, and just after the last.
    starts: (Timestamp, Timestamp),
    shape: VisitShape,
    /// The patient whose visit it is to be, where they are known: when they are busy is not free for them.
    patient: Option<PatientId>,
    after: Option<OfferPosition>,
    limit: usize,
}

impl OfferList<'_> {
    fn has(&self, offer: &RankedOffer) -> bool {
        offer.slot.ends_at() <= self.window.ends_at()
            && self.after.is_none_or(|after| offer.position() > after)
    }
}

/// The offer; without the visits of its day where nobody else is compared, for the whole day is not
/// looked at then, and a place in the list must not depend on where the page begins.
fn alone(candidates: &Candidates, offer: RankedOffer) -> RankedOffer {
    if candidates.providers.len() == 1 {
        RankedOffer { visits_that_day: 0, ..offer }
    } else {
        offer
    }
}
