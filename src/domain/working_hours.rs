//! Working hours: local times that repeat every week, and the instants they mean.
//!
//! 9:00 stays 9:00 across daylight-saving changes, because a local time is resolved in the
//! provider's zone anew for each day. A local time that a change skips means the first instant
//! after the gap. One that comes twice means the first when it opens, the second when it closes.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Span, Timestamp};

use super::time_slot::TimeSlot;

const MINUTES_A_DAY: u16 = 24 * 60;
const DAYS_A_WEEK: u16 = 7;
/// No change of a zone's offset closes a break of this length or more.
const LONGEST_OFFSET_CHANGE_MINUTES: u16 = 180;

/// A time of day in whole minutes, `00:00` to `24:00`, the end of the day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime(u16);

/// The text is not a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a time of day such as 09:00, at most 24:00")]
pub struct MalformedLocalTime;

impl LocalTime {
    /// The start of a day.
    pub const MIDNIGHT: Self = Self(0);
    /// The end of a day.
    pub const END_OF_DAY: Self = Self(MINUTES_A_DAY);

    /// The time `minutes` minutes into the day; `None` past 24:00.
    pub fn from_minutes(minutes: u16) -> Option<Self> {
        (minutes <= MINUTES_A_DAY).then_some(Self(minutes))
    }

    /// The full hour, at most the end of the day.
    pub(super) const fn from_hour(hour: u16) -> Self {
        if hour < 24 { Self(hour * 60) } else { Self::END_OF_DAY }
    }

    /// Minutes since midnight.
    pub const fn minutes(self) -> u16 {
        self.0
    }

    pub(super) fn on(self, day: Date) -> Result<DateTime, jiff::Error> {
        let midnight = day.at(0, 0, 0, 0);
        // Civil arithmetic: 24:00 is the next day's midnight.
        midnight.checked_add(Span::new().minutes(i64::from(self.0)))
    }
}

impl FromStr for LocalTime {
    type Err = MalformedLocalTime;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (hours, minutes) = text.split_once(':').ok_or(MalformedLocalTime)?;
        let two_digits =
            |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        if !two_digits(hours) || !two_digits(minutes) {
            return Err(MalformedLocalTime);
        }
        let number = |part: &str| part.parse::<u16>().ok();
        number(hours)
            .zip(number(minutes).filter(|minutes| *minutes < 60))
            .and_then(|(hours, minutes)| Self::from_minutes(hours * 60 + minutes))
            .ok_or(MalformedLocalTime)
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Debug for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The names of the days of the week, in capitals, Monday first.
const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MONDAY", Weekday::Monday),
    ("TUESDAY", Weekday::Tuesday),
    ("WEDNESDAY", Weekday::Wednesday),
    ("THURSDAY", Weekday::Thursday),
    ("FRIDAY", Weekday::Friday),
    ("SATURDAY", Weekday::Saturday),
    ("SUNDAY", Weekday::Sunday),
];

/// The day of the week that is called `name`, such as `MONDAY`.
pub fn weekday_named(name: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(known, _)| *known == name).map(|(_, day)| *day)
}

/// The name of a day of the week, such as `MONDAY`.
pub fn weekday_name(day: Weekday) -> &'static str {
    WEEKDAYS.iter().find(|(_, known)| *known == day).map_or("", |(name, _)| name)
}

/// Hours of a day, in local time. They close on the next day when `closes_at` is not after `opens_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DayHours {
    /// When they open.
    pub opens_at: LocalTime,
    /// When they close; on the next day when not after `opens_at`.
    pub closes_at: LocalTime,
}

impl DayHours {
    fn cross_midnight(self) -> bool {
        self.closes_at <= self.opens_at
    }

    /// What they are on a day, in instants.
    pub(super) fn resolve(self, day: Date, zone: &TimeZone) -> Option<TimeSlot> {
        let closing_day = if self.cross_midnight() { day.tomorrow().ok()? } else { day };
        let opens_at = resolve_opening(self.opens_at.on(day).ok()?, zone)?;
        let closes_at = resolve_closing(self.closes_at.on(closing_day).ok()?, zone)?;
        // Hours that lie wholly in a gap leave nothing of themselves.
        TimeSlot::new(opens_at, closes_at).ok()
    }
}

/// One span of work in the week, in local time.
///
/// It closes on the next day when `closes_at` is not after `opens_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WorkingHours {
    /// The day on which it opens.
    pub weekday: Weekday,
    /// When it opens.
    pub opens_at: LocalTime,
    /// When it closes; on the next day when not after `opens_at`.
    pub closes_at: LocalTime,
    /// The first day on which it opens; open where it has always been so.
    pub effective_from: Option<Date>,
    /// The last day on which it opens; open where no end is known.
    pub effective_until: Option<Date>,
}

impl WorkingHours {
    /// Hours of every week.
    pub fn weekly(weekday: Weekday, opens_at: LocalTime, closes_at: LocalTime) -> Self {
        Self { weekday, opens_at, closes_at, effective_from: None, effective_until: None }
    }

    /// Whether it opens on that day.
    pub fn opens_on(self, day: Date) -> bool {
        self.weekday == day.weekday() && self.is_in_effect(day)
    }

    /// Whether it is in effect on that day, whatever weekday that is.
    pub fn is_in_effect(self, day: Date) -> bool {
        self.effective_from.is_none_or(|from| from <= day)
            && self.effective_until.is_none_or(|until| day <= until)
    }

    /// The times of day.
    pub fn times(self) -> DayHours {
        DayHours { opens_at: self.opens_at, closes_at: self.closes_at }
    }

    fn crosses_midnight(self) -> bool {
        self.times().cross_midnight()
    }

    /// As `[start, end)` in minutes since Monday 00:00; a span over Sunday's end passes 10,080.
    pub fn minutes_of_week(self) -> (u16, u16) {
        let day = u16::from(self.weekday.to_monday_zero_offset().unsigned_abs()) * MINUTES_A_DAY;
        let next_day = if self.crosses_midnight() { MINUTES_A_DAY } else { 0 };
        (day + self.opens_at.0, day + next_day + self.closes_at.0)
    }

    /// As people read it: a span across midnight in two, one on each of its days.
    pub fn split_at_midnight(self) -> impl Iterator<Item = Self> {
        let (first, second) = if self.crosses_midnight() {
            let evening = Self { closes_at: LocalTime::END_OF_DAY, ..self };
            let morning = Self {
                weekday: self.weekday.next(),
                opens_at: LocalTime::MIDNIGHT,
                closes_at: self.closes_at,
                effective_from: self.effective_from.map(|day| day.tomorrow().unwrap_or(day)),
                effective_until: self.effective_until.map(|day| day.tomorrow().unwrap_or(day)),
            };
            (evening, (self.closes_at > LocalTime::MIDNIGHT).then_some(morning))
        } else {
            (self, None)
        };
        std::iter::once(first).chain(second)
    }
}

/// The instant that a local time means at which work begins.
pub(super) fn resolve_opening(local: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    match ambiguous.offset() {
        AmbiguousOffset::Gap { after, .. } => end_of_gap(local, after, zone),
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => {
            ambiguous.earlier().ok()
        }
    }
}

fn resolve_closing(local: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    match ambiguous.offset() {
        AmbiguousOffset::Gap { after, .. } => end_of_gap(local, after, zone),
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => {
            ambiguous.later().ok()
        }
    }
}

/// The instant of the change that skips `local`: read with the offset after the change,
/// a skipped time lies before it.
fn end_of_gap(local: DateTime, after: jiff::tz::Offset, zone: &TimeZone) -> Option<Timestamp> {
    let before_the_change = after.to_timestamp(local).ok()?;
    zone.following(before_the_change).next().map(|change| change.timestamp())
}

/// How the hours of a week hang together.
#[derive(Debug, Clone, Copy)]
pub(super) struct WeekShape {
    never_closes: bool,
    lookback_days: i32,
}

impl WeekShape {
    /// The shape of a week with these hours.
    pub(super) fn of(hours: &[WorkingHours]) -> Self {
        let mut spans: Vec<(u16, u16)> =
            hours.iter().map(|hours| hours.minutes_of_week()).collect();
        // Two weeks in a row show the spans that run over Sunday's end.
        let week = MINUTES_A_DAY * DAYS_A_WEEK;
        spans.extend(spans.clone().into_iter().map(|(start, end)| (start + week, end + week)));
        spans.sort_unstable();
        let never_closes = longest_run(&spans, 0) >= week;
        let longest = longest_run(&spans, LONGEST_OFFSET_CHANGE_MINUTES).min(2 * week);
        Self { never_closes, lookback_days: i32::from(longest / MINUTES_A_DAY) + 1 }
    }

    /// Whether there is no break in it, nor from one week to the next.
    pub(super) fn never_closes(self) -> bool {
        self.never_closes
    }

    /// How many days before a moment the work that goes on then has begun at most.
    pub(super) fn lookback_days(self) -> i32 {
        self.lookback_days
    }
}

/// Minutes of the longest span of work, breaks of less than `bridged` minutes (or none) included.
fn longest_run(sorted: &[(u16, u16)], bridged: u16) -> u16 {
    let mut longest = 0;
    let mut run: Option<(u16, u16)> = None;
    for &(start, end) in sorted {
        run = Some(match run {
            Some((run_start, run_end)) if start <= run_end + bridged => {
                (run_start, run_end.max(end))
            }
            _ => (start, end),
        });
        longest = longest.max(run.map_or(0, |(run_start, run_end)| run_end - run_start));
    }
    longest
}

#[cfg(test)]
mod tests;
