//! Why a status does not change as it was asked for, in words.

use crate::domain::time_slot::rfc3339;
use crate::domain::{Appointment, AppointmentStatus};
use crate::request::sentence::one_of;

/// What keeps a status from changing as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransitionBar {
    /// The status as it is, or that the visit is on the move.
    Status,
    /// The status would allow it, had the visit not begun.
    Begun,
    /// The status would allow it, later.
    Early,
}

/// What to tell the caller.
pub(super) fn message(
    appointment: &Appointment,
    allowed: &[AppointmentStatus],
    bar: TransitionBar,
) -> String {
    let (starts_at, allowed) = (rfc3339(appointment.slot.starts_at()), listed(allowed));
    match bar {
        TransitionBar::Begun => format!(
            "The visit began at {starts_at}, and what has begun is neither moved nor cancelled: it may become {allowed}"
        ),
        TransitionBar::Early => format!(
            "Too early for a visit at {starts_at}: a patient is checked in on the day of the visit at the \
             earliest, on the provider's clock, and it is completed or a no-show from its start on; it may \
             become {allowed}"
        ),
        TransitionBar::Status => format!(
            "Not possible for an appointment that is {}{}: it may become {allowed}",
            appointment.status.as_str(),
            on_the_move(appointment),
        ),
    }
}

fn on_the_move(appointment: &Appointment) -> &'static str {
    match (appointment.moving_to, appointment.reassigning) {
        (Some(_), _) => " and being moved",
        (None, Some(_)) => " and being reassigned",
        (None, None) => "",
    }
}

fn listed(statuses: &[AppointmentStatus]) -> String {
    let names: Vec<&str> = statuses.iter().map(|status| status.as_str()).collect();
    if names.is_empty() { "nothing".to_owned() } else { one_of(&names) }
}
