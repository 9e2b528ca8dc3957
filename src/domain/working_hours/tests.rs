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

#[test]
fn people_read_a_night_shift_as_two_spans() {
    let shown: Vec<_> = hours(Weekday::Sunday, "22:00", "06:00").split_at_midnight().collect();
    assert_eq!(
        shown,
        [hours(Weekday::Sunday, "22:00", "24:00"), hours(Weekday::Monday, "00:00", "06:00")]
    );
    assert_eq!(hours(Weekday::Sunday, "22:00", "00:00").split_at_midnight().count(), 1);
}

#[test]
fn only_times_of_day_are_local_times() {
    for text in ["9:00", "09:60", "24:01", "25:00", "+9:00", "09:00:00", "", "ab:cd"] {
        assert!(text.parse::<LocalTime>().is_err(), "{text}");
    }
    assert_eq!("24:00".parse(), Ok(LocalTime::END_OF_DAY));
    assert_eq!("07:05".parse::<LocalTime>().unwrap().to_string(), "07:05");
}
