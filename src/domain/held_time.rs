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

/// Who knows what providers hold.
pub trait HeldByProvider {
    /// What the provider holds, in any order.
    fn of_provider(&self, provider_id: ProviderId) -> &[TimeSlot];
}

/// What all providers hold on the days that were loaded.
#[derive(Debug, Default)]
pub struct HeldTime {
    /// A span counts for the day on which it starts.
    loaded: BTreeSet<Day>,
    by_provider: HashMap<ProviderId, Spans>,
    len: usize,
}

/// Spans by start, and beside each the appointment that holds it.
#[derive(Debug, Default)]
struct Spans {
    slots: Vec<TimeSlot>,
    holders: Vec<AppointmentId>,
}

impl Spans {
    fn retain(&mut self, keep: impl Fn(TimeSlot, AppointmentId) -> bool) {
        let both = self.slots.drain(..).zip(self.holders.drain(..));
        let kept: Vec<_> = both.filter(|(slot, holder)| keep(*slot, *holder)).collect();
        (self.slots, self.holders) = kept.into_iter().unzip();
    }

    fn extend(&mut self, more: impl IntoIterator<Item = (TimeSlot, AppointmentId)>) {
        let both = self.slots.drain(..).zip(self.holders.drain(..));
        let mut all: Vec<_> = both.chain(more).collect();
        all.sort_unstable();
        (self.slots, self.holders) = all.into_iter().unzip();
    }
}

/// What is held that may overlap a window.
#[derive(Debug, Clone, Copy)]
pub struct InWindow<'a> {
    held: &'a HeldTime,
    window: TimeSlot,
}

impl HeldByProvider for InWindow<'_> {
    fn of_provider(&self, provider_id: ProviderId) -> &[TimeSlot] {
        let Some(spans) = self.held.by_provider.get(&provider_id) else { return &[] };
        let earliest = self.window.starts_at().saturating_sub(LONGEST).unwrap_or(Timestamp::MIN);
        let first = first_from(&spans.slots, earliest);
        let from_first = &spans.slots[first..];
        &from_first[..first_from_near(from_first, 0, self.window.ends_at())]
    }
}

/// Where the first slot is that starts at `moment` or later, of slots in order: near to where it
/// would be if they were spread evenly. A search by halves would wander all over the memory of
/// each of a thousand providers.
fn first_from(slots: &[TimeSlot], moment: Timestamp) -> usize {
    let (Some(first), Some(last)) = (slots.first(), slots.last()) else { return 0 };
    let second = |moment: Timestamp| i128::from(moment.as_second());
    let (begin, end) = (second(first.starts_at()), second(last.starts_at()));
    let place = i128::try_from(slots.len()).unwrap_or_default() * (second(moment) - begin)
        / (end - begin).max(1);
    first_from_near(slots, usize::try_from(place.max(0)).unwrap_or(usize::MAX), moment)
}

fn first_from_near(slots: &[TimeSlot], guess: usize, moment: Timestamp) -> usize {
    let is_before = |slot: &TimeSlot| slot.starts_at() < moment;
    let guess = guess.min(slots.len());
    let mut reach = 4;
    loop {
        let (low, high) = (guess.saturating_sub(reach), (guess + reach).min(slots.len()));
        let begins_low_enough = low == 0 || is_before(&slots[low - 1]);
        let ends_high_enough = high == slots.len() || !is_before(&slots[high]);
        if begins_low_enough && ends_high_enough {
            return low + slots[low..high].partition_point(is_before);
        }
        reach *= 4;
    }
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

    /// The days to load, each by itself, before it is known what overlaps `window`.
    pub fn missing(&self, window: TimeSlot) -> Vec<TimeSlot> {
        let missing = days_of(window).filter(|day| !self.loaded.contains(day));
        missing.filter_map(|day| TimeSlot::new(start_of(day), start_of(day + 1)).ok()).collect()
    }

    /// Takes over all that starts on a day, as it is at the moment of the last change.
    pub fn load(&mut self, day: TimeSlot, held: impl IntoIterator<Item = Holding>) {
        self.loaded.insert(day_of(day.starts_at()));
        let mut more: HashMap<ProviderId, Vec<(TimeSlot, AppointmentId)>> = HashMap::new();
        for Holding { provider_id, appointment_id, slots } in held {
            self.len += slots.len();
            let spans = slots.into_iter().map(|slot| (slot, appointment_id));
            more.entry(provider_id).or_default().extend(spans);
        }
        for (provider_id, spans) in more {
            self.by_provider.entry(provider_id).or_default().extend(spans);
        }
    }

    /// Takes over what an appointment holds now, in place of what it held.
    pub fn change(&mut self, now: &Holding) {
        let spans = self.by_provider.entry(now.provider_id).or_default();
        self.len -= spans.slots.len();
        if spans.holders.contains(&now.appointment_id) {
            spans.retain(|_, holder| holder != now.appointment_id);
        }
        for slot in now.slots.iter().filter(|slot| self.loaded.contains(&day_of(slot.starts_at())))
        {
            let at = spans.slots.partition_point(|earlier| earlier < slot);
            spans.slots.insert(at, *slot);
            spans.holders.insert(at, now.appointment_id);
        }
        self.len += spans.slots.len();
    }

    /// Forgets the days before that of `moment`.
    pub fn forget_before(&mut self, moment: Timestamp) {
        let first = day_of(moment);
        if self.loaded.first().is_none_or(|day| *day >= first) {
            return;
        }
        self.loaded = self.loaded.split_off(&first);
        self.by_provider.retain(|_, spans| {
            spans.retain(|slot, _| slot.starts_at() >= start_of(first));
            !spans.slots.is_empty()
        });
        self.len = self.by_provider.values().map(|spans| spans.slots.len()).sum();
    }

    /// What is held that may overlap `window`, whose days must have been loaded.
    pub fn within(&self, window: TimeSlot) -> InWindow<'_> {
        InWindow { held: self, window }
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
        for day in held.missing(window) {
            let starts = |slot: &TimeSlot| {
                day.starts_at() <= slot.starts_at() && slot.starts_at() < day.ends_at()
            };
            let of_day = book.iter().map(holding).map(|mut one| {
                one.slots.retain(starts);
                one
            });
            held.load(day, of_day);
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
                        let mut found = held.within(window).of_provider(id(provider)).to_vec();
                        prop_assert!(found.is_sorted());
                        found.retain(|slot| slot.overlaps(window));
                        prop_assert_eq!(found, expected);
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_guess_finds_the_same_place_as_halving(
            hours in proptest::collection::btree_set(prop_oneof![0_i64..50, 0_i64..5000], 0..300),
            hour in -10_i64..5010,
        ) {
            let slots: Vec<TimeSlot> = hours.into_iter().map(|hour| slot(hour, 1)).collect();
            let place = slots.partition_point(|slot| slot.starts_at() < at(hour));
            prop_assert_eq!(first_from(&slots, at(hour)), place);
        }
    }

    #[test]
    fn each_day_is_loaded_once_and_the_day_before_as_well() {
        let mut held = HeldTime::default();
        // What began the day before may still run.
        assert_eq!(held.missing(slot(30, 20)), [slot(0, 24), slot(24, 24), slot(48, 24)]);
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
        held.load(slot(0, 24), [one(1, 3)]);
        held.load(slot(24, 24), [one(2, 30)]);
        held.load(slot(48, 24), [one(3, 60)]);
        held.forget_before(at(47));
        assert_eq!(held.len(), 2);
        assert_eq!(held.missing(slot(24, 72)), [slot(0, 24), slot(72, 24)]);
        held.forget_before(at(200));
        assert!(held.is_empty());
    }
}
