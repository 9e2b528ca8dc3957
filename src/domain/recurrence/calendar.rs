//! The days of a rule, on a calendar that knows of no zone. Nothing outside this file knows the library
//! that has them, or the other calendar that it speaks.

use chrono::{Datelike as _, Month, NaiveDate, TimeZone as _, Timelike as _};
use jiff::civil::{DateTime, Weekday};
use rrule::{Frequency as Every, NWeekday, RRule, RRuleSet, Tz};

use super::{Frequency, NthWeekday, RecurrenceRule};

/// The local starts of the rule from `start` on, as far as `last`, in order and at most so many; `start` is among
/// them only where the rule has it. None for a rule that the library does not take.
///
/// The end is always told: a rule that never comes to anything is not followed for ever.
pub(super) fn starts(
    rule: &RecurrenceRule,
    (start, last): (DateTime, DateTime),
    most: usize,
) -> Option<Vec<DateTime>> {
    let found = set(rule, start, last)?.into_iter().take(most);
    found.map(|found| from_library(&found)).collect()
}

fn set(rule: &RecurrenceRule, start: DateTime, last: DateTime) -> Option<RRuleSet> {
    let every = match rule.frequency {
        Frequency::Daily => Every::Daily,
        Frequency::Weekly => Every::Weekly,
        Frequency::Monthly => Every::Monthly,
        Frequency::Yearly => Every::Yearly,
    };
    let months: Option<Vec<Month>> =
        rule.by_month.iter().map(|month| Month::try_from(*month).ok()).collect();
    let library = RRule::new(every)
        .interval(rule.interval)
        .until(to_library(last)?)
        .week_start(day_of_library(rule.week_starts))
        .by_weekday(rule.by_day.iter().copied().map(nth_of_library).collect())
        .by_month_day(rule.by_month_day.clone())
        .by_month(&months?)
        .by_set_pos(rule.by_set_pos.clone());
    library.build(to_library(start)?).ok()
}

fn nth_of_library(day: NthWeekday) -> NWeekday {
    let weekday = day_of_library(day.day);
    day.nth.map_or(NWeekday::Every(weekday), |nth| NWeekday::Nth(nth, weekday))
}

fn day_of_library(day: Weekday) -> rrule::Weekday {
    match day {
        Weekday::Monday => rrule::Weekday::Mon,
        Weekday::Tuesday => rrule::Weekday::Tue,
        Weekday::Wednesday => rrule::Weekday::Wed,
        Weekday::Thursday => rrule::Weekday::Thu,
        Weekday::Friday => rrule::Weekday::Fri,
        Weekday::Saturday => rrule::Weekday::Sat,
        Weekday::Sunday => rrule::Weekday::Sun,
    }
}

/// A local time, as if it were one in UTC.
fn to_library(local: DateTime) -> Option<chrono::DateTime<Tz>> {
    let part = |part: i8| u32::try_from(part).ok();
    let day =
        NaiveDate::from_ymd_opt(local.year().into(), part(local.month())?, part(local.day())?)?;
    let time =
        day.and_hms_opt(part(local.hour())?, part(local.minute())?, part(local.second())?)?;
    Tz::UTC.from_local_datetime(&time).single()
}

fn from_library(found: &chrono::DateTime<Tz>) -> Option<DateTime> {
    let part = |part: u32| i8::try_from(part).ok();
    DateTime::new(
        found.year().try_into().ok()?,
        part(found.month())?,
        part(found.day())?,
        part(found.hour())?,
        part(found.minute())?,
        part(found.second())?,
        0,
    )
    .ok()
}
