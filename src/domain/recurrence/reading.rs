//! Reading a rule, such as `FREQ=WEEKLY;COUNT=8`: nothing but what is understood is taken.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;

use super::{Ending, Frequency, MOST_STARTS, NthWeekday, RecurrenceRule, Until};

/// Longer than any rule that makes sense, in bytes.
const LONGEST: usize = 500;

const SHAPE: &str = "must be parts such as FREQ=WEEKLY;COUNT=8, with ; between them";
const PARTS: &str = "must have no other parts than FREQ, INTERVAL, COUNT or UNTIL, BYDAY, BYMONTHDAY, BYMONTH, \
    BYSETPOS and WKST, each at most once";
const FREQUENCY: &str = "must have FREQ=DAILY, WEEKLY, MONTHLY or YEARLY";
const INTERVAL: &str = "must have as INTERVAL a number from 1 to 366";
const END: &str =
    "must end by either COUNT (1 to 100 visits) or UNTIL (the last day, such as 20270331)";
const COUNT: &str = "must have as COUNT a number from 1 to 100";
const UNTIL: &str = "must have as UNTIL a day such as 20270331, a local time such as 20270331T170000, or an instant \
    such as 20270331T210000Z";
const BY_DAY: &str = "must have as BYDAY days of the week such as MO,TH, and with a number before each, such as 2TU \
    or -1FR, only where FREQ is MONTHLY (-4 to 5) or YEARLY (-52 to 53; with BYMONTH -4 to 5)";
const BY_MONTH_DAY: &str = "must have as BYMONTHDAY days from 1 to 31, or from -31 to -1 for the last ones, and not where FREQ is WEEKLY";
const BY_MONTH: &str = "must have as BYMONTH months from 1 to 12";
const BY_SET_POS: &str = "must have as BYSETPOS numbers from 1 to 31 (where FREQ is YEARLY, to 366), or the same below \
    zero, together with BYDAY, BYMONTHDAY or BYMONTH";
const WEEK_STARTS: &str = "must have as WKST one day of the week such as MO";

impl FromStr for RecurrenceRule {
    type Err = &'static str;

    /// Reads a rule.
    ///
    /// # Errors
    ///
    /// What is acceptable, in words that go on after the name of the field.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = Parts::of(text)?;
        let frequency = match parts.take("FREQ").as_deref() {
            Some("DAILY") => Frequency::Daily,
            Some("WEEKLY") => Frequency::Weekly,
            Some("MONTHLY") => Frequency::Monthly,
            Some("YEARLY") => Frequency::Yearly,
            _ => return Err(FREQUENCY),
        };
        let interval = parts.read("INTERVAL", 1, |text| number(text, 366)).ok_or(INTERVAL)?;
        let ending = match (parts.take("COUNT"), parts.take("UNTIL")) {
            (Some(count), None) => Ending::Count(count_of(&count).ok_or(COUNT)?),
            (None, Some(until)) => Ending::Until(until_of(&until).ok_or(UNTIL)?),
            _ => return Err(END),
        };
        let by_month = parts.list("BYMONTH", |text| number(text, 12)).ok_or(BY_MONTH)?;
        // A number of a weekday counts within the month where one is said.
        let nth = match frequency {
            Frequency::Daily | Frequency::Weekly => 0,
            Frequency::Yearly if by_month.is_empty() => 53,
            Frequency::Monthly | Frequency::Yearly => 5,
        };
        let by_day = parts.list("BYDAY", |text| weekday_of(text, nth)).ok_or(BY_DAY)?;
        let by_month_day = parts.list("BYMONTHDAY", |text| signed(text, 31)).ok_or(BY_MONTH_DAY)?;
        if frequency == Frequency::Weekly && !by_month_day.is_empty() {
            return Err(BY_MONTH_DAY);
        }
        let places = if frequency == Frequency::Yearly { 366 } else { 31 };
        let by_set_pos = parts.list("BYSETPOS", |text| signed(text, places)).ok_or(BY_SET_POS)?;
        let chooses = !by_day.is_empty() || !by_month_day.is_empty() || !by_month.is_empty();
        if !by_set_pos.is_empty() && !chooses {
            return Err(BY_SET_POS);
        }
        let week_starts = parts.read("WKST", Weekday::Monday, day_named).ok_or(WEEK_STARTS)?;
        Ok(Self {
            frequency,
            interval,
            ending,
            by_day,
            by_month_day: by_month_day.into_iter().filter_map(|day| day.try_into().ok()).collect(),
            by_month: by_month.into_iter().filter_map(|month| month.try_into().ok()).collect(),
            by_set_pos: by_set_pos.into_iter().map(i32::from).collect(),
            week_starts,
        })
    }
}

/// The parts of a rule that were not read yet, by their names.
struct Parts(BTreeMap<String, String>);

impl Parts {
    const NAMES: [&str; 9] = [
        "FREQ",
        "INTERVAL",
        "COUNT",
        "UNTIL",
        "BYDAY",
        "BYMONTHDAY",
        "BYMONTH",
        "BYSETPOS",
        "WKST",
    ];

    fn of(text: &str) -> Result<Self, &'static str> {
        if text.len() > LONGEST {
            return Err(SHAPE);
        }
        let mut parts = BTreeMap::new();
        for part in text.trim().to_ascii_uppercase().split(';') {
            let (name, value) = part.split_once('=').ok_or(SHAPE)?;
            if !Self::NAMES.contains(&name)
                || parts.insert(name.to_owned(), value.to_owned()).is_some()
            {
                return Err(PARTS);
            }
        }
        Ok(Self(parts))
    }

    fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// A part that may be left out; none for one that is not acceptable.
    fn read<T>(&mut self, name: &str, usual: T, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        match self.take(name) {
            None => Some(usual),
            Some(text) => read(&text),
        }
    }

    /// A list that may be left out; none for one of which anything is not acceptable.
    fn list<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
        match self.take(name) {
            None => Some(Vec::new()),
            Some(text) => text.split(',').map(read).collect(),
        }
    }
}

/// A number from 1 to `most`, in digits alone.
fn number(text: &str, most: u16) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u16>().ok().filter(|_| digits)?;
    (1..=most).contains(&number).then_some(number)
}

/// The same, or as much below zero.
fn signed(text: &str, most: u16) -> Option<i16> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let number = i16::try_from(number(digits, most)?).ok()?;
    Some(if negative { -number } else { number })
}

fn count_of(text: &str) -> Option<usize> {
    let most = u16::try_from(MOST_STARTS).ok()?;
    number(text, most).map(usize::from)
}

fn day_named(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}

fn weekday_of(text: &str, most: u16) -> Option<NthWeekday> {
    let (nth, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let day = day_named(day)?;
    if nth.is_empty() {
        return Some(NthWeekday { nth: None, day });
    }
    // The library has no fifth from the end of a month, nor a 53rd from that of a year.
    let nth = signed(nth, most).filter(|nth| nth.unsigned_abs() < most || *nth > 0)?;
    Some(NthWeekday { nth: Some(nth), day })
}

fn until_of(text: &str) -> Option<Until> {
    let (day, time) = match text.split_once('T') {
        None => return day_of(text).map(Until::Day),
        Some((day, time)) => (day_of(day)?, time),
    };
    let (time, is_instant) = match time.strip_suffix('Z') {
        Some(time) => (time, true),
        None => (time, false),
    };
    let [hour, minute, second] = pairs(time)?;
    let local = DateTime::new(day.year(), day.month(), day.day(), hour, minute, second, 0).ok()?;
    if is_instant {
        return TimeZone::UTC.to_timestamp(local).ok().map(Until::Instant);
    }
    Some(Until::Local(local))
}

fn day_of(text: &str) -> Option<Date> {
    let [century, year, month, day] = pairs(text)?;
    Date::new(i16::from(century) * 100 + i16::from(year), month, day).ok()
}

/// Digits, two by two.
fn pairs<const N: usize>(text: &str) -> Option<[i8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut pairs = [0; N];
    for (at, pair) in pairs.iter_mut().enumerate() {
        *pair = text.get(2 * at..2 * at + 2)?.parse().ok()?;
    }
    Some(pairs)
}
