//! One step of a search for free time: a stretch of starts, and who could be free in it.
//!
//! A search widens in a few steps until it has found enough or reaches the booking horizon. Each
//! says first of which window it has to know when its providers are busy, and judges after.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::availability::{open_for, with_starts};
use super::busy::BusyByProvider;
use super::ids::ProviderId;
use super::openings::{Openings, Sought};
use super::patient_clock::PatientClock;
use super::patient_hours::PatientHours;
use super::provider::Provider;
use super::ranking::{LocalDays, RankedOffer};
use super::time_slot::{TimeSlot, VisitLength};
use super::visit_type::Buffers;

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

/// A stretch of starts, with what is worked out once for all providers who have it in common: the
/// weeks they work.
pub struct SearchStep<'a> {
    providers: &'a [Arc<Provider>],
    sought: Sought<'a>,
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
    /// The step for what is sought; where `hours` are given, which are in order and apart, only inside
    /// these.
    pub fn new(
        providers: &'a [Arc<Provider>],
        sought: Sought<'a>,
        hours: Option<&[TimeSlot]>,
    ) -> Self {
        let (starts, length) = (sought.starts, sought.shape.length);
        let mut step =
            Self { providers, sought, window: sought.window(), stretches: HashMap::new() };
        let mut widest = Buffers::default();
        for provider in providers {
            widest = widest.larger(provider.widest_buffers());
            let key = Arc::as_ptr(&provider.schedule).addr();
            let is_known = step.stretches.contains_key(&key);
            if (providers.len() > 1 && !is_known) || provider.rules.most_a_day.is_some() {
                step.widen_to_days_of(provider);
            }
            if is_known {
                continue;
            }
            let open = open_for(&provider.schedule, starts, length);
            let stretches = match hours {
                Some(hours) => inside(hours, &open, length),
                None => vec![Stretch { starts, open }],
            };
            step.stretches.insert(key, stretches);
        }
        step.widen_by(widest);
        step
    }

    /// What is near enough to be in the way counts as well.
    fn widen_by(&mut self, buffers: Buffers) {
        let reach = buffers.before().max(buffers.after());
        let from = self.window.starts_at().saturating_sub(reach).unwrap_or(Timestamp::MIN);
        let to = self.window.ends_at().saturating_add(reach).unwrap_or(Timestamp::MAX);
        self.window = TimeSlot::new(from, to).unwrap_or(self.window);
    }

    fn widen_to_days_of(&mut self, provider: &Provider) {
        let first = provider.whole_day_of(self.sought.starts.starts_at()).start;
        let last = provider.whole_day_of(self.sought.starts.ends_at()).end;
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

    /// The offers of each provider, in order, at most as many as `wanted` of them, when neither the
    /// provider is busy nor the patient is, whose visits are `of_patient`, and the scheduling service has
    /// not refused it of late.
    pub fn offers(
        &self,
        busy: &impl BusyByProvider,
        of_patient: &[TimeSlot],
        wanted: impl Fn(ProviderId) -> usize,
    ) -> Vec<RankedOffer> {
        let mut days = LocalDays::default();
        let mut offered = Vec::new();
        let sought = Sought { of_patient, ..self.sought };
        for provider in self.providers {
            let openings = Openings::of(provider, &sought, busy);
            let stretches = self.stretches(provider).iter();
            let offers =
                stretches.flat_map(|stretch| openings.offers_in(stretch.starts, &stretch.open));
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
