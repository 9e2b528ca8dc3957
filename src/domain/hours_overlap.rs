//! Whether hours of a week get in one another's way on any day on which they are in effect.

use jiff::civil::{Date, Weekday};

use super::working_hours::{DayHours, WorkingHours};

const MINUTES_A_DAY: i32 = 24 * 60;

/// The first two that overlap, by their places; the later one is the second.
pub fn overlapping_weekly(hours: &[WorkingHours]) -> Option<(usize, usize)> {
    first_pair(hours, |a, b| weekly_overlap(*a, *b))
}

/// The same of hours that open on one day.
pub fn overlapping_on_a_day(hours: &[DayHours]) -> Option<(usize, usize)> {
    let minutes = |hours: &DayHours| {
        let (opens, closes) = (hours.opens_at.minutes(), hours.closes_at.minutes());
        (i32::from(opens), closing(opens, closes))
    };
    first_pair(hours, |a, b| meet(minutes(a), minutes(b), 0))
}

fn first_pair<T>(items: &[T], overlap: impl Fn(&T, &T) -> bool) -> Option<(usize, usize)> {
    items.iter().enumerate().find_map(|(later, item)| {
        let earlier = items.iter().take(later).position(|other| overlap(other, item))?;
        Some((earlier, later))
    })
}

fn closing(opens: u16, closes: u16) -> i32 {
    let next_day = if closes <= opens { MINUTES_A_DAY } else { 0 };
    i32::from(closes) + next_day
}

/// Whether two spans of minutes meet, of which the second is counted from `days` days later.
fn meet(first: (i32, i32), second: (i32, i32), days: i32) -> bool {
    let shift = days * MINUTES_A_DAY;
    first.0 < second.1 + shift && second.0 + shift < first.1
}

/// Whether two overlap on a day on which both are in effect.
pub fn weekly_overlap(a: WorkingHours, b: WorkingHours) -> bool {
    let minutes = |hours: WorkingHours| {
        let (opens, closes) = (hours.opens_at.minutes(), hours.closes_at.minutes());
        (i32::from(opens), closing(opens, closes))
    };
    // Hours last a day at most, so those that meet open at most a day apart.
    [-1, 0, 1].into_iter().any(|days: i32| {
        let apart = b.weekday.since(a.weekday);
        i32::from(apart) == days.rem_euclid(7)
            && meet(minutes(a), minutes(b), days)
            && both_in_effect(a, b, days)
    })
}

/// Whether on some day of the first the second is in effect that many days later.
fn both_in_effect(a: WorkingHours, b: WorkingHours, days: i32) -> bool {
    let earlier =
        |day: Option<Date>| day.map(|day| day.saturating_sub(jiff::Span::new().days(days)));
    let from = a.effective_from.max(earlier(b.effective_from));
    let until = match (a.effective_until, earlier(b.effective_until)) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    let (Some(from), Some(until)) = (from, until) else { return true };
    first_on(a.weekday, from).is_some_and(|day| day <= until)
}

/// The first day of that weekday at or after `from`.
fn first_on(weekday: Weekday, from: Date) -> Option<Date> {
    let days = weekday.since(from.weekday());
    from.checked_add(jiff::Span::new().days(days)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(weekday: Weekday, opens: &str, closes: &str, from: &str, until: &str) -> WorkingHours {
        let day = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
        WorkingHours {
            weekday,
            opens_at: opens.parse().unwrap(),
            closes_at: closes.parse().unwrap(),
            effective_from: day(from),
            effective_until: day(until),
        }
    }

    fn meet(a: WorkingHours, b: WorkingHours) -> bool {
        let found = overlapping_weekly(&[a, b]);
        assert_eq!(found, overlapping_weekly(&[b, a]));
        found.is_some()
    }

    #[test]
    fn hours_overlap_on_one_day_and_over_midnight() {
        use Weekday::{Monday, Sunday, Tuesday};
        let nine = hours(Monday, "09:00", "17:00", "", "");
        assert!(meet(nine, hours(Monday, "16:00", "18:00", "", "")));
        assert!(!meet(nine, hours(Monday, "17:00", "18:00", "", "")));
        assert!(!meet(nine, hours(Tuesday, "09:00", "17:00", "", "")));
        let night = hours(Sunday, "22:00", "06:00", "", "");
        assert!(meet(night, hours(Monday, "05:00", "08:00", "", "")));
        assert!(!meet(night, hours(Monday, "06:00", "08:00", "", "")));
    }

    #[test]
    fn hours_that_are_not_in_effect_together_do_not_overlap() {
        use Weekday::{Monday, Sunday};
        let old = hours(Monday, "09:00", "17:00", "", "2027-01-31");
        assert!(!meet(old, hours(Monday, "09:00", "12:00", "2027-02-01", "")));
        assert!(meet(old, hours(Monday, "09:00", "12:00", "2027-01-25", "")));
        // 2027-01-26 is a Tuesday: no Monday is in both.
        assert!(!meet(old, hours(Monday, "09:00", "12:00", "2027-01-26", "")));
        // The night of Sunday the 31st runs into Monday the 1st.
        let night = hours(Sunday, "22:00", "06:00", "", "2027-01-31");
        assert!(meet(night, hours(Monday, "05:00", "08:00", "2027-02-01", "")));
        assert!(!meet(night, hours(Monday, "05:00", "08:00", "2027-02-02", "")));
    }

    #[test]
    fn the_hours_of_a_day_overlap_or_touch() {
        let span = |opens: &str, closes: &str| DayHours {
            opens_at: opens.parse().unwrap(),
            closes_at: closes.parse().unwrap(),
        };
        assert_eq!(overlapping_on_a_day(&[span("09:00", "12:00"), span("12:00", "15:00")]), None);
        assert_eq!(
            overlapping_on_a_day(&[
                span("09:00", "12:00"),
                span("20:00", "02:00"),
                span("11:00", "13:00")
            ]),
            Some((0, 2))
        );
        assert_eq!(
            overlapping_on_a_day(&[span("20:00", "02:00"), span("23:00", "23:30")]),
            Some((0, 1))
        );
    }
}
