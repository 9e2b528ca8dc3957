//! What the state of an appointment asks for next, so that it and the scheduling service agree.
//!
//! It follows from the state and from what is unanswered, both of which are stored, so the request that
//! wrote them and whoever takes over after a crash do the same. A time is never freed while a call that may have made an appointment outside
//! is unanswered: that call is repeated under its key first. There is one end to that, the time itself: once it has come, what
//! is unanswered ends here, and is undone outside after it.

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
    /// Move it outside, or give it to another provider there: with whom is
    /// [`Appointment::asked_provider`].
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

/// The same for every try of a call, and another once the appointment has changed. By its version alone it would be told
/// twice after a backup was restored: the service would answer what it did in the time that is lost.
fn key_of(appointment: &Appointment, operation: &str) -> String {
    let Appointment { id, version, updated_at, .. } = appointment;
    format!("{id}:{operation}:{version}:{}", updated_at.as_second())
}

/// What `appointment` asks for next; `unanswered_key` is that of a call that may have made an
/// appointment outside, while its answer is unknown.
pub fn next_step(appointment: &Appointment, unanswered_key: Option<&str>) -> NextStep {
    let held = appointment.asked_slot();
    if appointment.is_undone_outside() {
        return match (unanswered_key, &appointment.external_id) {
            (Some(key), _) => NextStep::Reserve { slot: held, key: key.to_owned() },
            (None, Some(external_id)) => NextStep::Cancel {
                external_id: external_id.clone(),
                key: key_of(appointment, "cancel"),
            },
            (None, None) => NextStep::Close,
        };
    }
    let is_moved = appointment.is_on_the_move() || appointment.unsettled_outside;
    match (appointment.status, unanswered_key, &appointment.external_id) {
        (AppointmentStatus::Pending, ..) => {
            NextStep::Reserve { slot: appointment.slot, key: reserve_key(appointment.id) }
        }
        // The service did not know what was to be moved: it is being booked there anew.
        (status, Some(key), _) if status.is_scheduled() && is_moved => {
            NextStep::Reserve { slot: held, key: key.to_owned() }
        }
        // To its new time, or back to its own after a move that was given up.
        (status, None, Some(external_id)) if status.is_scheduled() && is_moved => NextStep::Move {
            external_id: external_id.clone(),
            slot: held,
            key: key_of(appointment, "move"),
        },
        _ => NextStep::Nothing,
    }
}

/// Until when `appointment` may wait for the scheduling service; `None` when there is nothing to end. A
/// booking's time is held for `hold_for`, and nothing is held past the time that it is about.
pub fn ends_at(
    appointment: &Appointment,
    unanswered_key: Option<&str>,
    hold_for: SignedDuration,
) -> Option<Timestamp> {
    let starts_at = appointment.slot.starts_at();
    let moves_to = appointment.is_on_the_move().then(|| appointment.asked_slot().starts_at());
    let is_nowhere = unanswered_key.is_none() && appointment.external_id.is_none();
    match appointment.status {
        AppointmentStatus::Pending => {
            let deadline = appointment.created_at.saturating_add(hold_for).unwrap_or(starts_at);
            Some(deadline.min(starts_at))
        }
        AppointmentStatus::Confirmed => moves_to,
        // Nobody has to be asked.
        AppointmentStatus::Cancelling if is_nowhere => Some(appointment.updated_at),
        AppointmentStatus::Cancelling => Some(moves_to.map_or(starts_at, |to| to.max(starts_at))),
        AppointmentStatus::CheckedIn
        | AppointmentStatus::Completed
        | AppointmentStatus::NoShow
        | AppointmentStatus::Cancelled
        | AppointmentStatus::Failed
        | AppointmentStatus::Expired => None,
    }
}

/// What becomes of an appointment that the service has not answered for too long; `None` while there is
/// time.
pub fn given_up(
    appointment: &Appointment,
    unanswered_key: Option<&str>,
    hold_for: SignedDuration,
    now: Timestamp,
) -> Option<Appointment> {
    ends_at(appointment, unanswered_key, hold_for).filter(|ends_at| now >= *ends_at)?;
    // Of a call that books it anew, at its new time and with whom it is on its way to, it is there.
    let as_called = match unanswered_key {
        Some(_) => Appointment {
            provider_id: appointment.asked_provider(),
            slot: appointment.asked_slot(),
            ..appointment.clone()
        },
        None => appointment.clone(),
    };
    Some(match (appointment.status, unanswered_key) {
        // Nothing was ever sent, so there is nothing to undo.
        (AppointmentStatus::Pending, None) => appointment.expired(now),
        (AppointmentStatus::Pending, Some(_)) if !appointment.has_begun(now) => {
            appointment.cancelling(AppointmentStatus::Expired, None, now)
        }
        (AppointmentStatus::Confirmed, None) => appointment.stayed_unanswered(now),
        (AppointmentStatus::Confirmed, Some(_)) => {
            as_called.ended_unanswered(AppointmentStatus::Failed, now)
        }
        (AppointmentStatus::Cancelling, None) if appointment.external_id.is_none() => {
            appointment.closed(now)
        }
        _ => {
            let ends_as = appointment.ends_as.unwrap_or(AppointmentStatus::Expired);
            as_called.ended_unanswered(ends_as, now)
        }
    })
}

#[cfg(test)]
mod tests;
