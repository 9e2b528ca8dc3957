//! A booking as it comes in.

use jiff::Timestamp;
use jiff::civil::Date;

use super::overrule::RawOverrule;
use crate::domain::Provenance;
use crate::request::{AskedVisitType, Violation};

/// A booking as a door received it.
#[derive(Default)]
pub struct RawBooking {
    /// Whether the patient is described.
    pub describes_patient: bool,
    /// The id of a patient who is known.
    pub patient_id: Option<String>,
    /// The state that a known patient is in this time.
    pub visit_state: Option<String>,
    /// The insurance that a known patient has this time.
    pub visit_insurance: Option<String>,
    /// The patient's name.
    pub name: Option<String>,
    /// The patient's e-mail address.
    pub email: Option<String>,
    /// The patient's telephone number.
    pub phone: Option<String>,
    /// The day the patient was born.
    pub birth_date: Option<Date>,
    /// IANA name of the zone whose clock the patient lives by.
    pub time_zone: Option<String>,
    /// The state the patient is in.
    pub state: Option<String>,
    /// The patient's insurance.
    pub insurance: Option<String>,
    /// The provider asked for.
    pub provider_id: Option<String>,
    /// The start asked for.
    pub starts_at: Option<Timestamp>,
    /// The earliest start.
    pub after: Option<Timestamp>,
    /// The length in minutes.
    pub duration_minutes: Option<i64>,
    /// What kind of visit.
    pub visit_type: Option<AskedVisitType>,
    /// Why the patient comes.
    pub reason: Option<String>,
    /// The token of the hold that is to be booked.
    pub hold_token: Option<String>,
    /// The rules of policy that do not count, and why.
    pub overrule: RawOverrule,
    /// By which door it came.
    pub provenance: Option<Provenance>,
    /// The key that makes a retry safe.
    pub idempotency_key: Option<String>,
    /// What the door itself found wrong.
    pub violations: Vec<Violation>,
}
