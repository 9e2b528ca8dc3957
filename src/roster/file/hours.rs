//! The working hours of a provider of a roster file.

use jiff::civil::{Date, Weekday};

use super::document::{Remarks, Spot};
use crate::domain::hours_overlap::weekly_overlap;
use crate::domain::working_hours::weekday_named;
use crate::domain::{DayHours, LocalTime, VisitLength, WorkingHours};

const A_TIME: &str = "must be a time of day such as 09:00, at most 24:00";
const WEEK: u16 = 7 * 24 * 60;
/// Nobody works longer without a break: more is a slip of the pen.
const LONGEST_SHIFT: u16 = 16 * 60;

/// Reads the working hours, Monday first.
pub(super) fn working_hours<'a>(
    list: &Spot<'a>,
    remarks: &mut Remarks<'a>,
) -> Option<Vec<WorkingHours>> {
    let items = list.items(remarks)?;
    if items.is_empty() {
        remarks.odd(list, "no working hours: nothing can be booked");
    }
    let read = items.iter().filter_map(|spot| Some((spot, span(spot, remarks)?)));
    let mut spans: Vec<(&Spot<'a>, WorkingHours)> = read.collect();
    spans.sort_by_key(|(_, span)| (span.minutes_of_week(), span.effective_from));
    note_overlaps(&spans, remarks);
    Some(spans.into_iter().map(|(_, span)| span).collect())
}

fn span<'a>(spot: &Spot<'a>, remarks: &mut Remarks<'a>) -> Option<WorkingHours> {
    let mut fields = spot.fields(remarks)?;
    let weekday = fields.required("weekday", remarks);
    let opens_at = fields.required("opens_at", remarks);
    let closing = fields.required("closes_at", remarks);
    let (from, until) = (fields.take("effective_from"), fields.take("effective_until"));
    fields.end(remarks);
    let weekday = weekday.and_then(|spot| weekday_at(&spot, remarks));
    let opens_at = opens_at.and_then(|spot| spot.parsed::<LocalTime>(A_TIME, remarks));
    let closes_at = closing.as_ref().and_then(|spot| spot.parsed::<LocalTime>(A_TIME, remarks));
    let a_date = "must be a date such as 2027-01-31";
    let effective_from = from.and_then(|spot| spot.parsed::<Date>(a_date, remarks));
    let effective_until = until.as_ref().and_then(|spot| spot.parsed::<Date>(a_date, remarks));
    if let Some((spot, (first, last))) = until.as_ref().zip(effective_from.zip(effective_until))
        && last < first
    {
        remarks.wrong(spot, format!("the hours end before they begin to be in effect, on {first}"));
        return None;
    }
    let (weekday, opens_at, closes_at) = (weekday?, opens_at?, closes_at?);
    let hours = WorkingHours { weekday, opens_at, closes_at, effective_from, effective_until };
    let (opens_at, closes_at) = (hours.opens_at, hours.closes_at);
    if opens_at == closes_at || opens_at == LocalTime::END_OF_DAY {
        remarks.wrong(spot, format!("hours from {opens_at} to {closes_at} are none"));
        return None;
    }
    note_length(hours, &closing?, remarks);
    Some(hours)
}

/// Reads hours of one day: those that close on the next day when that is not later.
pub(super) fn span_of_a_day<'a>(spot: &Spot<'a>, remarks: &mut Remarks<'a>) -> Option<DayHours> {
    let mut fields = spot.fields(remarks)?;
    let opens_at = fields.required("opens_at", remarks);
    let closes_at = fields.required("closes_at", remarks);
    fields.end(remarks);
    let opens_at = opens_at.and_then(|spot| spot.parsed::<LocalTime>(A_TIME, remarks));
    let closes_at = closes_at.and_then(|spot| spot.parsed::<LocalTime>(A_TIME, remarks));
    let (opens_at, closes_at) = (opens_at?, closes_at?);
    if opens_at == closes_at || opens_at == LocalTime::END_OF_DAY {
        remarks.wrong(spot, format!("hours from {opens_at} to {closes_at} are none"));
        return None;
    }
    Some(DayHours { opens_at, closes_at })
}

fn weekday_at<'a>(spot: &Spot<'a>, remarks: &mut Remarks<'a>) -> Option<Weekday> {
    let weekday = weekday_named(&spot.text(remarks)?);
    if weekday.is_none() {
        remarks.wrong(spot, "must be a day of the week such as MONDAY");
    }
    weekday
}

/// Hours across midnight are legal, and so a closing time that is one by mistake makes long ones.
fn note_length(hours: WorkingHours, closing: &Spot<'_>, remarks: &mut Remarks<'_>) {
    let (start, end) = hours.minutes_of_week();
    let minutes = end - start;
    let (opens_at, closes_at) = (hours.opens_at, hours.closes_at);
    let shift = format!("from {opens_at} to {closes_at}");
    if minutes > LONGEST_SHIFT && closes_at < opens_at {
        let hours = length(minutes);
        remarks.odd(closing, format!("{shift} are {hours}, over midnight: is another time meant?"));
    } else if minutes > LONGEST_SHIFT {
        remarks.odd(closing, format!("{shift} are {} without a break", length(minutes)));
    } else if minutes < VisitLength::DEFAULT.minutes() {
        remarks.odd(closing, format!("{shift} are {}: too short for most visits", length(minutes)));
    }
}

fn length(minutes: u16) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} minutes"),
        (hours, 0) => format!("{hours} hours"),
        (hours, minutes) => format!("{hours} hours and {minutes} minutes"),
    }
}

/// Tells each span that begins before one that began earlier has ended, on a day on which both are in
/// effect.
fn note_overlaps(sorted: &[(&Spot<'_>, WorkingHours)], remarks: &mut Remarks<'_>) {
    for (n, (spot, hours)) in sorted.iter().enumerate() {
        let (earlier, later) = (&sorted[..n], &sorted[n + 1..]);
        let start = hours.minutes_of_week().0;
        let in_the_way = earlier.iter().filter(|(_, before)| start < before.minutes_of_week().1);
        let in_the_way = in_the_way.filter(|(_, before)| weekly_overlap(*before, *hours));
        if let Some((before, _)) = in_the_way.max_by_key(|(_, before)| before.minutes_of_week().1) {
            remarks.wrong(spot, format!("overlaps {}", before.place));
        }
        // The week begins again: Sunday night may run into Monday morning.
        let over_the_end = later.iter().find(|(_, last)| {
            start + WEEK < last.minutes_of_week().1 && weekly_overlap(*hours, *last)
        });
        if let Some((last, _)) = over_the_end {
            let place = &last.place;
            remarks
                .wrong(spot, format!("overlaps {place}, which runs into it over the week's end"));
        }
    }
}
