//! Rosters of the harness: every provider may treat every patient.

use serde_json::{Value, json};

/// The state and the insurance of every patient.
pub(crate) const STATE: &str = "NY";
pub(crate) const INSURANCE: &str = "Aetna";

const WEEKDAYS: [&str; 7] =
    ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];

/// One stretch of work, the same every week, in UTC.
pub(crate) struct Hours<'a> {
    pub(crate) weekdays: &'a [&'a str],
    pub(crate) opens_at: &'a str,
    pub(crate) closes_at: &'a str,
}

/// Always at work.
pub(crate) const ALWAYS: Hours<'static> =
    Hours { weekdays: &WEEKDAYS, opens_at: "00:00", closes_at: "24:00" };

/// `count` providers with these hours.
pub(crate) fn of(count: usize, hours: &Hours<'_>) -> String {
    let provider = |number: usize| provider(number, hours);
    text(&(0..count).map(provider).collect::<Vec<Value>>())
}

/// `count` providers: every other one works by day only.
pub(crate) fn mixed(count: usize) -> String {
    let by_day = Hours { weekdays: &WEEKDAYS, opens_at: "07:00", closes_at: "21:00" };
    let hours = |number: usize| if number.is_multiple_of(2) { &ALWAYS } else { &by_day };
    text(&(0..count).map(|number| provider(number, hours(number))).collect::<Vec<Value>>())
}

fn provider(number: usize, hours: &Hours<'_>) -> Value {
    let hours: Vec<Value> = hours
        .weekdays
        .iter()
        .map(|day| {
            json!({ "weekday": day, "opens_at": hours.opens_at, "closes_at": hours.closes_at })
        })
        .collect();
    json!({
        "reference": format!("torture-{number:03}"), "name": format!("Dr. Torture {number:03}"),
        "credentials": "MD", "time_zone": "UTC",
        "licences": [{ "state": STATE, "number": format!("T-{number}"), "valid_from": null, "valid_until": null }],
        "insurances": [INSURANCE], "working_hours": hours,
    })
}

fn text(providers: &[Value]) -> String {
    json!({ "payers": [{ "name": INSURANCE, "aliases": [] }], "providers": providers }).to_string()
}
