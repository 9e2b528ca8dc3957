//! What is not as it is every week: other hours on one day, time off, and days on which the clinic is
//! closed.

use jiff::civil::Date;

use super::ids::TimeOffId;
use super::time_slot::TimeSlot;
use super::working_hours::DayHours;

/// A day on which a provider does not work as every week.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DateOverride {
    /// The local day.
    pub date: Date,
    /// The hours that open on it, in order; none: a day without work.
    pub hours: Vec<DayHours>,
}

/// Time that a provider takes off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeOff {
    /// Its identifier.
    pub id: TimeOffId,
    /// When.
    pub slot: TimeSlot,
    /// Why, for who may know.
    pub reason: Option<String>,
}

/// A day on which the clinic is closed: the local day of each provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedDay {
    /// The day.
    pub date: Date,
    /// What it is called.
    pub name: String,
}
