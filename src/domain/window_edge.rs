//! One end of a window as a person names it: an instant, or a whole day.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::time_slot::{parse_date, parse_rfc3339};

/// One end of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowEdge {
    /// An instant: a window that ends there does not have it.
    At(Timestamp),
    /// A day: a window that begins or ends there has the whole of it.
    Day(Date),
}

impl WindowEdge {
    /// Reads an RFC 3339 instant, or a day such as `2027-01-15`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let day = parse_date(text).map(Self::Day);
        day.or_else(|| parse_rfc3339(text).map(Self::At))
    }

    /// The first moment of a window that begins here, its days being those of `zone`.
    pub fn first_moment(self, zone: &TimeZone) -> Timestamp {
        match self {
            Self::At(instant) => instant,
            Self::Day(day) => start_of_day(day, zone),
        }
    }

    /// The first moment that a window which ends here does not have.
    pub fn end(self, zone: &TimeZone) -> Timestamp {
        match self {
            Self::At(instant) => instant,
            Self::Day(day) => day.tomorrow().map_or(Timestamp::MAX, |day| start_of_day(day, zone)),
        }
    }
}

/// The first moment of a day in a zone. Where a change of the clocks skips midnight, that is the
/// first instant after the gap; where midnight comes twice, the first of the two.
fn start_of_day(day: Date, zone: &TimeZone) -> Timestamp {
    let start = day.to_zoned_datetime(zone.clone()).and_then(|midnight| midnight.start_of_day());
    // Only the days at the two ends of the calendar are out of range somewhere.
    let beyond = if day.year() > 0 { Timestamp::MAX } else { Timestamp::MIN };
    start.map_or(beyond, |start| start.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::zone_named;

    fn day(text: &str, zone: &str) -> (String, String) {
        let (edge, zone) = (WindowEdge::parse(text).unwrap(), zone_named(zone).unwrap());
        (edge.first_moment(&zone).to_string(), edge.end(&zone).to_string())
    }

    #[test]
    fn a_day_is_as_long_as_the_clocks_make_it() {
        for (text, zone, from, to) in [
            ("2027-01-15", "UTC", "2027-01-15T00:00:00Z", "2027-01-16T00:00:00Z"),
            ("2027-01-15", "America/New_York", "2027-01-15T05:00:00Z", "2027-01-16T05:00:00Z"),
            // 23 and 25 hours.
            ("2027-03-14", "America/New_York", "2027-03-14T05:00:00Z", "2027-03-15T04:00:00Z"),
            ("2027-11-07", "America/New_York", "2027-11-07T04:00:00Z", "2027-11-08T05:00:00Z"),
            // Midnight does not exist: the day begins at 1:00.
            ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"),
            // Midnight comes twice: the day begins at the first.
            ("2025-11-02", "America/Havana", "2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z"),
        ] {
            assert_eq!(day(text, zone), (from.to_owned(), to.to_owned()), "{text} {zone}");
        }
    }

    #[test]
    fn the_last_day_ends_with_time_itself() {
        let zone = zone_named("America/New_York").unwrap();
        let edge = WindowEdge::parse("9999-12-31").unwrap();
        assert_eq!((edge.first_moment(&zone), edge.end(&zone)), (Timestamp::MAX, Timestamp::MAX));
    }

    #[test]
    fn only_days_and_instants_are_read() {
        for text in [
            "2027-02-29",
            "2027-1-15",
            "20270115",
            "2027-01-15T",
            "2027-W03-5",
            "15.01.2027",
            "",
            "today",
            "2027-01-1\u{e9}",
        ] {
            assert_eq!(WindowEdge::parse(text), None, "{text}");
        }
        let instant = "2027-01-15T14:30:00Z";
        assert_eq!(WindowEdge::parse(instant), Some(WindowEdge::At(instant.parse().unwrap())));
    }
}
