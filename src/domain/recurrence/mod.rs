//! When the visits of a series start: a rule of recurrence (RFC 5545), as far as visits recur by one.
//!
//! A rule is read into types, and what a client has written goes no further than `reading`. The days are
//! those of a calendar without zones (`calendar`); of which instants they are is said by the rules for
//! local times that everything else here has (`course`).

mod calendar;
mod course;
mod moving;
mod reading;

pub use course::{ClockChange, NoCourse, SeriesTimes, Start};
pub use moving::SeriesMove;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};

/// How many visits one series has at most.
pub const MOST_STARTS: usize = 100;

/// For how many years a series goes on at most: no rule is followed further.
pub const MOST_YEARS: i64 = 10;

/// A rule by which visits recur.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecurrenceRule {
    frequency: Frequency,
    /// Every so many days, weeks, months or years.
    interval: u16,
    ending: Ending,
    by_day: Vec<NthWeekday>,
    /// Days of the month, from its end where negative.
    by_month_day: Vec<i8>,
    by_month: Vec<u8>,
    /// Of what the other parts choose in one period, those at these places; from the end where negative.
    by_set_pos: Vec<i32>,
    week_starts: Weekday,
}

/// How often a rule begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// Where a rule ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// With that many visits.
    Count(usize),
    /// With the last that does not start after it.
    Until(Until),
}

/// The last moment of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    /// With that local day.
    Day(Date),
    /// At that local time.
    Local(DateTime),
    /// At that instant.
    Instant(Timestamp),
}

/// A day of the week: each, or the nth of a month or year, from its end where negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct NthWeekday {
    nth: Option<i16>,
    day: Weekday,
}

impl RecurrenceRule {
    /// How many starts it has at most.
    pub fn at_most(&self) -> usize {
        match self.ending {
            Ending::Count(count) => count,
            Ending::Until(_) => MOST_STARTS,
        }
    }
}
