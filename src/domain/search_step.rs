//! One step of a search for free time: a stretch of starts, and who could be free in it.
//!
//! A search widens in a few steps until it has found enough or reaches the booking horizon. Each
//! says first of which window it has to know when its providers are busy, and judges after.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::availability::{Calendar, OfferGrid, open_for, with_starts};
use super::busy::{BusyByProvider, not_offered};
use super::eligibility::licensed_parts;
use super::ids::ProviderId;
use super::patient_clock::PatientClock;
use super::patient_hours::PatientHours;
use super::provider::Provider;
use super::ranking::{LocalDays, RankedOffer};
use super::time_slot::{TimeSlot, VisitLength};
use super::us_state::UsState;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// Read on both sides of a window, so that the whole local day of each offer is known.
const A_LOCAL_DAY: SignedDuration = SignedDuration::from_hours(25);

/// The stretches of a search for starts in `[from, end)`, the last of which reaches the end: at most
/// one more than there are `reaches`.
pub fn stretches(
    from: Timestamp,
    reaches: &[SignedDuration],
    end: Timestamp,
) -> impl Iterator<Item = TimeSlot> {
    let edge = move |reach: &SignedDuration| from.saturating_add(*reach).unwrap_or(end).min(end);
    let mut begins_at = from;
    reaches.iter().map(edge).chain([end]).filter_map(move |ends_at| {
        TimeSlot::new(std::mem::replace(&mut begins_at, ends_at), ends_at).ok()
    })
}

/// The window and the whole local days, wherever, that it has a part of.
pub fn with_local_days(window: TimeSlot) -> TimeSlot {
    let from = window.starts_at().saturating_sub(A_LOCAL_DAY).unwrap_or(Timestamp::MIN);
    let to = window.ends_at().saturating_add(A_LOCAL_DAY).unwrap_or(Timestamp::MAX);
    TimeSlot::new(from, to).unwrap_or(window)
}

/// The end of a half-open span that still has `last` in it.
pub fn just_after(last: Timestamp) -> Timestamp {
    last.saturating_add(SignedDuration::from_secs(1)).unwrap_or(Timestamp::MAX)
}

/// A stretch of starts, with what is worked out once for all providers who have it in common: the
/// weeks they work.
pub struct SearchStep<'a> {
    providers: &'a [Arc<Provider>],
    starts: TimeSlot,
    length: VisitLength,
    window: TimeSlot,
    /// By where the week is in memory: providers who work the same share it.
    stretches: HashMap<usize, Vec<Stretch>>,
}

/// A stretch of starts, and the open spans in which these visits lie.
struct Stretch {
    starts: TimeSlot,
    open: Vec<TimeSlot>,
}

impl<'a> SearchStep<'a> {
    /// The step for visits of `length` that start inside `starts`; where `hours` are given, which are
    /// in order and apart, only inside these.
    pub fn new(
        providers: &'a [Arc<Provider>],
        starts: TimeSlot,
        length: VisitLength,
        hours: Option<&[TimeSlot]>,
    ) -> Self {
        let latest_end =
            starts.ends_at().saturating_add(length.duration()).unwrap_or(Timestamp::MAX);
        // What ends as the step begins is known as well: its end is offered.
        let just_before = starts.starts_at().saturating_sub(MINUTE).unwrap_or(Timestamp::MIN);
        let window = TimeSlot::new(just_before, latest_end).unwrap_or(starts);
        let mut step = Self { providers, starts, length, window, stretches: HashMap::new() };
        for provider in providers {
            let key = Arc::as_ptr(&provider.schedule).addr();
            if step.stretches.contains_key(&key) {
                continue;
            }
            if providers.len() > 1 {
                step.widen_to_days_of(provider);
            }
            let open = open_for(&provider.schedule, starts, length);
            let stretches = match hours {
                Some(hours) => inside(hours, &open, length),
                None => vec![Stretch { starts, open }],
            };
            step.stretches.insert(key, stretches);
        }
        step
    }

    fn widen_to_days_of(&mut self, provider: &Provider) {
        let first = provider.whole_day_of(self.starts.starts_at()).start;
        let last = provider.whole_day_of(self.starts.ends_at()).end;
        let (from, to) = (self.window.starts_at(), self.window.ends_at());
        self.window = TimeSlot::new(from.min(first), to.max(last)).unwrap_or(self.window);
    }

    /// Whether anybody works at all when a visit could start: else nobody has to be asked.
    pub fn is_open(&self) -> bool {
        self.stretches.values().flatten().any(|stretch| !stretch.open.is_empty())
    }

    /// Of when it has to be known who is busy: from the first offer to the end of the last visit;
    /// where there is more than one provider, from the start of the local day to the end of it,
    /// wherever anybody works, for among equals the visits of the whole day count.
    pub fn window(&self) -> TimeSlot {
        self.window
    }

    /// The offers of each provider, in order, at most as many as `wanted` of them; neither the
    /// provider is busy then nor is the patient, whose visits are `of_patient`, and the scheduling
    /// service has not refused it of late.
    pub fn offers(
        &self,
        busy: &impl BusyByProvider,
        of_patient: &[TimeSlot],
        state: Option<UsState>,
        grid: OfferGrid,
        wanted: impl Fn(ProviderId) -> usize,
    ) -> Vec<RankedOffer> {
        let mut days = LocalDays::default();
        let mut offered = Vec::new();
        for provider in self.providers {
            let not_free = not_offered(busy, provider.id, self.length, of_patient);
            let calendar = Calendar::new(&provider.schedule, not_free);
            let parts = licensed_parts(provider, state, self.starts);
            let stretches = self.stretches(provider).iter().flat_map(|stretch| {
                let parts = parts.iter().filter_map(|part| part.intersection(stretch.starts));
                parts.map(|part| (part, &stretch.open))
            });
            let offers = stretches.flat_map(|(part, open)| {
                calendar.offers_in(open.iter().copied(), part, self.length, grid)
            });
            let offers = offers.take(wanted(provider.id));
            offered.extend(offers.map(|slot| days.ranked(provider, busy, slot)));
        }
        offered
    }

    fn stretches(&self, provider: &Provider) -> &[Stretch] {
        let key = Arc::as_ptr(&provider.schedule).addr();
        self.stretches.get(&key).map_or(&[], Vec::as_slice)
    }
}

/// Those of `hours` in which a visit can start, each with the open spans that it can start in.
fn inside(hours: &[TimeSlot], open: &[TimeSlot], length: VisitLength) -> Vec<Stretch> {
    let open = with_starts(open, length);
    let of_hours = hours.iter().filter_map(|hours| {
        let from = open.partition_point(|(starts, _)| starts.ends_at() <= hours.starts_at());
        let met =
            open[from..].iter().take_while(|(starts, _)| starts.starts_at() < hours.ends_at());
        let open: Vec<TimeSlot> = met.map(|(_, open)| *open).collect();
        (!open.is_empty()).then_some(Stretch { starts: *hours, open })
    });
    of_hours.collect()
}

/// Those of `providers` with whom a visit of that length can ever start within the patient's hours in
/// `period`, whoever is busy.
pub fn who_ever_meet(
    providers: &[Arc<Provider>],
    hours: PatientHours,
    clock: &PatientClock,
    length: VisitLength,
    period: TimeSlot,
) -> Vec<Arc<Provider>> {
    let mut known: HashMap<usize, bool> = HashMap::new();
    let meets = |provider: &&Arc<Provider>| {
        let schedule = &provider.schedule;
        let key = Arc::as_ptr(schedule).addr();
        *known.entry(key).or_insert_with(|| hours.ever_meet(clock, schedule, length, period))
    };
    providers.iter().filter(meets).map(Arc::clone).collect()
}
