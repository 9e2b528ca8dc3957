//! The rules of a roster file: the clinic's, and a provider's own. One that is null or left out is as the
//! next above has it.

use super::document::{Fields, Remarks, Spot};
use crate::domain::{LocalTime, OwnRules};
use crate::roster::entries::RosterRules;

/// Reads the clinic's rules.
pub(super) fn clinic_rules<'a>(spot: &Spot<'a>, remarks: &mut Remarks<'a>) -> Option<RosterRules> {
    let mut fields = spot.fields(remarks)?;
    let booking = booking_rules(&mut fields, remarks);
    let a_time = "must be a time of day such as 07:00";
    let mut time = |name: &str, remarks: &mut Remarks<'a>| {
        fields.take(name).and_then(|spot| spot.parsed::<LocalTime>(a_time, remarks))
    };
    let patient_earliest = time("patient_earliest", remarks);
    let patient_latest = time("patient_latest", remarks);
    fields.end(remarks);
    if patient_earliest.zip(patient_latest).is_some_and(|(earliest, latest)| latest < earliest) {
        remarks.wrong(spot, "patient_latest must not be before patient_earliest");
    }
    Some(RosterRules { booking, patient_earliest, patient_latest })
}

/// Reads the rules that are a provider's own.
pub(super) fn own_rules<'a>(spot: &Spot<'a>, remarks: &mut Remarks<'a>) -> Option<OwnRules> {
    let mut fields = spot.fields(remarks)?;
    let rules = booking_rules(&mut fields, remarks);
    fields.end(remarks);
    Some(rules)
}

fn booking_rules<'a>(fields: &mut Fields<'a>, remarks: &mut Remarks<'a>) -> OwnRules {
    let small = |number: i64| u16::try_from(number).ok();
    let mut rule = |name: &str, least: i64, most: i64| {
        fields.take(name).and_then(|spot| spot.number(least, most, remarks))
    };
    OwnRules {
        grid_minutes: rule("grid_minutes", 1, 480).and_then(small),
        buffer_before_minutes: rule("buffer_before_minutes", 0, 480).and_then(small),
        buffer_after_minutes: rule("buffer_after_minutes", 0, 480).and_then(small),
        notice_minutes: rule("notice_minutes", 0, 525_600)
            .and_then(|number| u32::try_from(number).ok()),
        horizon_days: rule("horizon_days", 1, 730).and_then(small),
        max_appointments_per_day: rule("max_appointments_per_day", 1, 1000).and_then(small),
    }
}
