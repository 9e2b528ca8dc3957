//! Times in examples: written for one week, told for the week that comes next.
//!
//! An example with a time that has passed can't be booked, so the annotations use the days of the
//! model week, and these are moved by whole weeks when the document is served. Weekdays, hours and
//! the order of times stay as they were written.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::time_slot::{parse_rfc3339, rfc3339, rfc3339_in};
use crate::domain::zone_named;

/// How each day of the model week begins: Monday, 2027-01-11, to the Sunday after it. The Monday
/// that follows may end a window.
const BEGINNING: &str = "2027-01-1";
const MONDAY: &str = "2027-01-11T00:00:00Z";
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The text with every day of the model week, with or without a time, in the first whole week
/// after `now`. Times with an offset are those of a clock in New York.
pub(super) fn moved(text: &str, now: Timestamp) -> String {
    let Some(by) = distance(now) else {
        return text.to_owned();
    };
    let new_york = zone_named("America/New_York").unwrap_or(TimeZone::UTC);
    let mut parts = text.split(BEGINNING);
    let mut moved = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (time, rest) = later(part, by, &new_york).unwrap_or((BEGINNING.to_owned(), part));
        moved.push_str(&time);
        moved.push_str(rest);
    }
    moved
}

/// From the model week to the first that begins after `now`.
fn distance(now: Timestamp) -> Option<SignedDuration> {
    let since = now.duration_since(parse_rfc3339(MONDAY)?);
    let weeks = since.as_secs().div_euclid(WEEK.as_secs());
    WEEK.checked_mul(i32::try_from(weeks).ok()? + 1)
}

/// The day or time that `part` is the end of, moved, and what comes after it.
fn later<'a>(part: &'a str, by: SignedDuration, new_york: &TimeZone) -> Option<(String, &'a str)> {
    let instant = |length: usize| {
        let (end, rest) = part.split_at_checked(length - BEGINNING.len())?;
        Some((parse_rfc3339(&format!("{BEGINNING}{end}"))?.checked_add(by).ok()?, rest))
    };
    let local = instant("2027-01-15T09:30:00-05:00".len());
    if let Some((instant, rest)) = local {
        return Some((rfc3339_in(new_york, instant), rest));
    }
    if let Some((instant, rest)) = instant(MONDAY.len()) {
        return Some((rfc3339(instant), rest));
    }
    let (end, rest) = part.split_at_checked(1)?;
    let day: Date = format!("{BEGINNING}{end}").parse().ok()?;
    Some((day.checked_add(by).ok()?.to_string(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"from":"2027-01-11","to":"2027-01-18","time":"2027-01-15T14:30:00Z",
        "local":"2027-01-15T09:30:00-05:00","born":"1990-01-15","horizon":"2027-01-2"}"#;

    fn at(now: &str) -> String {
        moved(TEXT, now.parse().unwrap())
    }

    #[test]
    fn examples_are_of_the_next_whole_week_and_keep_their_weekdays() {
        assert_eq!(at("2027-01-10T23:59:59Z"), TEXT);
        let july = at("2026-07-01T12:00:00Z");
        assert!(july.contains(r#""from":"2026-07-06","to":"2026-07-13""#), "{july}");
        assert!(july.contains(r#""time":"2026-07-10T14:30:00Z""#), "{july}");
        // The same instant, on a clock in summer.
        assert!(july.contains(r#""local":"2026-07-10T10:30:00-04:00""#), "{july}");
        assert!(july.contains(r#""born":"1990-01-15","horizon":"2027-01-2""#), "{july}");
        assert!(at("2027-01-11T00:00:00Z").contains("2027-01-22T14:30:00Z"));
    }

    #[test]
    fn a_clock_at_the_end_of_time_leaves_the_examples_alone() {
        assert_eq!(moved(TEXT, Timestamp::MAX).len(), TEXT.len());
        assert_eq!(moved("2027-01-1", Timestamp::UNIX_EPOCH), "2027-01-1");
    }
}
