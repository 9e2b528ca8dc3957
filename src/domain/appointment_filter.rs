//! What a list of appointments can be asked for, and where an appointment stands in one.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::appointment::{Appointment, AppointmentStatus};
use super::ids::{AppointmentId, PatientId, PayerId, ProviderId, VisitTypeId};
use super::time_slot::TimeSlot;
use super::us_state::UsState;

/// Which appointments are asked for; every condition that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AppointmentFilter {
    /// Overlaps this window, also when it began before it and still runs.
    pub window: Option<TimeSlot>,
    /// Is with this provider.
    pub provider_id: Option<ProviderId>,
    /// Is with one of these providers.
    pub provider_ids: Option<Vec<ProviderId>>,
    /// Is of this patient.
    pub patient_id: Option<PatientId>,
    /// Was booked for a patient in this state.
    pub state: Option<UsState>,
    /// Was booked with the insurance of this payer.
    pub payer: Option<PayerId>,
    /// Is of this kind.
    pub kind: Option<VisitTypeId>,
    /// Has one of these statuses; when `None`, one that holds its time.
    pub statuses: Option<Vec<AppointmentStatus>>,
    /// Was changed at or after this moment.
    pub updated_since: Option<Timestamp>,
}

/// Whose appointments a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AppointmentOwner {
    /// Those with this provider.
    Provider(ProviderId),
    /// Those of this patient.
    Patient(PatientId),
}

/// Where an appointment stands in a list: lists go by start, then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AppointmentPosition {
    /// The start.
    pub starts_at: Timestamp,
    /// The id.
    pub id: AppointmentId,
}

impl AppointmentPosition {
    /// The position of an appointment.
    pub fn of(appointment: &Appointment) -> Self {
        Self { starts_at: appointment.slot.starts_at(), id: appointment.id }
    }
}

/// The text is not a place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor")]
pub struct MalformedCursor;

impl fmt::Display for AppointmentPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{}", self.starts_at.as_second(), self.id)
    }
}

impl FromStr for AppointmentPosition {
    type Err = MalformedCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (seconds, id) = text.split_once('.').ok_or(MalformedCursor)?;
        let seconds = i64::from_str_radix(seconds, 16).map_err(|_not_a_number| MalformedCursor)?;
        let starts_at = Timestamp::from_second(seconds).map_err(|_out_of_range| MalformedCursor)?;
        let id = id.parse().map_err(|_malformed| MalformedCursor)?;
        Ok(Self { starts_at, id })
    }
}
