//! What the state of an appointment asks for next, so that it and the scheduling service agree.
//!
//! It follows from the state and from what is unanswered, both of which are stored, so the request that
//! wrote them and whoever takes over after a crash do the same. A time is never freed while a call that may have made an appointment outside
//! is unanswered: that call is repeated under its key first.

use jiff::{SignedDuration, Timestamp};

use super::appointment::{Appointment, AppointmentStatus};
use super::ids::AppointmentId;
use super::time_slot::TimeSlot;

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextStep {
    /// Nothing: both sides agree.
    Nothing,
    /// Nothing is left outside, so the time may be freed.
    Close,
    /// Book it outside, or repeat the call that may have.
    Reserve {
        /// When.
        slot: TimeSlot,
        /// The key of the call.
        key: String,
    },
    /// Move it outside.
    Move {
        /// The service's id of it.
        external_id: String,
        /// Where to.
        slot: TimeSlot,
        /// The key of the call.
        key: String,
    },
    /// Cancel it outside.
    Cancel {
        /// The service's id of it.
        external_id: String,
        /// The key of the call.
        key: String,
    },
}

/// The key of the first call for an appointment.
pub fn reserve_key(id: AppointmentId) -> String {
    format!("{id}:reserve:1")
}

/// The key of the call that books anew what the service was asked to move and did not know.
pub fn rebook_key(appointment: &Appointment) -> String {
    key_of(appointment, "rebook")
}

/// The same for every try of a call, and another once the appointment has changed.
fn key_of(appointment: &Appointment, operation: &str) -> String {
    format!("{}:{operation}:{}", appointment.id, appointment.version)
}

/// What `appointment` asks for next; `unanswered_key` is that of a call that may have made an
/// appointment outside, while its answer is unknown.
pub fn next_step(appointment: &Appointment, unanswered_key: Option<&str>) -> NextStep {
    match (appointment.status, unanswered_key, &appointment.external_id, appointment.moving_to) {
        (AppointmentStatus::Pending, ..) => {
            NextStep::Reserve { slot: appointment.slot, key: reserve_key(appointment.id) }
        }
        // The service did not know what was to be moved: it is being booked there anew.
        (AppointmentStatus::Confirmed, Some(key), _, Some(slot)) => {
            NextStep::Reserve { slot, key: key.to_owned() }
        }
        (AppointmentStatus::Confirmed, None, Some(external_id), Some(slot)) => NextStep::Move {
            external_id: external_id.clone(),
            slot,
            key: key_of(appointment, "move"),
        },
        (AppointmentStatus::Cancelling, Some(key), _, moving_to) => {
            NextStep::Reserve { slot: moving_to.unwrap_or(appointment.slot), key: key.to_owned() }
        }
        (AppointmentStatus::Cancelling, None, Some(external_id), _) => NextStep::Cancel {
            external_id: external_id.clone(),
            key: key_of(appointment, "cancel"),
        },
        (AppointmentStatus::Cancelling, None, None, _) => NextStep::Close,
        _ => NextStep::Nothing,
    }
}

/// What becomes of a booking that the service has not answered for too long; `None` while there is
/// time. Its time is held for `hold_for`, and never past the start of the visit.
pub fn given_up(
    appointment: &Appointment,
    unanswered_key: Option<&str>,
    hold_for: SignedDuration,
    now: Timestamp,
) -> Option<Appointment> {
    let deadline = appointment.created_at.saturating_add(hold_for).unwrap_or(now);
    let overdue = now >= deadline.min(appointment.slot.starts_at());
    if appointment.status != AppointmentStatus::Pending || !overdue {
        return None;
    }
    Some(match unanswered_key {
        // Nothing was ever sent, so there is nothing to undo.
        None => appointment.expired(now),
        Some(_) => appointment.cancelling(AppointmentStatus::Expired, None, now),
    })
}

#[cfg(test)]
mod tests;
