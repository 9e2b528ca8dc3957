//! What happened to a visit, as others are told of it.

use jiff::Timestamp;

use super::appointment::AppointmentStatus;
use super::appointment_event::{AppointmentEventKind, EventPosition};
use super::ids::{AppointmentId, ProviderId};

/// An event with the visit as it was after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldEvent {
    /// Its place in the log.
    pub position: EventPosition,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: AppointmentEventKind,
    /// The visit.
    pub appointment_id: AppointmentId,
    /// With whom it is.
    pub provider_id: ProviderId,
    /// What it is.
    pub status: AppointmentStatus,
    /// When it begins, or is to begin where it is on the move.
    pub starts_at: Timestamp,
    /// When it ends, or is to.
    pub ends_at: Timestamp,
    /// When it began before, where that is another moment.
    pub previous_starts_at: Option<Timestamp>,
}
