//! Against a naive reading of all the rules, minute by minute: it resolves no local time, and sees
//! nothing but the clock on the wall.

mod naive;

use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{RngSeed, TestCaseResult, TestRunner};

use self::naive::{Case, DAY, OTHER, WINDOW, Wall, instant, slot};
use super::*;
use crate::domain::busy::BusyTime;
use crate::domain::openings::{Openings, Sought};
use crate::domain::{Buffers, OwnRules, UsState, VisitLength, VisitShape, zone_named};

/// Zones of no state: nobody lives on the minor outlying islands, but the United States count them.
const OUTLYING: [&str; 2] = ["Pacific/Midway", "Pacific/Wake"];

/// Every zone of the United States and their territories, with the changes of its clock that are within
/// the longest booking horizon of 2027-01-11; or that day, where it never changes.
fn places() -> Vec<(&'static str, i64)> {
    let from: Timestamp = "2027-01-11T12:00:00Z".parse().unwrap();
    let until = from + SignedDuration::from_hours(730 * 24);
    let of_states = UsState::all().flat_map(UsState::time_zones).copied();
    let mut zones: Vec<&str> = of_states.chain(OUTLYING).collect();
    zones.sort_unstable();
    zones.dedup();
    let places = zones.into_iter().flat_map(|name| {
        let zone = zone_named(name).unwrap();
        let changes = zone.following(from).map(|change| change.timestamp());
        let changes: Vec<Timestamp> = changes.take_while(|change| *change < until).collect();
        let changes = if changes.is_empty() { vec![from] } else { changes };
        changes.into_iter().map(move |change| (name, change.as_second() / 60))
    });
    places.collect()
}

fn case(places: Vec<(&'static str, i64)>) -> impl Strategy<Value = Case> {
    let place = (select(places), -DAY..=0);
    let quarter = || (0_i64..92).prop_map(|quarter| quarter * 15);
    let minutes = || (2_i64..64).prop_map(|quarters| quarters * 15);
    let effective = || proptest::option::weighted(0.2, -3_i64..4);
    let until = || proptest::option::weighted(0.2, 0_i64..6);
    let week = vec((0_i64..7, quarter(), minutes(), effective(), until()), 1..5);
    let overrides = vec((-1_i64..5, proptest::option::of((quarter(), minutes()))), 0..3);
    let span = || (-DAY..4 * DAY, 5_i64..400).prop_map(|(from, long)| (from, from + long));
    let on_quarters = || span().prop_map(|(from, to)| (from / 15 * 15, from / 15 * 15 + to - from));
    let busy = || prop_oneof![3 => on_quarters(), 1 => span()];
    let days = (week, overrides, vec(-1_i64..5, 0..2), vec(span(), 0..2));
    let buffer = || proptest::option::weighted(0.4, select(vec![5_u16, 10, 45, 480]));
    let rules = (
        proptest::option::of(select(vec![7_u16, 10, 20, 60])),
        (buffer(), buffer()),
        proptest::option::weighted(0.3, 0_u32..3000),
        proptest::option::weighted(0.3, 1_u16..4),
        proptest::option::weighted(0.4, 1_u16..4),
    );
    let kind = proptest::option::of((buffer(), buffer()));
    let other = (buffer(), buffer());
    let length = select(vec![5_i64, 15, 30, 50, 240]);
    let taken = vec((busy(), any::<bool>()), 0..6);
    let visit = ((taken, other), vec(span(), 0..2), kind, -2 * DAY..2 * DAY, length);
    (place, days, rules, visit).prop_map(|(place, days, rules, visit)| {
        let (grid, (before, after), notice, horizon, most) = rules;
        let from = (place.0.1 + place.1) / 15 * 15;
        let keeps = |(before, after): (Option<u16>, Option<u16>)| {
            Buffers::from_minutes(before.unwrap_or(0), after.unwrap_or(0)).unwrap()
        };
        let mut overrides = days.1;
        overrides.sort_by_key(|(at, _)| *at);
        overrides.dedup_by_key(|(at, _)| *at);
        Case {
            zone: place.0.0,
            from,
            week: days.0,
            overrides,
            closed: days.2,
            off: days.3,
            taken: visit.0.0,
            of_patient: visit.1,
            rules: OwnRules {
                grid_minutes: grid,
                buffer_before_minutes: before,
                buffer_after_minutes: after,
                notice_minutes: notice,
                horizon_days: horizon,
                max_appointments_per_day: most,
            },
            kind: visit.2.map(keeps),
            other: keeps(visit.0.1),
            now: from + visit.3,
            length: visit.4,
        }
    })
}

/// Each minute of the case has the reasons that the naive reading finds, and is offered where there are
/// none and it is on the grid, or something is over.
fn agree(case: &Case) -> TestCaseResult {
    let (provider, wall) = (case.provider(), Wall::of(case));
    let (mut busy, mut of_patient) = (BusyTime::default(), Vec::new());
    for (span, of_other) in &case.taken {
        let kind = of_other.then_some(OTHER.into());
        busy.add_of_provider(provider.id, slot(case.at(*span)), kind);
    }
    of_patient.extend(case.of_patient.iter().map(|span| slot(case.at(*span))));
    let kind = case.kind.map(|_| VisitTypeId::NOBODY);
    let length = VisitLength::from_minutes(case.length).unwrap();
    let (from, to) = (case.from, case.from + WINDOW * DAY);
    let (starts, now) = (slot((from, to)), instant(case.now));
    let shape = VisitShape { length, kind };
    let sought = Sought { shape, starts, state: None, of_patient: &of_patient, now };
    let openings = Openings::of(&provider, &sought, &busy);
    let offered: Vec<i64> =
        openings.offers().map(|slot| slot.starts_at().as_second() / 60).collect();
    let mut expected = Vec::new();
    for minute in from..to {
        let slot = slot((minute, minute + case.length));
        let visit = Judged { slot, kind, of_patient: &of_patient, now };
        let reasons = Judge::of(visit).reasons(&provider, &busy);
        let ranks: Vec<u8> = reasons.iter().map(|reason| reason.obstacle.rank()).collect();
        let naive = wall.obstacles(minute);
        prop_assert_eq!(&ranks, &naive, "{}", instant(minute));
        if naive.is_empty() && wall.is_offered(minute) {
            expected.push(minute);
        }
    }
    let late =
        |minutes: &[i64]| minutes.iter().map(|at| instant(*at).to_string()).collect::<Vec<_>>();
    prop_assert_eq!(late(&offered), late(&expected));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn each_minute_is_judged_and_offered_as_a_naive_reading_does(case in case(places())) {
        agree(&case)?;
    }
}

/// One case at each of those places, the same ones every time.
fn agree_at(places: &[(&'static str, i64)]) {
    let config = ProptestConfig { cases: 1, rng_seed: RngSeed::Fixed(14), ..Default::default() };
    for place in places {
        let mut runner = TestRunner::new(config.clone());
        let run = runner.run(&case(vec![*place]), |case| agree(&case));
        run.unwrap_or_else(|error| panic!("{place:?}: {error}"));
    }
}

#[test]
fn there_are_36_zones_and_every_change_of_their_clocks_is_looked_at() {
    let mut zones: Vec<&str> = places().into_iter().map(|(zone, _)| zone).collect();
    zones.dedup();
    assert_eq!(zones.len(), 36, "{zones:?}");
    assert!(places().len() > 100, "{}", places().len());
}

/// Every sixth of the places, from this one on.
fn agree_at_a_sixth(first: usize) {
    let places: Vec<_> = places().into_iter().skip(first).step_by(6).collect();
    agree_at(&places);
}

#[test]
fn a_sixth_of_all_changes() {
    agree_at_a_sixth(0);
}

#[test]
fn a_second_sixth_of_all_changes() {
    agree_at_a_sixth(1);
}

#[test]
fn a_third_sixth_of_all_changes() {
    agree_at_a_sixth(2);
}

#[test]
fn a_fourth_sixth_of_all_changes() {
    agree_at_a_sixth(3);
}

#[test]
fn a_fifth_sixth_of_all_changes() {
    agree_at_a_sixth(4);
}

#[test]
fn the_last_sixth_of_all_changes() {
    agree_at_a_sixth(5);
}
