//! What all providers hold on some days, in memory: read whole for a day, then kept up to date change
//! by change.

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use super::ids::{AppointmentId, ProviderId};
use super::time_slot::TimeSlot;

/// No appointment is longer than a day, so none that began earlier still runs. The schema says so.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(24);

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// A day in UTC, counted from 1970.
type Day = i64;

/// What one appointment holds with its provider: nothing, a time, or two while it is moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// With whom; it never changes.
    pub provider_id: ProviderId,
    /// Which appointment.
    pub appointment_id: AppointmentId,
    /// When.
    pub slots: Vec<TimeSlot>,
}

/// What all providers hold on the days that were loaded.
#[derive(Debug, Default)]
pub struct HeldTime {
    /// A span counts for the day on which it starts.
    loaded: BTreeSet<Day>,
    /// By start.
    by_provider: HashMap<ProviderId, Vec<(TimeSlot, AppointmentId)>>,
    len: usize,
}

impl HeldTime {
    /// How many spans are in memory.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no span is in memory.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The days to load before it is known what overlaps `window`, those in a row as one span.
    pub fn missing(&self, window: TimeSlot) -> Vec<TimeSlot> {
        let mut missing: Vec<(Day, Day)> = Vec::new();
        for day in days_of(window).filter(|day| !self.loaded.contains(day)) {
            match missing.last_mut() {
                Some((_, last)) if *last + 1 == day => *last = day,
                _ => missing.push((day, day)),
            }
        }
        let span =
            |(first, last): (Day, Day)| TimeSlot::new(start_of(first), start_of(last + 1)).ok();
        missing.into_iter().filter_map(span).collect()
    }

    /// Takes over all that starts in whole `days`, as it is at the moment of the last change.
    pub fn load(&mut self, days: TimeSlot, held: impl IntoIterator<Item = Holding>) {
        let (first, last) = (day_of(days.starts_at()), day_of(last_moment(days)));
        self.loaded.extend(first..=last);
        for Holding { provider_id, appointment_id, slots } in held {
            let spans = self.by_provider.entry(provider_id).or_default();
            self.len += slots.len();
            spans.extend(slots.into_iter().map(|slot| (slot, appointment_id)));
        }
        for spans in self.by_provider.values_mut() {
            // Next to nothing to do for those who hold nothing new.
            spans.sort();
        }
    }

    /// Takes over what an appointment holds now, in place of what it held.
    pub fn change(&mut self, now: &Holding) {
        let spans = self.by_provider.entry(now.provider_id).or_default();
        self.len -= spans.len();
        spans.retain(|(_, appointment_id)| *appointment_id != now.appointment_id);
        for slot in now.slots.iter().filter(|slot| self.loaded.contains(&day_of(slot.starts_at())))
        {
            let span = (*slot, now.appointment_id);
            spans.insert(spans.partition_point(|earlier| *earlier < span), span);
        }
        self.len += spans.len();
    }

    /// Forgets the days before that of `moment`.
    pub fn forget_before(&mut self, moment: Timestamp) {
        let first = day_of(moment);
        if self.loaded.first().is_none_or(|day| *day >= first) {
            return;
        }
        self.loaded = self.loaded.split_off(&first);
        self.by_provider.retain(|_, spans| {
            spans.retain(|(slot, _)| slot.starts_at() >= start_of(first));
            !spans.is_empty()
        });
        self.len = self.by_provider.values().map(Vec::len).sum();
    }

    /// What the provider holds that overlaps `window`, by start; its days must have been loaded.
    pub fn of_provider(
        &self,
        provider_id: ProviderId,
        window: TimeSlot,
    ) -> impl Iterator<Item = TimeSlot> {
        let spans = self.by_provider.get(&provider_id).map_or(&[][..], Vec::as_slice);
        let earliest = window.starts_at().saturating_sub(LONGEST).unwrap_or(Timestamp::MIN);
        let first = spans.partition_point(|(slot, _)| slot.starts_at() < earliest);
        spans[first..]
            .iter()
            .map(|(slot, _)| *slot)
            .take_while(move |slot| slot.starts_at() < window.ends_at())
            .filter(move |slot| slot.overlaps(window))
    }
}

/// The days on which something may start that overlaps `window`.
fn days_of(window: TimeSlot) -> impl Iterator<Item = Day> {
    let earliest = window.starts_at().saturating_sub(LONGEST).unwrap_or(Timestamp::MIN);
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
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::ids::uuid_at;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 - 1_800_000_000 % SECONDS_A_DAY + hour * 3600).unwrap()
    }

    fn slot(hour: i64, hours: i64) -> TimeSlot {
        TimeSlot::new(at(hour), at(hour + hours)).unwrap()
    }

    fn id<T: From<uuid::Uuid>>(number: u64) -> T {
        uuid::Uuid::from_u64_pair(number, 7).into()
    }

    /// An appointment by number: its provider, and what it holds.
    type Book = BTreeMap<u64, (u64, Vec<TimeSlot>)>;

    fn holding((number, (provider, slots)): (&u64, &(u64, Vec<TimeSlot>))) -> Holding {
        Holding { provider_id: id(*provider), appointment_id: id(*number), slots: slots.clone() }
    }

    fn load(held: &mut HeldTime, book: &Book, window: TimeSlot) {
        for days in held.missing(window) {
            let starts = |slot: &TimeSlot| {
                days.starts_at() <= slot.starts_at() && slot.starts_at() < days.ends_at()
            };
            let of_days = book.iter().map(holding).map(|mut one| {
                one.slots.retain(starts);
                one
            });
            held.load(days, of_days);
        }
    }

    proptest! {
        #[test]
        fn it_answers_what_the_book_holds_whatever_was_loaded_and_changed_in_between(
            steps in proptest::collection::vec(
                (0_u64..6, 0_i64..120, 1_i64..=24, 0_i64..120, 1_i64..=24, 0_u8..4), 1..60),
        ) {
            let (mut held, mut book) = (HeldTime::default(), Book::new());
            for (number, hour, hours, other, other_hours, what) in steps {
                let slots = match what {
                    0 => vec![],
                    1 => vec![slot(hour, hours), slot(other, other_hours)],
                    _ => vec![slot(hour, hours)],
                };
                book.insert(number, (number % 2, slots));
                held.change(&holding((&number, &book[&number])));
                if what == 3 {
                    let window = slot(other, other_hours);
                    load(&mut held, &book, window);
                    for provider in 0..2 {
                        let mut expected: Vec<TimeSlot> = book
                            .values()
                            .filter(|(with, _)| *with == provider)
                            .flat_map(|(_, slots)| slots.iter().copied())
                            .filter(|slot| slot.overlaps(window))
                            .collect();
                        expected.sort_unstable();
                        let found: Vec<TimeSlot> = held.of_provider(id(provider), window).collect();
                        prop_assert_eq!(found, expected);
                    }
                }
            }
        }
    }

    #[test]
    fn days_in_a_row_are_loaded_as_one_and_only_once() {
        let mut held = HeldTime::default();
        // The day before as well: what began then may still run.
        assert_eq!(held.missing(slot(30, 20)), [slot(0, 72)]);
        held.load(slot(24, 24), []);
        assert_eq!(held.missing(slot(30, 20)), [slot(0, 24), slot(48, 24)]);
        held.load(slot(0, 24), []);
        held.load(slot(48, 24), []);
        assert_eq!(held.missing(slot(30, 20)), []);
    }

    #[test]
    fn days_that_are_over_are_forgotten_with_what_started_on_them() {
        let mut held = HeldTime::default();
        let one = |number, hour| Holding {
            provider_id: id(1),
            appointment_id: uuid_at(at(number)).into(),
            slots: vec![slot(hour, 1)],
        };
        held.load(slot(0, 72), [one(1, 3), one(2, 30), one(3, 60)]);
        held.forget_before(at(47));
        assert_eq!(held.len(), 2);
        assert_eq!(held.missing(slot(24, 72)), [slot(0, 24), slot(72, 24)]);
        held.forget_before(at(200));
        assert!(held.is_empty());
    }
}
