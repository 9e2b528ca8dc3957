//! When all providers are busy on some days: read whole for a day, then kept up to date change by
//! change. A copy shares with the original what was not changed in either since.

mod held;
mod spans;

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use self::held::HeldBook;
use self::spans::{BusySpans, Visit};
use crate::domain::busy::{AppointmentTime, HeldChange, HeldTime, LONGEST_APPOINTMENT};
use crate::domain::{AppointmentId, ProviderId, TimeSlot, VisitTypeId};

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// A day in UTC, counted from 1970.
type Day = i64;

/// When all providers are busy on the days that were loaded.
#[derive(Debug, Default, Clone)]
pub struct BusyIndex {
    /// A span counts for the day on which it starts.
    loaded: BTreeSet<Day>,
    by_provider: HashMap<ProviderId, Arc<BusySpans>>,
    len: usize,
    /// Times that the scheduling service has refused of late; few.
    refused: Arc<HashMap<ProviderId, Vec<TimeSlot>>>,
    /// What is held without being an appointment, on whatever day.
    held: Arc<HeldBook>,
}

impl BusyIndex {
    /// How many spans are in memory.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no span is in memory.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The days to load, each by itself, before it is known what overlaps `window`.
    pub fn missing(&self, window: TimeSlot) -> Vec<TimeSlot> {
        let missing = days_of(window).filter(|day| !self.loaded.contains(day));
        missing.filter_map(|day| TimeSlot::new(start_of(day), start_of(day + 1)).ok()).collect()
    }

    /// Takes over all that starts on a day, as it is at the moment of the last change.
    pub fn load(&mut self, day: TimeSlot, busy: impl IntoIterator<Item = AppointmentTime>) {
        self.loaded.insert(day_of(day.starts_at()));
        let mut more: HashMap<ProviderId, Vec<(TimeSlot, Visit)>> = HashMap::new();
        for time in busy {
            self.len += time.slots.len();
            let visit = Visit::of(&time);
            let spans = time.slots.into_iter().map(|slot| (slot, visit));
            more.entry(time.provider_id).or_default().extend(spans);
        }
        for (provider_id, spans) in more {
            Arc::make_mut(self.by_provider.entry(provider_id).or_default()).extend(spans);
        }
    }

    /// Takes over the time of an appointment as it is now, in place of what it was, with whomever.
    pub fn change(&mut self, now: &AppointmentTime) {
        let id = now.appointment_id;
        if let Some(left) = now.left
            && let Some(spans) = self.by_provider.get_mut(&left)
            && spans.have(id)
        {
            self.len -= Arc::make_mut(spans).remove(id);
        }
        let spans = Arc::make_mut(self.by_provider.entry(now.provider_id).or_default());
        self.len -= spans.remove(id);
        for slot in now.slots.iter().filter(|slot| self.loaded.contains(&day_of(slot.starts_at())))
        {
            spans.insert(*slot, Visit::of(now));
            self.len += 1;
        }
    }

    /// The spans of a provider's that an earlier copy has and this one has not, each with its appointment: what was
    /// there is gone, or is of another kind.
    pub fn gone_since(&self, before: &Self, id: ProviderId) -> Vec<(TimeSlot, AppointmentId)> {
        match (before.by_provider.get(&id), self.by_provider.get(&id)) {
            (None, _) => Vec::new(),
            (Some(was), Some(is)) if Arc::ptr_eq(was, is) => Vec::new(),
            (Some(was), is) => was.but(is.map(Arc::as_ref)).collect(),
        }
    }

    /// Takes over what has changed of what is held without being an appointment.
    pub fn hold(&mut self, changes: &[HeldChange]) {
        if !changes.is_empty() {
            Arc::make_mut(&mut self.held).change(changes);
        }
    }

    /// What of the provider's time is held at `now` without being an appointment, in any order.
    pub fn held_of(&self, provider_id: ProviderId, now: Timestamp) -> &[HeldTime] {
        self.held.of_provider(provider_id, now)
    }

    /// Takes over all that was refused of late, in place of what was before.
    pub fn refuse(&mut self, refused: Vec<(ProviderId, TimeSlot)>) {
        if refused.is_empty() && self.refused.is_empty() {
            return;
        }
        let mut by_provider: HashMap<ProviderId, Vec<TimeSlot>> = HashMap::new();
        for (provider_id, slot) in refused {
            by_provider.entry(provider_id).or_default().push(slot);
        }
        self.refused = Arc::new(by_provider);
    }

    /// Which times of the provider's were refused of late, in any order.
    pub fn refused_of(&self, provider_id: ProviderId) -> &[TimeSlot] {
        self.refused.get(&provider_id).map_or(&[], Vec::as_slice)
    }

    /// Forgets the days before that of `moment`.
    pub fn forget_before(&mut self, moment: Timestamp) {
        let first = day_of(moment);
        if self.loaded.first().is_none_or(|day| *day >= first) {
            return;
        }
        self.loaded = self.loaded.split_off(&first);
        self.by_provider.retain(|_, spans| {
            let spans = Arc::make_mut(spans);
            spans.retain(|slot, _| slot.starts_at() >= start_of(first));
            !spans.slots().is_empty()
        });
        self.len = self.by_provider.values().map(|spans| spans.slots().len()).sum();
    }

    /// When the provider is busy that may overlap `window`, in order; its days must have been loaded.
    pub fn of_provider(&self, provider_id: ProviderId, window: TimeSlot) -> &[TimeSlot] {
        let Some(spans) = self.by_provider.get(&provider_id) else { return &[] };
        &spans.slots()[near(spans, window)]
    }

    /// The same time in runs without a break, as far as it overlaps `window`: in order and apart.
    pub fn runs_of(&self, provider_id: ProviderId, window: TimeSlot) -> &[TimeSlot] {
        self.by_provider.get(&provider_id).map_or(&[], |spans| spans.runs(window))
    }

    /// How many of the provider's visits start in `period`, whose days must have been loaded.
    pub fn count_starts(&self, provider_id: ProviderId, period: &Range<Timestamp>) -> usize {
        let Some(spans) = self.by_provider.get(&provider_id) else { return 0 };
        spans.first_from(period.end).saturating_sub(spans.first_from(period.start))
    }

    /// The same but for the time of one appointment with that provider; all others are shared.
    #[must_use]
    pub fn without(&self, provider_id: ProviderId, appointment: AppointmentId) -> Self {
        let mut without = self.clone();
        if let Some(spans) = without.by_provider.get_mut(&provider_id) {
            without.len -= Arc::make_mut(spans).remove(appointment);
        }
        without
    }

    /// What is known of one provider, and of nobody else, but for what is held or was refused.
    #[must_use]
    pub fn of_one(&self, provider_id: ProviderId) -> Self {
        let spans = self.by_provider.get(&provider_id);
        Self {
            loaded: self.loaded.clone(),
            by_provider: spans.map(|spans| (provider_id, Arc::clone(spans))).into_iter().collect(),
            len: spans.map_or(0, |spans| spans.slots().len()),
            ..Self::default()
        }
    }

    /// Of which kind each of these is, in the same order; none where nothing of the provider's is of any
    /// kind.
    pub fn kinds_of(&self, provider_id: ProviderId, window: TimeSlot) -> &[Option<VisitTypeId>] {
        let Some(spans) = self.by_provider.get(&provider_id) else { return &[] };
        spans.kinds().map_or(&[], |kinds| &kinds[near(spans, window)])
    }
}

/// Which of the spans may overlap `window`.
fn near(spans: &BusySpans, window: TimeSlot) -> Range<usize> {
    let earliest = window.starts_at().saturating_sub(LONGEST_APPOINTMENT).unwrap_or(Timestamp::MIN);
    let first = spans.first_from(earliest);
    first..spans.first_from(window.ends_at()).max(first)
}

/// The days on which something may start that overlaps `window`.
fn days_of(window: TimeSlot) -> impl Iterator<Item = Day> {
    let earliest = window.starts_at().saturating_sub(LONGEST_APPOINTMENT).unwrap_or(Timestamp::MIN);
    day_of(earliest)..=day_of(last_moment(window))
}

fn last_moment(window: TimeSlot) -> Timestamp {
    let nanosecond = SignedDuration::from_nanos(1);
    window.ends_at().saturating_sub(nanosecond).unwrap_or(Timestamp::MIN)
}

fn day_of(moment: Timestamp) -> Day {
    // Below the epoch as_second() rounds up where there is a part of a second.
    moment
        .as_nanosecond()
        .div_euclid(i128::from(SECONDS_A_DAY) * 1_000_000_000)
        .try_into()
        .unwrap_or(Day::MAX)
}

fn start_of(day: Day) -> Timestamp {
    let limit = if day < 0 { Timestamp::MIN } else { Timestamp::MAX };
    day.checked_mul(SECONDS_A_DAY)
        .and_then(|second| Timestamp::from_second(second).ok())
        .unwrap_or(limit)
}

#[cfg(test)]
mod tests;
