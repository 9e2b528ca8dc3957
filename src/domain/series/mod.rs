//! The visits of a series with one provider, which are judged in order: each as if those before it that can be
//! booked were booked already.

mod book;

use jiff::{SignedDuration, Timestamp};

use self::book::ProviderBook;
use super::busy::{BusyByProvider, BusyTime};
use super::judge::{Judge, Judged, Reason};
use super::openings::{Openings, Sought};
use super::provider::Provider;
use super::search_step::with_local_days;
use super::time_slot::TimeSlot;
use super::us_state::UsState;
use super::visit_type::VisitShape;

/// How far from the time that was asked for another one is looked for, on either side, where there is none on
/// the same day.
pub const REACH: SignedDuration = SignedDuration::from_hours(14 * 24);
/// The same, first.
const NEARER: SignedDuration = SignedDuration::from_hours(3 * 24);

/// Whose time is looked for in the book of a series.
#[derive(Debug, Clone, Copy)]
pub struct SeriesVisit<'a> {
    /// How long, and of which kind.
    pub shape: VisitShape,
    /// When the patient is busy, in any order.
    pub of_patient: &'a [TimeSlot],
    /// Now.
    pub now: Timestamp,
}

/// A series with one provider, as far as it is planned.
pub struct PlannedSeries<'a> {
    provider: &'a Provider,
    visit: SeriesVisit<'a>,
    book: ProviderBook,
    planned: Vec<TimeSlot>,
}

impl<'a> PlannedSeries<'a> {
    /// A series of which nothing is planned yet. `busy` tells of the whole local days around all of it, and of
    /// what lies in reach of other times.
    pub fn new(provider: &'a Provider, visit: SeriesVisit<'a>, busy: &impl BusyByProvider) -> Self {
        let book = ProviderBook::of(provider.id, busy);
        Self { provider, visit, book, planned: Vec::new() }
    }

    /// Every reason why it can't have that visit, in the order in which they are told.
    pub fn reasons(&self, slot: TimeSlot) -> Vec<Reason> {
        let kind = self.visit.shape.kind;
        let (busy, of_patient) = (self.book_near(slot), self.of_patient(slot));
        let visit = Judged { slot, kind, of_patient: &of_patient, now: self.visit.now };
        Judge::of(visit).reasons(self.provider, &busy)
    }

    /// Takes a visit as booked.
    pub fn plan(&mut self, slot: TimeSlot) {
        self.planned.push(slot);
    }

    /// Whether a span is a visit of this series.
    pub fn has(&self, span: TimeSlot) -> bool {
        self.planned.contains(&span)
    }

    /// The offered time that is nearest to one that can't be: on the same local day if there is any. By the
    /// licences for `state`.
    pub fn nearest(&self, wanted: TimeSlot, state: UsState) -> Option<TimeSlot> {
        let day = self.provider.whole_day_of(wanted.starts_at());
        let around = |reach: SignedDuration| {
            let from = wanted.starts_at().saturating_sub(reach).unwrap_or(Timestamp::MIN);
            let to = wanted.starts_at().saturating_add(reach).unwrap_or(Timestamp::MAX);
            TimeSlot::new(from, to).ok()
        };
        let windows = [TimeSlot::new(day.start, day.end).ok(), around(NEARER), around(REACH)];
        let distance = |offer: &TimeSlot| {
            let distance = offer.starts_at().duration_since(wanted.starts_at());
            (distance.abs(), distance)
        };
        windows.into_iter().flatten().find_map(|starts| {
            let (shape, now) = (self.visit.shape, self.visit.now);
            let of_patient = self.of_patient(with_local_days(starts));
            let sought = Sought { shape, starts, state: Some(state), of_patient: &of_patient, now };
            let busy = self.book_near(starts);
            Openings::of(self.provider, &sought, &busy).offers().min_by_key(distance)
        })
    }

    /// When the provider is busy on the local days around a window, with what is planned.
    fn book_near(&self, window: TimeSlot) -> BusyTime {
        let window = with_local_days(window);
        let mut busy = self.book.near(window);
        for slot in self.planned.iter().filter(|slot| slot.overlaps(window)) {
            busy.add_of_provider(self.provider.id, *slot, self.visit.shape.kind);
        }
        busy
    }

    /// When the patient is, with what is planned.
    fn of_patient(&self, window: TimeSlot) -> Vec<TimeSlot> {
        let all = self.visit.of_patient.iter().chain(&self.planned);
        all.filter(|slot| slot.overlaps(window)).copied().collect()
    }
}
