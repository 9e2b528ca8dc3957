//! Two thousand rules in all zones of the United States, against another reading of RFC 5545: `oracle.py` says how
//! they were made.

use std::collections::BTreeSet;

use clinic::domain::recurrence::{ClockChange, NoCourse, SeriesTimes};
use clinic::domain::{UsState, zone_named};
use jiff::Timestamp;

/// The minutes between starts: `10080*3,10020`.
fn steps(text: &str) -> Vec<i64> {
    let runs = text.split(',').filter(|run| !run.is_empty()).map(|run| {
        let (step, often) = run.split_once('*').unwrap_or((run, "1"));
        vec![step.parse().unwrap(); often.parse().unwrap()]
    });
    runs.flatten().collect()
}

#[test]
fn two_thousand_rules_start_when_another_library_says() {
    let (mut zones, mut rules, mut changes, mut refused) = (BTreeSet::new(), 0, 0, 0);
    for line in include_str!("oracle.tsv").lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [name, start, rule, expected, notes] = columns[..] else { panic!("{line}") };
        let zone = zone_named(name).unwrap();
        let start: i64 = start.parse().unwrap();
        let starts_at = Timestamp::from_second(start * 60).unwrap();
        let parsed = rule.parse().unwrap_or_else(|why| panic!("{why}: {line}"));
        let found = SeriesTimes::By { starts_at, rule: parsed }.on_clock(&zone);
        zones.insert(name);
        rules += 1;
        if expected == "no" {
            assert_eq!(found, Err(NoCourse::StartsOtherwise), "{line}");
            refused += 1;
            continue;
        }
        let found = found.unwrap_or_else(|why| panic!("{why:?}: {line}"));
        let minutes: Vec<i64> = found.iter().map(|one| one.at.as_second() / 60).collect();
        let mut wanted = vec![start];
        for step in steps(expected) {
            wanted.push(wanted.last().unwrap() + step);
        }
        assert_eq!(minutes, wanted, "{line}");
        let told = found.iter().enumerate().filter_map(|(at, one)| match one.change? {
            ClockChange::Skipped(_) => Some(format!("{at}g")),
            ClockChange::FirstOfTwo => Some(format!("{at}f")),
            ClockChange::SecondOfTwo => Some(format!("{at}?")),
        });
        let told: Vec<String> = told.collect();
        assert_eq!(told.join(","), notes, "{line}");
        changes += told.len();
    }
    assert_eq!(rules, 2000);
    let of_states: BTreeSet<&str> = UsState::all().flat_map(UsState::time_zones).copied().collect();
    let missing: Vec<_> = of_states.difference(&zones).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(changes > 80 && refused > 50, "{changes} changes of the clock, {refused} refused");
}
