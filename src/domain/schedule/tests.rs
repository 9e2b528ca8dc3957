use jiff::civil::Weekday;

use super::*;
use crate::domain::zone_named;

fn hours(weekday: Weekday, opens_at: &str, closes_at: &str) -> WorkingHours {
    WorkingHours::weekly(weekday, opens_at.parse().unwrap(), closes_at.parse().unwrap())
}

fn schedule(hours: &[WorkingHours], zone: &str) -> WeeklySchedule {
    WeeklySchedule::new(hours.to_vec(), zone_named(zone).unwrap())
}

fn slot(from: &str, to: &str) -> TimeSlot {
    TimeSlot::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
}

fn every_day(opens_at: &str, closes_at: &str) -> Vec<WorkingHours> {
    Weekday::Monday.cycle_forward().take(7).map(|day| hours(day, opens_at, closes_at)).collect()
}

#[test]
fn nine_stays_nine_across_both_changes() {
    let new_york = schedule(&[hours(Weekday::Monday, "09:00", "17:00")], "America/New_York");
    let winter = new_york.open_spans(slot("2027-03-08T00:00:00Z", "2027-03-09T00:00:00Z"));
    let summer = new_york.open_spans(slot("2027-03-15T00:00:00Z", "2027-03-16T00:00:00Z"));
    assert_eq!(winter, [slot("2027-03-08T14:00:00Z", "2027-03-08T22:00:00Z")]);
    assert_eq!(summer, [slot("2027-03-15T13:00:00Z", "2027-03-15T21:00:00Z")]);
}

#[test]
fn a_skipped_local_time_means_the_first_instant_after_the_gap() {
    // On 2027-03-14 in New York, 02:00 to 03:00 does not exist.
    let window = slot("2027-03-14T00:00:00Z", "2027-03-15T00:00:00Z");
    let opens = schedule(&[hours(Weekday::Sunday, "02:30", "04:00")], "America/New_York");
    assert_eq!(opens.open_spans(window), [slot("2027-03-14T07:00:00Z", "2027-03-14T08:00:00Z")]);
    let closes = schedule(&[hours(Weekday::Sunday, "01:00", "02:30")], "America/New_York");
    assert_eq!(closes.open_spans(window), [slot("2027-03-14T06:00:00Z", "2027-03-14T07:00:00Z")]);
    let inside = schedule(&[hours(Weekday::Sunday, "02:10", "02:50")], "America/New_York");
    assert_eq!(inside.open_spans(window), []);
}

#[test]
fn of_a_repeated_local_time_the_first_opens_and_the_second_closes() {
    // On 2027-11-07 in New York, 01:00 to 02:00 comes twice: 05:00Z and again 06:00Z.
    let window = slot("2027-11-07T00:00:00Z", "2027-11-08T00:00:00Z");
    let both = schedule(&[hours(Weekday::Sunday, "01:15", "01:45")], "America/New_York");
    assert_eq!(both.open_spans(window), [slot("2027-11-07T05:15:00Z", "2027-11-07T06:45:00Z")]);
}

#[test]
fn a_night_shift_across_midnight_is_one_span() {
    let night = schedule(&[hours(Weekday::Friday, "22:00", "06:00")], "America/Chicago");
    let after_midnight = slot("2027-01-16T07:00:00Z", "2027-01-16T08:00:00Z");
    assert_eq!(
        night.open_spans(after_midnight),
        [slot("2027-01-16T04:00:00Z", "2027-01-16T12:00:00Z")]
    );
    assert!(night.covers(slot("2027-01-16T05:45:00Z", "2027-01-16T06:15:00Z")));
    assert!(!night.covers(slot("2027-01-16T11:45:00Z", "2027-01-16T12:01:00Z")));
}

#[test]
fn spans_that_touch_count_as_one_also_over_midnight() {
    let touching = schedule(
        &[
            hours(Weekday::Monday, "09:00", "12:00"),
            hours(Weekday::Monday, "12:00", "24:00"),
            hours(Weekday::Tuesday, "00:00", "02:00"),
        ],
        "UTC",
    );
    let spans = touching.open_spans(slot("2027-01-12T01:00:00Z", "2027-01-12T01:30:00Z"));
    assert_eq!(spans, [slot("2027-01-11T09:00:00Z", "2027-01-12T02:00:00Z")]);
}

#[test]
fn hours_that_never_close_cover_every_moment() {
    let always = schedule(&every_day("00:00", "24:00"), "America/New_York");
    assert!(always.covers(slot("2027-03-14T06:45:00Z", "2027-03-14T07:15:00Z")));
    assert!(always.covers(slot("2027-03-15T03:45:00Z", "2027-03-15T04:15:00Z")));
    let first_open = always.open_spans(slot("2027-03-15T03:45:00Z", "2027-03-15T04:15:00Z"))[0];
    assert_eq!(first_open.starts_at().to_string(), "2000-01-01T05:00:00Z");
}

/// That day has these hours, or none.
fn day(date: &str, hours: &[(&str, &str)]) -> DateOverride {
    let hours = hours.iter().map(|(opens_at, closes_at)| DayHours {
        opens_at: opens_at.parse().unwrap(),
        closes_at: closes_at.parse().unwrap(),
    });
    DateOverride { date: date.parse().unwrap(), hours: hours.collect() }
}

fn closed(date: &str) -> ClosedDay {
    ClosedDay { date: date.parse().unwrap(), name: "Holiday".to_owned() }
}

/// Every day from 9 to 17 in UTC, but for these days.
fn with_days(overrides: &[DateOverride], closed: &[ClosedDay]) -> WeeklySchedule {
    WeeklySchedule::with_days(every_day("09:00", "17:00"), TimeZone::UTC, overrides, closed)
}

#[test]
fn a_day_has_the_hours_that_are_said_of_it_and_the_next_has_those_of_the_week() {
    let half = with_days(&[day("2027-01-12", &[("10:00", "12:00")])], &[]);
    let spans = half.open_spans(slot("2027-01-12T00:00:00Z", "2027-01-13T12:00:00Z"));
    assert_eq!(
        spans,
        [
            slot("2027-01-12T10:00:00Z", "2027-01-12T12:00:00Z"),
            slot("2027-01-13T09:00:00Z", "2027-01-13T17:00:00Z")
        ]
    );
    assert_eq!(half.away_within(slot("2027-01-12T00:00:00Z", "2027-01-14T00:00:00Z")), []);
}

#[test]
fn a_day_without_work_and_a_closed_day_are_away_and_their_hours_are_still_hours() {
    let tuesday = slot("2027-01-12T09:30:00Z", "2027-01-12T10:00:00Z");
    for off in [with_days(&[day("2027-01-12", &[])], &[]), with_days(&[], &[closed("2027-01-12")])]
    {
        assert!(!off.covers(tuesday) && off.hours_within(tuesday)[0].covers(tuesday));
        assert_eq!(off.away_within(tuesday), [tuesday]);
        let evening = slot("2027-01-12T20:00:00Z", "2027-01-12T20:30:00Z");
        assert_eq!((off.hours_within(evening).len(), off.away_within(evening).len()), (0, 1));
    }
    let works = with_days(&[day("2027-01-12", &[("09:00", "11:00")])], &[closed("2027-01-12")]);
    assert!(works.covers(tuesday) && works.away_within(tuesday).is_empty());
}

#[test]
fn a_night_shift_is_of_the_day_on_which_it_opens() {
    let nights = every_day("22:00", "06:00");
    let off = WeeklySchedule::with_days(nights, TimeZone::UTC, &[], &[closed("2027-01-12")]);
    // The night before goes on into the closed day; that of the closed day is off until its end.
    assert!(off.covers(slot("2027-01-12T05:00:00Z", "2027-01-12T06:00:00Z")));
    let next_morning = slot("2027-01-13T05:00:00Z", "2027-01-13T06:00:00Z");
    assert!(!off.covers(next_morning));
    assert_eq!(off.away_within(next_morning), [next_morning]);
    assert!(off.covers(slot("2027-01-13T22:00:00Z", "2027-01-14T06:00:00Z")));
}

#[test]
fn hours_are_in_effect_from_the_first_day_to_the_last() {
    let mut summer = hours(Weekday::Monday, "07:00", "12:00");
    summer.effective_from = Some("2027-01-11".parse().unwrap());
    summer.effective_until = Some("2027-01-18".parse().unwrap());
    let schedule = schedule(&[summer], "UTC");
    let spans = schedule.open_spans(slot("2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"));
    assert_eq!(
        spans,
        [
            slot("2027-01-11T07:00:00Z", "2027-01-11T12:00:00Z"),
            slot("2027-01-18T07:00:00Z", "2027-01-18T12:00:00Z")
        ]
    );
}

#[test]
fn work_without_a_break_counts_from_the_end_of_the_last_closed_day() {
    let always = || every_day("00:00", "24:00");
    let begins = |closed: &[ClosedDay], at: &str| {
        let schedule = WeeklySchedule::with_days(always(), TimeZone::UTC, &[], closed);
        let moment: Timestamp = at.parse().unwrap();
        let window = TimeSlot::new(moment, moment + jiff::SignedDuration::from_hours(1)).unwrap();
        schedule.open_spans(window)[0].starts_at().to_string()
    };
    let closed = [closed("2026-07-04"), closed("2027-01-12")];
    assert_eq!(begins(&closed, "2027-01-11T10:00:00Z"), "2026-07-05T00:00:00Z");
    assert_eq!(begins(&closed, "2027-01-20T10:00:00Z"), "2027-01-13T00:00:00Z");
    assert_eq!(begins(&closed[1..], "2027-01-11T10:00:00Z"), "2000-01-01T00:00:00Z");
}
