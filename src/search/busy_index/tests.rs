use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::ids::uuid_at;
use crate::domain::time_slot::merge;

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 - 1_800_000_000 % SECONDS_A_DAY + hour * 3600).unwrap()
}

fn slot(hour: i64, hours: i64) -> TimeSlot {
    TimeSlot::new(at(hour), at(hour + hours)).unwrap()
}

fn id<T: From<uuid::Uuid>>(number: u64) -> T {
    uuid::Uuid::from_u64_pair(number, 7).into()
}

/// An appointment by number: its provider, and what it holds. Every third is of a kind.
type Book = BTreeMap<u64, (u64, Vec<TimeSlot>)>;

fn kind_of(number: u64) -> Option<VisitTypeId> {
    number.is_multiple_of(3).then(|| id(100 + number))
}

fn time_of((number, (provider, slots)): (&u64, &(u64, Vec<TimeSlot>))) -> AppointmentTime {
    AppointmentTime {
        provider_id: id(*provider),
        left: None,
        appointment_id: id(*number),
        visit_type_id: kind_of(*number),
        slots: slots.clone(),
    }
}

fn load(busy: &mut BusyIndex, book: &Book, window: TimeSlot) {
    for day in busy.missing(window) {
        let starts = |slot: &TimeSlot| {
            day.starts_at() <= slot.starts_at() && slot.starts_at() < day.ends_at()
        };
        let of_day = book.iter().map(time_of).map(|mut one| {
            one.slots.retain(starts);
            one
        });
        busy.load(day, of_day);
    }
}

proptest! {
    #[test]
    fn it_answers_what_the_book_holds_whatever_was_loaded_and_changed_in_between(
        steps in proptest::collection::vec(
            (0_u64..6, 0_i64..120, 1_i64..=24, 0_i64..120, 1_i64..=24, 0_u8..4), 1..60),
    ) {
        let (mut busy, mut book) = (BusyIndex::default(), Book::new());
        for (number, hour, hours, other, other_hours, what) in steps {
            let slots = match what {
                0 => vec![],
                1 => vec![slot(hour, hours), slot(other, other_hours)],
                _ => vec![slot(hour, hours)],
            };
            book.insert(number, (number % 2, slots));
            busy.change(&time_of((&number, &book[&number])));
            if what == 3 {
                let window = slot(other, other_hours);
                load(&mut busy, &book, window);
                for provider in 0..2 {
                    let mut expected: Vec<(TimeSlot, Option<VisitTypeId>)> = book
                        .iter()
                        .filter(|(_, (with, _))| *with == provider)
                        .flat_map(|(number, (_, slots))| {
                            slots.iter().map(|slot| (*slot, kind_of(*number)))
                        })
                        .filter(|(slot, _)| slot.overlaps(window))
                        .collect();
                    expected.sort_unstable();
                    let found = busy.of_provider(id(provider), window).to_vec();
                    prop_assert!(found.is_sorted());
                    let whole: Vec<TimeSlot> =
                        found.iter().copied().filter(|slot| slot.overlaps(window)).collect();
                    let cut = |spans: &[TimeSlot]| -> Vec<TimeSlot> {
                        merge(spans.iter().filter_map(|span| span.intersection(window)).collect())
                    };
                    let runs = busy.runs_of(id(provider), window);
                    prop_assert!(runs.windows(2).all(|two| two[0].ends_at() < two[1].starts_at()));
                    prop_assert_eq!(cut(runs), cut(&whole));
                    let starts = whole.iter().filter(|slot| slot.starts_at() >= window.starts_at());
                    let period = window.starts_at()..window.ends_at();
                    prop_assert_eq!(busy.count_starts(id(provider), &period), starts.count());
                    let mut kinds = busy.kinds_of(id(provider), window).to_vec();
                    prop_assert!(kinds.is_empty() || kinds.len() == found.len());
                    kinds.resize(found.len(), None);
                    let mut found: Vec<_> = found.into_iter().zip(kinds).collect();
                    found.retain(|(slot, _)| slot.overlaps(window));
                    found.sort_unstable();
                    prop_assert_eq!(found, expected);
                }
            }
        }
    }
}

#[test]
fn each_day_is_loaded_once_and_the_day_before_as_well() {
    let mut busy = BusyIndex::default();
    // What began the day before may still run.
    assert_eq!(busy.missing(slot(30, 20)), [slot(0, 24), slot(24, 24), slot(48, 24)]);
    busy.load(slot(24, 24), []);
    assert_eq!(busy.missing(slot(30, 20)), [slot(0, 24), slot(48, 24)]);
    busy.load(slot(0, 24), []);
    busy.load(slot(48, 24), []);
    assert_eq!(busy.missing(slot(30, 20)), []);
}

#[test]
fn days_that_are_over_are_forgotten_with_what_started_on_them() {
    let mut busy = BusyIndex::default();
    let one = |number, hour| AppointmentTime {
        left: None,
        provider_id: id(1),
        appointment_id: uuid_at(at(number)).into(),
        visit_type_id: None,
        slots: vec![slot(hour, 1)],
    };
    busy.load(slot(0, 24), [one(1, 3)]);
    busy.load(slot(24, 24), [one(2, 30)]);
    busy.load(slot(48, 24), [one(3, 60)]);
    busy.forget_before(at(47));
    assert_eq!(busy.len(), 2);
    assert_eq!(busy.missing(slot(24, 72)), [slot(0, 24), slot(72, 24)]);
    busy.forget_before(at(200));
    assert!(busy.is_empty());
}
