use proptest::prelude::{Strategy, proptest};
use proptest::sample::select;

use super::*;
use crate::domain::zone_named;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

fn slot(from: i64, to: i64) -> TimeSlot {
    TimeSlot::new(at(from), at(to)).unwrap()
}

#[test]
fn touching_spans_do_not_overlap_but_merge() {
    assert!(!slot(0, 30).overlaps(slot(30, 60)));
    assert_eq!(
        merge(vec![slot(30, 60), slot(0, 30), slot(90, 95)]),
        vec![slot(0, 60), slot(90, 95)]
    );
}

#[test]
fn an_empty_span_is_refused() {
    assert_eq!(TimeSlot::new(at(1), at(1)), Err(EmptyTimeSlot));
}

#[test]
fn moments_round_up_to_the_minute_before_and_after_1970() {
    for (given, expected) in [(61_000, 120), (60_000, 60), (59_999, 60), (-1, 0), (-60_001, -60)] {
        let given = Timestamp::from_millisecond(given).unwrap();
        assert_eq!(ceil_to_minute(given).as_second(), expected);
    }
}

#[test]
fn only_rfc_3339_instants_are_read() {
    for text in ["2027-01-15T14:30:00Z", "2027-01-15t09:30:00-05:00", "2027-01-15T14:30:00.5+00:00"]
    {
        assert!(parse_rfc3339(text).is_some(), "{text}");
    }
    for text in [
        "",
        "2027-01-15",
        "2027-01-15T14:30Z",
        "2027-01-15T14:30:00",
        "2027-13-15T14:30:00Z",
        "2027-01-15 14:30:00Z",
        "2027-01-15T14:30:00.Z",
        "2027-01-15T14:30:00Z[UTC]",
        "now",
        "2027-01-15T14:30:00+0500",
        "2027-01-15T14:30:0\u{e9}",
        "9999-02-29T23:59:59Z",
        "9999-12-32T23:59:59Z",
        "9999-12-31T24:00:00Z",
        "9999-12-31T23:59:59+99:00",
    ] {
        assert!(parse_rfc3339(text).is_none(), "{text}");
    }
}

#[test]
fn the_end_of_time_is_the_last_instant_there_is() {
    for text in [
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59.999999999Z",
        "9999-12-31T23:59:59-05:00",
        "9999-12-31t23:59:59+14:00",
        "9999-12-31T00:00:00z",
    ] {
        assert_eq!(parse_rfc3339(text), Some(Timestamp::MAX), "{text}");
    }
    assert!(parse_rfc3339("9999-12-30T12:00:00Z").unwrap() < Timestamp::MAX);
    assert!(parse_rfc3339("0000-01-01T00:00:00+14:00").is_some());
}

fn instants(from: &str, to: &str) -> impl Strategy<Value = Timestamp> {
    let at = |text: &str| text.parse::<Timestamp>().unwrap().as_nanosecond();
    (at(from)..=at(to)).prop_map(|nanosecond| Timestamp::from_nanosecond(nanosecond).unwrap())
}

proptest! {
    #[test]
    fn instants_are_written_as_rfc_3339_wants_them(
        instant in instants("0000-01-01T00:00:00Z", "9999-12-30T22:00:00Z"),
    ) {
        let written = rfc3339(instant);
        assert_eq!(written, instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        let read = parse_rfc3339(&written).unwrap();
        assert_eq!(read.as_nanosecond(), instant.as_nanosecond().div_euclid(SECOND) * SECOND);
    }

    #[test]
    fn instants_of_a_zone_are_written_with_the_offset_of_their_day(
        // Before there were zones an offset had seconds, which RFC 3339 can't write.
        instant in instants("1970-01-01T00:00:00Z", "9999-12-30T22:00:00Z"),
        zone in select(vec![
            "UTC", "America/New_York", "America/Phoenix", "Pacific/Honolulu", "Asia/Kathmandu",
        ]),
    ) {
        let zone = zone_named(zone).unwrap();
        let written = rfc3339_in(&zone, instant);
        let zoned = instant.to_zoned_datetime(zone);
        assert_eq!(written, zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string());
    }
}

const SECOND: i128 = 1_000_000_000;

#[test]
fn visits_last_5_to_480_minutes() {
    assert!(VisitLength::from_minutes(4).is_none() && VisitLength::from_minutes(481).is_none());
    assert!(VisitLength::from_minutes(5).is_some() && VisitLength::from_minutes(480).is_some());
}
