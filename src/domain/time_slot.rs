//! Spans of time, half-open: the end is the first moment that no longer belongs to it.

use std::fmt;

use jiff::civil::Date;
use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The length of a visit: whole minutes, 5 to 480.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VisitLength(u16);

impl VisitLength {
    /// The shortest visit, in minutes.
    pub const MIN_MINUTES: u16 = 5;
    /// The longest visit, in minutes.
    pub const MAX_MINUTES: u16 = 480;
    /// The length of a visit when none is asked for: 30 minutes.
    pub const DEFAULT: Self = Self(30);

    /// A visit of `minutes` minutes, or `None` outside 5 to 480.
    pub fn from_minutes(minutes: i64) -> Option<Self> {
        u16::try_from(minutes)
            .ok()
            .filter(|minutes| (Self::MIN_MINUTES..=Self::MAX_MINUTES).contains(minutes))
            .map(Self)
    }

    /// The length in minutes.
    pub fn minutes(self) -> u16 {
        self.0
    }

    /// The length as a duration.
    pub fn duration(self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.0))
    }
}

/// A span would end at or before its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a span of time must end after it starts")]
pub struct EmptyTimeSlot;

/// A span of time, `[starts_at, ends_at)`, never empty.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeSlot {
    starts_at: Timestamp,
    ends_at: Timestamp,
}

impl TimeSlot {
    /// All time.
    pub const EVER: Self = Self { starts_at: Timestamp::MIN, ends_at: Timestamp::MAX };

    /// The span from `starts_at` up to `ends_at`.
    ///
    /// # Errors
    ///
    /// [`EmptyTimeSlot`] unless it ends after it starts.
    pub fn new(starts_at: Timestamp, ends_at: Timestamp) -> Result<Self, EmptyTimeSlot> {
        if starts_at < ends_at { Ok(Self { starts_at, ends_at }) } else { Err(EmptyTimeSlot) }
    }

    /// The visit of that length that starts then; `None` past the end of representable time.
    pub fn starting(starts_at: Timestamp, length: VisitLength) -> Option<Self> {
        let ends_at = starts_at.checked_add(length.duration()).ok()?;
        Some(Self { starts_at, ends_at })
    }

    /// The first moment that belongs to it.
    pub fn starts_at(self) -> Timestamp {
        self.starts_at
    }

    /// The first moment after it.
    pub fn ends_at(self) -> Timestamp {
        self.ends_at
    }

    /// Its length in whole minutes.
    pub fn minutes(self) -> i64 {
        self.ends_at.duration_since(self.starts_at).as_mins()
    }

    /// Whether the two share a moment; spans that only touch do not.
    pub fn overlaps(self, other: Self) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }

    /// Whether `other` lies wholly inside.
    pub fn covers(self, other: Self) -> bool {
        self.starts_at <= other.starts_at && other.ends_at <= self.ends_at
    }

    /// The part that both share.
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.starts_at.max(other.starts_at), self.ends_at.min(other.ends_at)).ok()
    }
}

impl fmt::Display for TimeSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {})", self.starts_at, self.ends_at)
    }
}

impl fmt::Debug for TimeSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The same time as few spans in order of time: overlapping and touching ones become one.
pub fn merge(mut spans: Vec<TimeSlot>) -> Vec<TimeSlot> {
    spans.sort_unstable();
    let mut merged: Vec<TimeSlot> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.starts_at <= last.ends_at => {
                last.ends_at = last.ends_at.max(span.ends_at);
            }
            _ => merged.push(span),
        }
    }
    merged
}

/// What is left of `spans` without `others`, both of which are in order and apart.
pub fn without(spans: Vec<TimeSlot>, others: &[TimeSlot]) -> Vec<TimeSlot> {
    if others.is_empty() {
        return spans;
    }
    let mut left = Vec::with_capacity(spans.len());
    for span in spans {
        let mut from = span.starts_at;
        for other in others.iter().filter(|other| other.overlaps(span)) {
            left.extend(TimeSlot::new(from, other.starts_at));
            from = other.ends_at;
        }
        left.extend(TimeSlot::new(from, span.ends_at));
    }
    left
}

/// The end of a half-open span that still has `last` in it.
pub fn just_after(last: Timestamp) -> Timestamp {
    last.saturating_add(SignedDuration::from_secs(1)).unwrap_or(Timestamp::MAX)
}

/// `moment`, or the next whole minute after it.
pub fn ceil_to_minute(moment: Timestamp) -> Timestamp {
    const MINUTE: i64 = 60;
    // Below the epoch `as_second` rounds up, as it should here; above it rounds down.
    let second = moment.as_second() + i64::from(moment.subsec_nanosecond() > 0);
    let past = second.rem_euclid(MINUTE);
    let until = if past == 0 { second } else { second - past + MINUTE };
    Timestamp::from_second(until).unwrap_or(Timestamp::MAX)
}

/// Whether `moment` is a whole minute.
pub fn is_whole_minute(moment: Timestamp) -> bool {
    ceil_to_minute(moment) == moment
}

/// Reads an instant as RFC 3339 writes it, with `Z` or an offset; `None` for anything else. People
/// write the end of time as the last second of the year 9999, some hours of which are beyond the last
/// instant that the library knows: they are read as that.
pub fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    // The library reads more than the standard allows (no seconds, a zone in brackets).
    let (date_time, rest) = text.split_at_checked("2027-01-15T14:30:00".len())?;
    let shape = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(byte, expected)| match expected {
                b'0' => byte.is_ascii_digit(),
                b'T' => byte.eq_ignore_ascii_case(&b'T'),
                b'+' => byte == b'+' || byte == b'-',
                other => byte == other,
            })
    };
    let offset = rest.strip_prefix('.').map_or(rest, |fraction| {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 { "" } else { &fraction[digits..] }
    });
    let has_offset = offset.eq_ignore_ascii_case("Z") || shape(offset, "+00:00");
    if !shape(date_time, "0000-00-00T00:00:00") || !has_offset {
        return None;
    }
    let at_the_end = || {
        let (year, in_year) = text.split_at_checked("9999".len())?;
        let in_a_year_alike = format!("1999{in_year}").parse::<Timestamp>();
        (year == "9999" && in_a_year_alike.is_ok()).then_some(Timestamp::MAX)
    };
    text.parse().ok().or_else(at_the_end)
}

/// Reads a day of the calendar as RFC 3339 writes it, such as `1980-05-17`; `None` for anything else.
pub fn parse_date(text: &str) -> Option<Date> {
    let shaped = text.len() == "1980-05-17".len()
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    shaped.then(|| text.parse().ok())?
}

/// What writes instants: whole seconds, what is less cut off. In half the time of `strftime`.
const WRITER: DateTimePrinter = DateTimePrinter::new().precision(Some(0));

/// As both doors write instants: UTC, whole seconds, `Z`.
pub fn rfc3339(instant: Timestamp) -> String {
    WRITER.timestamp_to_string(&instant)
}

/// The same on the clock of a zone, with the offset of that day: `2027-01-15T09:30:00-05:00`.
pub fn rfc3339_in(zone: &TimeZone, instant: Timestamp) -> String {
    WRITER.timestamp_with_offset_to_string(&instant, zone.to_offset(instant))
}

#[cfg(test)]
mod tests;
