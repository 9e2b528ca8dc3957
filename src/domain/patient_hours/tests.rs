//! Against a naive reading of the clock on the patient's wall, minute by minute.

use std::sync::Arc;

use jiff::civil::Weekday;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::domain::availability::{Calendar, OfferGrid};
use crate::domain::busy::BusyTime;
use crate::domain::openings::Sought;
use crate::domain::search_step::SearchStep;
use crate::domain::{
    BookingRules, OwnRules, Provider, ProviderId, UsState, VisitShape, WorkingHours, zone_named,
};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn hours(earliest: &str, latest: &str) -> PatientHours {
    PatientHours::new(earliest.parse().unwrap(), latest.parse().unwrap()).unwrap()
}

fn clock(state: &str) -> PatientClock {
    PatientClock::of(UsState::parse(state).unwrap(), None)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn both_ends_belong_to_the_hours_and_the_next_minute_does_not() {
    let (usual, seattle) = (PatientHours::default(), clock("WA"));
    for (moment, admitted) in [
        ("2027-01-15T14:59:00Z", false),
        ("2027-01-15T15:00:00Z", true),
        ("2027-01-16T05:00:00Z", true),
        ("2027-01-16T05:01:00Z", false),
    ] {
        assert_eq!(usual.admit(&seattle, at(moment)), admitted, "{moment}");
    }
    assert_eq!(usual.earliest().to_string(), "07:00");
    assert_eq!(usual.latest().to_string(), "21:00");
    assert!(PatientHours::new(LocalTime::from_hour(9), LocalTime::from_hour(8)).is_none());
    assert!(hours("00:00", "24:00").are_the_whole_day() && !usual.are_the_whole_day());
}

#[test]
fn a_time_that_comes_twice_counts_twice_and_one_that_is_skipped_not_at_all() {
    let night = hours("01:30", "02:15");
    let minutes = |from: &str, to: &str| -> i64 {
        let window = TimeSlot::new(at(from), at(to)).unwrap();
        night.within(&clock("NY"), window).iter().map(|span| span.minutes()).sum()
    };
    assert_eq!(minutes("2027-01-15T05:00:00Z", "2027-01-16T05:00:00Z"), 46);
    assert_eq!(minutes("2027-03-14T05:00:00Z", "2027-03-15T04:00:00Z"), 30);
    assert_eq!(minutes("2027-11-07T04:00:00Z", "2027-11-08T05:00:00Z"), 30 + 30 + 16);
}

/// A week, the patient's hours and clock, and a window around a change of either clock.
#[derive(Debug, Clone)]
struct Case {
    zone: TimeZone,
    week: Vec<WorkingHours>,
    hours: PatientHours,
    clock: PatientClock,
    window: TimeSlot,
    length: VisitLength,
    busy: Vec<(i64, i64)>,
}

impl Case {
    fn schedule(&self) -> WeeklySchedule {
        WeeklySchedule::new(self.week.clone(), self.zone.clone())
    }

    /// What a clock on the wall says.
    fn admitted(&self, moment: Timestamp) -> bool {
        let wall = self.clock.zone().to_datetime(moment).time().strftime("%H:%M").to_string();
        (self.hours.earliest().to_string()..=self.hours.latest().to_string()).contains(&wall)
    }

    fn minutes(&self) -> impl Iterator<Item = Timestamp> {
        let count = self.window.minutes();
        let from = self.window.starts_at();
        (0..count).map(move |minute| from + MINUTE * i32::try_from(minute).unwrap())
    }
}

fn time_of_day() -> impl Strategy<Value = LocalTime> {
    (0_u16..96).prop_map(|quarter| LocalTime::from_minutes(quarter * 15).unwrap())
}

fn case(days: i64) -> impl Strategy<Value = Case> {
    let zones =
        ["America/New_York", "America/Los_Angeles", "America/Phoenix", "Pacific/Guam", "UTC"];
    let states = ["CT", "WA", "AZ", "HI", "GU", "AK", "TN"];
    let weekdays = (0_i8..7).prop_map(|day| Weekday::from_monday_zero_offset(day).unwrap());
    let shift =
        (weekdays, time_of_day(), time_of_day()).prop_map(|(weekday, opens_at, closes_at)| {
            WorkingHours::weekly(weekday, opens_at, closes_at)
        });
    let week = vec(shift.prop_filter("empty", |one| one.opens_at != one.closes_at), 1..4);
    let day = (time_of_day(), time_of_day());
    let hours = day.prop_filter_map("in order", |(one, other)| PatientHours::new(one, other));
    let busy = vec((0..days * 1440, 1_i64..300), 0..6);
    let (ahead, minutes) = (0..days * 1440, select(vec![5_i64, 30, 60, 480]));
    (select(zones.to_vec()), select(states.to_vec()), week, hours, busy, ahead, minutes, 0_usize..4)
        .prop_map(move |(zone, state, week, hours, busy, ahead, minutes, change)| {
            let (zone, clock) = (zone_named(zone).unwrap(), clock(state));
            let start = at("2026-02-01T00:00:00Z");
            let both = zone.following(start).take(2).chain(clock.zone().following(start).take(2));
            let changes: Vec<Timestamp> = both.map(|change| change.timestamp()).collect();
            let around = changes.get(change).copied().unwrap_or(start);
            let from = around - MINUTE * i32::try_from(ahead).unwrap();
            let to = from + MINUTE * i32::try_from(days * 1440).unwrap();
            let window = TimeSlot::new(from, to).unwrap();
            let length = VisitLength::from_minutes(minutes).unwrap();
            Case { zone, week, hours, clock, window, length, busy }
        })
}

fn provider(case: &Case) -> Arc<Provider> {
    Arc::new(Provider {
        id: ProviderId::NOBODY,
        reference: "somebody".to_owned(),
        version: 1,
        name: String::new(),
        credentials: String::new(),
        time_zone: String::new(),
        licences: Vec::new(),
        payers: Vec::new(),
        active: true,
        own_rules: OwnRules::default(),
        rules: BookingRules::default(),
        own_visit_types: Vec::new(),
        visit_types: Arc::default(),
        type_buffers: Arc::default(),
        overrides: Vec::new(),
        time_off: Vec::new(),
        working_hours: case.week.clone(),
        schedule: Arc::new(case.schedule()),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_parts_of_a_window_are_the_minutes_that_the_clock_on_the_wall_admits(case in case(3)) {
        let parts = case.hours.within(&case.clock, case.window);
        for minute in case.minutes() {
            let inside = parts.iter().any(|part| part.starts_at() <= minute && minute < part.ends_at());
            prop_assert_eq!(inside, case.admitted(minute), "{} {:?}", minute, parts);
            prop_assert_eq!(case.hours.admit(&case.clock, minute), case.admitted(minute));
        }
    }

    #[test]
    fn what_is_offered_within_the_hours_is_what_of_all_offers_the_clock_admits(case in case(6)) {
        let (grid, providers) = (OfferGrid::from_minutes(15).unwrap(), [provider(&case)]);
        let mut busy = BusyTime::default();
        let mut seen = Vec::new();
        for (from, minutes) in &case.busy {
            let from = case.window.starts_at() + MINUTE * i32::try_from(*from).unwrap();
            let slot = TimeSlot::new(from, from + MINUTE * i32::try_from(*minutes).unwrap()).unwrap();
            busy.add_of_provider(ProviderId::NOBODY, slot, None);
            seen.push(slot);
        }
        let hours = case.hours.within(&case.clock, case.window);
        let (shape, now) = (VisitShape::plain(case.length), case.window.starts_at());
        let sought = Sought { shape, starts: case.window, state: None, of_patient: &[], now };
        let step = SearchStep::new(&providers, sought, Some(&hours));
        let offers = step.offers(&busy, &[], |_| usize::MAX);
        let offered: Vec<TimeSlot> = offers.iter().map(|offer| offer.slot).collect();
        let schedule = case.schedule();
        let all = Calendar::new(&schedule, seen);
        let all = all.offers(case.window, case.length, grid);
        let expected: Vec<TimeSlot> = all.filter(|slot| case.admitted(slot.starts_at())).collect();
        prop_assert_eq!(&offered, &expected);
        prop_assert!(step.is_open() || expected.is_empty());
    }

    #[test]
    fn who_never_works_at_the_patients_day_is_known_without_looking_at_every_day(case in case(40)) {
        let (grid, schedule) = (OfferGrid::from_minutes(1).unwrap(), case.schedule());
        let always_free = Calendar::new(&schedule, Vec::new());
        let mut all = always_free.offers(case.window, case.length, grid);
        let meets = all.any(|slot| case.admitted(slot.starts_at()));
        prop_assert_eq!(case.hours.ever_meet(&case.clock, &schedule, case.length, case.window), meets);
    }
}
