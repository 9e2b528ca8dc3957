//! Judging the visits of a series, and finding other times for those that can't be.

use std::sync::Arc;

use jiff::Timestamp;

use super::SeriesWish;
use super::choosing::Choice;
use super::notes::note_of_start;
use super::telling::Telling;
use crate::access::{Actor, Permission};
use crate::db::busy;
use crate::domain::busy::BusyTime;
use crate::domain::judge::{Obstacle, Reason};
use crate::domain::recurrence::Start;
use crate::domain::search_step::with_local_days;
use crate::domain::series::{PlannedSeries, REACH, SeriesVisit};
use crate::domain::{Directory, Offer, Provider, TimeSlot, VisitLength};
use crate::request::Refusal;
use crate::search::busy_cache::Busy;
use crate::search::reasons::{Asked, Eyes, Words};
use crate::search::{Search, TimeReason};

/// A series as it would be booked.
#[derive(Debug, Clone)]
pub struct SeriesPreview {
    /// With whom all of it is.
    pub provider: Arc<Provider>,
    /// How long each visit is.
    pub length: VisitLength,
    /// Its visits, in order, each with its place in the series.
    pub visits: Vec<(usize, PlannedVisit)>,
}

/// A visit of a series as it would be booked, or moved.
#[derive(Debug, Clone)]
pub struct PlannedVisit {
    /// With whom.
    pub provider: Arc<Provider>,
    /// When it starts.
    pub starts_at: Timestamp,
    /// All that is against it, in the order of refusals.
    pub reasons: Vec<TimeReason>,
    /// What a change of the clock has to do with it.
    pub note: Option<String>,
    /// Another time for one that can't be booked, the nearest.
    pub alternative: Option<Offer>,
}

/// What was found of one visit.
struct Judged {
    start: Start,
    /// None where it would end after the end of time.
    slot: Option<TimeSlot>,
    /// What is against the provider treating the patient, and against anything more for the patient.
    against_whom: Vec<TimeReason>,
    against_when: Vec<Reason>,
}

impl Judged {
    fn is_bookable(&self) -> bool {
        self.against_whom.is_empty() && self.against_when.is_empty()
    }
}

impl Search {
    /// How the visits of a series would be booked, for `actor`: in order, each as if those before it that can
    /// be were booked already.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Invalid`] for a rule that makes no series; [`Refusal::NotFound`] for
    /// the provider, [`Refusal::NoMatchingProvider`] and [`Refusal::VisitTypeNotOffered`] where nobody is asked
    /// for and nobody fits; [`Refusal::Store`] when the database fails.
    pub async fn preview_series(
        &self,
        actor: &Actor,
        wish: &SeriesWish,
    ) -> Result<SeriesPreview, Refusal> {
        actor.require(Permission::ReadSchedule)?;
        let (now, directory) = (self.now(), self.roster.directory().await?);
        let choice = Choice::of(&directory, wish, now)?;
        let window = in_reach(choice.window(wish));
        let provider = self.with_whom(&choice, wish, &directory, window).await?;
        let whom = [provider.id];
        let busy =
            busy::find_to_offer(self.db.read(), whom, wish.patient, window, (None, now)).await?;
        let too_many = match wish.patient {
            Some(patient) => self.one_too_many(actor, patient, &directory).await?,
            None => None,
        };
        let visit = SeriesVisit { shape: wish.shape, of_patient: busy.of_patient(), now };
        let mut series = PlannedSeries::new(&provider, visit, &busy);
        let mut judged = Vec::new();
        for start in choice.starts(&provider) {
            let asked = Asked {
                directory: &directory,
                provider: &provider,
                shape: wish.shape,
                fits: wish.fits(),
                starts_at: start.at,
                patient: wish.patient,
                instead: None,
                now,
            };
            let slot = TimeSlot::starting(start.at, wish.shape.length);
            let beyond = Obstacle::BeyondHorizon { ends_at: provider.rules.horizon_ends_at(now) };
            let beyond = || vec![Reason { obstacle: beyond, span: None }];
            let one = Judged {
                start: *start,
                slot,
                against_whom: asked.against_whom(),
                against_when: slot.map_or_else(beyond, |slot| series.reasons(slot)),
            };
            if let Some(slot) = slot.filter(|_| one.is_bookable() && too_many.is_none()) {
                series.plan(slot);
            }
            judged.push(one);
        }
        let eyes = Eyes::of(actor, provider.id);
        let all = judged.iter().flat_map(|one| &one.against_when);
        let theirs = self.visits_seen(eyes, (wish.patient, None), window, all).await?;
        let others = other_times(&mut series, wish, &provider, (&judged, too_many.is_some()));
        let telling = Telling { eyes, theirs: &theirs, series: &series };
        let visits = judged.into_iter().zip(others).map(|(one, other)| {
            let slot = one.slot.unwrap_or(TimeSlot::EVER);
            let words = Words { provider: &provider, directory: &directory, slot, now };
            let mut reasons = one.against_whom;
            reasons.extend(one.against_when.iter().map(|reason| telling.reason(*reason, words)));
            reasons.extend(too_many.clone());
            let alternative = other.map(|slot| Offer {
                provider: Arc::clone(&provider),
                slot,
                patient_clock: Some(wish.clock.clone()),
            });
            let note = note_of_start(&provider, one.start);
            let provider = Arc::clone(&provider);
            PlannedVisit { provider, starts_at: one.start.at, reasons, note, alternative }
        });
        let visits = visits.enumerate().collect();
        Ok(SeriesPreview { provider, length: wish.shape.length, visits })
    }

    /// The provider of the whole series.
    async fn with_whom(
        &self,
        choice: &Choice,
        wish: &SeriesWish,
        directory: &Directory,
        window: TimeSlot,
    ) -> Result<Arc<Provider>, Refusal> {
        let candidates = &choice.candidates;
        if let [only] = candidates.providers.as_slice() {
            return Ok(Arc::clone(only));
        }
        // Nothing is kept in memory of what is over, and after the horizon nobody can be booked.
        let now = self.now();
        let possible = TimeSlot::new(now, directory.horizon_ends_at(now)).map(with_local_days);
        let window = possible.ok().and_then(|possible| possible.intersection(window));
        let busy = match window {
            Some(window) => {
                let moment = self.busy.moment();
                self.busy(self.db.read(), candidates, wish.patient, moment, window).await?
            }
            // None of it can be booked with anybody: nobody's book says more.
            None => Busy::Read(BusyTime::default()),
        };
        self.best(choice, wish, &busy).await.ok_or(Refusal::NoMatchingProvider)
    }
}

/// The window with all that is in reach of it, on whole local days.
fn in_reach(window: TimeSlot) -> TimeSlot {
    let from = window.starts_at().saturating_sub(REACH).unwrap_or(Timestamp::MIN);
    let to = window.ends_at().saturating_add(REACH).unwrap_or(Timestamp::MAX);
    with_local_days(TimeSlot::new(from, to).unwrap_or(window))
}

/// Another time for each visit that can't be, which is in the way of no other of the series.
fn other_times(
    series: &mut PlannedSeries<'_>,
    wish: &SeriesWish,
    provider: &Provider,
    (judged, too_many): (&[Judged], bool),
) -> Vec<Option<TimeSlot>> {
    let ever = provider.active && provider.accepts(wish.payer) && provider.offers(wish.shape.kind);
    let other = |one: &Judged| {
        let wanted = one.slot.filter(|_| ever && !too_many && !one.is_bookable())?;
        let other = series.nearest(wanted, wish.state)?;
        series.plan(other);
        Some(other)
    };
    judged.iter().map(other).collect()
}
