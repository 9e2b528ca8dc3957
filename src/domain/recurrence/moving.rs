//! Moving a series: each visit to another time of day, to another day of its week, or both.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::course::{Start, on_clock};
use super::{Frequency, RecurrenceRule};
use crate::domain::working_hours::LocalTime;

/// Where the visits of a series move, on the provider's clock. What is not said stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeriesMove {
    /// To that time of day.
    pub local_time: Option<LocalTime>,
    /// To that day of the week that each is in, which begins with Monday (ISO 8601).
    pub weekday: Option<Weekday>,
}

impl SeriesMove {
    /// The new start of a visit; none at the end of time.
    pub fn of(self, start: Timestamp, zone: &TimeZone) -> Option<Start> {
        let local = zone.to_datetime(start);
        let days = self.weekday.map_or(0, |day| {
            i64::from(day.to_monday_zero_offset() - local.date().weekday().to_monday_zero_offset())
        });
        let day = local.date().checked_add(Span::new().days(days)).ok()?;
        let new = match self.local_time {
            Some(time) => time.on(day).ok()?,
            None => day.to_datetime(local.time()),
        };
        // Where it stays it is what it was, also where its local time comes twice.
        if new == local { Some(Start { at: start, change: None }) } else { on_clock(new, zone) }
    }
}

impl RecurrenceRule {
    /// Whether all its visits are on one day of the week, so that they can move to another.
    pub fn has_one_weekday(&self) -> bool {
        match self.by_day.split_first() {
            // That of the first visit.
            None => self.frequency == Frequency::Weekly,
            Some((first, others)) => others.iter().all(|other| other.day == first.day),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Weekday;

    use super::SeriesMove;
    use crate::domain::zone_named;

    #[test]
    fn a_visit_moves_within_its_week_at_the_local_time() {
        let zone = zone_named("America/New_York").unwrap();
        for (start, time, weekday, moved) in [
            ("2027-01-18T15:00:00Z", Some("11:30"), None, "2027-01-18T16:30:00Z"),
            ("2027-01-18T15:00:00Z", None, Some(Weekday::Friday), "2027-01-22T15:00:00Z"),
            // Sunday is the end of the week.
            ("2027-01-20T15:00:00Z", None, Some(Weekday::Sunday), "2027-01-24T15:00:00Z"),
            ("2027-01-24T15:00:00Z", Some("08:00"), Some(Weekday::Monday), "2027-01-18T13:00:00Z"),
            // Over the change of the clock.
            ("2027-03-12T15:00:00Z", None, Some(Weekday::Sunday), "2027-03-14T14:00:00Z"),
            // There is no 02:30 on that day.
            ("2027-03-12T15:00:00Z", Some("02:30"), Some(Weekday::Sunday), "2027-03-14T07:00:00Z"),
            // The second of two stays the second.
            ("2027-11-07T06:30:00Z", Some("01:30"), None, "2027-11-07T06:30:00Z"),
        ] {
            let local_time = time.map(|time| time.parse().unwrap());
            let to = SeriesMove { local_time, weekday };
            let found = to.of(start.parse().unwrap(), &zone).unwrap();
            assert_eq!(found.at.to_string(), moved, "{start} {time:?} {weekday:?}");
            assert_eq!(to.of(found.at, &zone).unwrap().at, found.at, "moved again: {start}");
        }
    }
}
