//! What stands inside what the mutations of a provider take.

use async_graphql::{InputObject, MaybeUndefined};

use crate::graphql::types::date::Date;
use crate::graphql::types::patient_change::change;
use crate::graphql::types::working_hours::Weekday;
use crate::roster::edit::{RawHours, RawLicence, RawRules, RawSpan};

/// A licence to hold.
#[derive(InputObject)]
pub(in crate::graphql) struct LicenceInput {
    /// The state that granted it: a two-letter code or a name.
    state: String,
    /// Its number, as the state's board writes it. No two of one state have the same.
    number: String,
    /// The first day on which it is valid; null or left out when unknown.
    valid_from: Option<Date>,
    /// The last day on which it is valid; null or left out when it does not end.
    valid_until: Option<Date>,
}

impl From<LicenceInput> for RawLicence {
    fn from(given: LicenceInput) -> Self {
        Self {
            state: given.state,
            number: given.number,
            valid_from: given.valid_from.map(|day| day.0),
            valid_until: given.valid_until.map(|day| day.0),
        }
    }
}

/// Hours of one weekday, in the provider's local time. Hours over midnight are two: until `24:00`, and from
/// `00:00` of the next day.
#[derive(InputObject)]
pub(in crate::graphql) struct WorkingHoursInput {
    /// The day of the week.
    weekday: Weekday,
    /// When they open, such as `09:00`.
    opens_at: String,
    /// When they close, such as `17:00`, and `24:00` at the latest.
    closes_at: String,
    /// The first day on which they are in effect; null or left out when they always were.
    effective_from: Option<Date>,
    /// The last day on which they are in effect; null or left out when they go on.
    effective_until: Option<Date>,
}

impl From<WorkingHoursInput> for RawHours {
    fn from(given: WorkingHoursInput) -> Self {
        Self {
            weekday: given.weekday.into(),
            span: RawSpan { opens_at: given.opens_at, closes_at: given.closes_at },
            effective_from: given.effective_from.map(|day| day.0),
            effective_until: given.effective_until.map(|day| day.0),
        }
    }
}

/// Hours of one day, in the provider's local time.
#[derive(InputObject)]
pub(in crate::graphql) struct DayHoursInput {
    /// When they open, such as `09:00`.
    opens_at: String,
    /// When they close, such as `12:30`, and `24:00` at the latest.
    closes_at: String,
}

impl From<DayHoursInput> for RawSpan {
    fn from(given: DayHoursInput) -> Self {
        Self { opens_at: given.opens_at, closes_at: given.closes_at }
    }
}

/// What is to become of the rules by which visits are booked. What is left out stays; null is as the clinic
/// has it.
#[derive(InputObject)]
pub(in crate::graphql) struct BookingRulesInput {
    /// How far apart offered times lie: 1 to 480 minutes.
    grid_minutes: MaybeUndefined<i32>,
    /// What is kept free before each visit: 0 to 480 minutes.
    buffer_before_minutes: MaybeUndefined<i32>,
    /// What is kept free after each visit: 0 to 480 minutes.
    buffer_after_minutes: MaybeUndefined<i32>,
    /// How long before its start a visit is booked at the latest: 0 to 525600 minutes.
    notice_minutes: MaybeUndefined<i32>,
    /// How far ahead a visit may start: 1 to 730 days.
    horizon_days: MaybeUndefined<i32>,
    /// How many visits may start on one local day of the provider: 1 to 1000.
    max_appointments_per_day: MaybeUndefined<i32>,
}

impl From<BookingRulesInput> for RawRules {
    fn from(given: BookingRulesInput) -> Self {
        Self {
            grid_minutes: change(given.grid_minutes),
            buffer_before_minutes: change(given.buffer_before_minutes),
            buffer_after_minutes: change(given.buffer_after_minutes),
            notice_minutes: change(given.notice_minutes),
            horizon_days: change(given.horizon_days),
            max_appointments_per_day: change(given.max_appointments_per_day),
        }
    }
}
