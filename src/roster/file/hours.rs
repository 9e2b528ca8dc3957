//! The working hours of a provider of a roster file.

use jiff::civil::Weekday;

use super::document::{Remarks, Spot};
use crate::domain::working_hours::weekday_named;
use crate::domain::{LocalTime, VisitLength, WorkingHours};

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
    spans.sort_by_key(|(_, span)| span.minutes_of_week());
    note_overlaps(&spans, remarks);
    Some(spans.into_iter().map(|(_, span)| span).collect())
}

fn span<'a>(spot: &Spot<'a>, remarks: &mut Remarks<'a>) -> Option<WorkingHours> {
    let mut fields = spot.fields(remarks)?;
    let weekday = fields.required("weekday", remarks);
    let opens_at = fields.required("opens_at", remarks);
    let closing = fields.required("closes_at", remarks);
    fields.end(remarks);
    let weekday = weekday.and_then(|spot| weekday_at(&spot, remarks));
    let a_time = "must be a time of day such as 09:00, at most 24:00";
    let opens_at = opens_at.and_then(|spot| spot.parsed::<LocalTime>(a_time, remarks));
    let closes_at = closing.as_ref().and_then(|spot| spot.parsed::<LocalTime>(a_time, remarks));
    let hours = WorkingHours::weekly(weekday?, opens_at?, closes_at?);
    let (opens_at, closes_at) = (hours.opens_at, hours.closes_at);
    if opens_at == closes_at || opens_at == LocalTime::END_OF_DAY {
        remarks.wrong(spot, format!("hours from {opens_at} to {closes_at} are none"));
        return None;
    }
    note_length(hours, &closing?, remarks);
    Some(hours)
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

/// Tells each span that begins before one that began earlier has ended.
fn note_overlaps(sorted: &[(&Spot<'_>, WorkingHours)], remarks: &mut Remarks<'_>) {
    let mut latest: Option<(u16, &Spot<'_>)> = None;
    for (spot, hours) in sorted {
        let (start, end) = hours.minutes_of_week();
        if let Some((_, before)) = latest.filter(|(latest_end, _)| start < *latest_end) {
            remarks.wrong(spot, format!("overlaps {}", before.place));
        }
        if latest.is_none_or(|(latest_end, _)| latest_end < end) {
            latest = Some((end, spot));
        }
    }
    // The week begins again: Sunday night may run into Monday morning.
    if let (Some((end, last)), Some((first, hours))) = (latest, sorted.first())
        && sorted.len() > 1
        && hours.minutes_of_week().0 + WEEK < end
    {
        remarks.wrong(
            first,
            format!("overlaps {}, which runs into it over the week's end", last.place),
        );
    }
}
