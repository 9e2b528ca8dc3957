//! The days of a roster file that are not as every week: other hours on one day, time off, and days on
//! which the clinic is closed.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::document::{Remarks, Spot};
use super::hours::span_of_a_day;
use crate::domain::hours_overlap::overlapping_on_a_day;
use crate::domain::time_slot::is_whole_minute;
use crate::domain::{ClosedDay, DateOverride, DayHours, TimeSlot};
use crate::roster::entries::RosterTimeOff;

const A_DATE: &str = "must be a date such as 2027-01-31";

/// Days that stand in one list, each once.
#[derive(Default)]
struct Days(HashMap<Date, String>);

impl Days {
    fn read<'a>(&mut self, spot: &Spot<'a>, remarks: &mut Remarks<'a>) -> Option<Date> {
        let date = spot.parsed::<Date>(A_DATE, remarks)?;
        if let Some(place) = self.0.get(&date) {
            remarks.wrong(spot, format!("{date} stands at {place} already"));
        }
        self.0.insert(date, spot.place.clone());
        Some(date)
    }
}

/// Reads the days on which the clinic is closed.
pub(super) fn closed_days<'a>(list: &Spot<'a>, remarks: &mut Remarks<'a>) -> Vec<ClosedDay> {
    let (mut days, items) = (Days::default(), list.items(remarks).unwrap_or_default());
    let closed = items.iter().filter_map(|spot| {
        let mut fields = spot.fields(remarks)?;
        let date = fields.required("date", remarks);
        let name = fields.required("name", remarks);
        fields.end(remarks);
        let date = date.and_then(|spot| days.read(&spot, remarks));
        let name = name.and_then(|spot| super::text::plain_text(&spot, remarks));
        Some(ClosedDay { date: date?, name: name? })
    });
    closed.collect()
}

/// Reads the days on which a provider does not work as every week.
pub(super) fn overrides<'a>(
    list: &Spot<'a>,
    remarks: &mut Remarks<'a>,
) -> Option<Vec<DateOverride>> {
    let mut days = Days::default();
    let items = list.items(remarks)?;
    let overrides = items.iter().filter_map(|spot| {
        let mut fields = spot.fields(remarks)?;
        let date = fields.required("date", remarks);
        let hours = fields.required("hours", remarks);
        fields.end(remarks);
        let date = date.and_then(|spot| days.read(&spot, remarks));
        let hours = hours.and_then(|spot| day_hours(&spot, remarks));
        Some(DateOverride { date: date?, hours: hours? })
    });
    Some(overrides.collect())
}

fn day_hours<'a>(list: &Spot<'a>, remarks: &mut Remarks<'a>) -> Option<Vec<DayHours>> {
    let items = list.items(remarks)?;
    let read = items.iter().filter_map(|spot| Some((spot, span_of_a_day(spot, remarks)?)));
    let (spots, hours): (Vec<_>, Vec<DayHours>) = read.collect::<Vec<_>>().into_iter().unzip();
    if let Some((earlier, later)) = overlapping_on_a_day(&hours) {
        remarks.wrong(spots[later], format!("overlaps {}", spots[earlier].place));
    }
    Some(hours)
}

/// Reads time off.
pub(super) fn time_off<'a>(
    list: &Spot<'a>,
    remarks: &mut Remarks<'a>,
) -> Option<Vec<RosterTimeOff>> {
    let items = list.items(remarks)?;
    let time_off = items.iter().filter_map(|spot| {
        let mut fields = spot.fields(remarks)?;
        let starts_at = fields.required("starts_at", remarks);
        let ends_at = fields.required("ends_at", remarks);
        let reason = fields.take("reason");
        fields.end(remarks);
        let starts_at = starts_at.and_then(|spot| moment(&spot, remarks));
        let ends_at = ends_at.and_then(|spot| moment(&spot, remarks));
        let reason = reason.and_then(|spot| spot.text(remarks));
        let slot = TimeSlot::new(starts_at?, ends_at?);
        if slot.is_err() {
            remarks.wrong(spot, "it must end after it starts");
        }
        Some(RosterTimeOff { slot: slot.ok()?, reason: reason.filter(|text| !text.is_empty()) })
    });
    Some(time_off.collect())
}

fn moment<'a>(spot: &Spot<'a>, remarks: &mut Remarks<'a>) -> Option<Timestamp> {
    let moment =
        spot.parsed::<Timestamp>("must be a moment such as 2027-01-31T14:00:00Z", remarks)?;
    if !is_whole_minute(moment) {
        remarks.wrong(spot, "must be a whole minute");
        return None;
    }
    Some(moment)
}
