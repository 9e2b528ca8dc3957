//! What happens to appointments, as a reader of the event log is told.

use std::str::FromStr;

use jiff::Timestamp;

use super::appointment::Appointment;
use super::ids::ProviderId;
use super::us_state::UsState;

/// What happened. The database writes these names (migration 10), whoever makes the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AppointmentEventKind {
    /// A time is held for a new appointment.
    Booked,
    /// The scheduling service has confirmed it.
    Confirmed,
    /// The scheduling service has refused it; final.
    Failed,
    /// The scheduling service never confirmed it within the deadline; final.
    Expired,
    /// It is to be cancelled; the time is held until the scheduling service has acknowledged.
    Cancelling,
    /// It is cancelled; final.
    Cancelled,
    /// It is to be moved; both times are held until the scheduling service has answered.
    Rescheduling,
    /// It has moved to its new time.
    Rescheduled,
    /// It could not be moved and keeps its time.
    RescheduleRefused,
    /// The patient has come.
    CheckedIn,
    /// The patient was seen.
    Completed,
    /// The patient never came.
    NoShow,
    /// It is as it was confirmed again: what was said to have become of it was corrected.
    Reinstated,
    /// It is to be another provider's; the times of both are held until the scheduling service has answered.
    Reassigning,
    /// It is with another provider.
    Reassigned,
    /// It could not be given to another provider and keeps its own.
    ReassignRefused,
    /// What it is about has changed: its reason, state, insurance or type.
    Updated,
}

impl AppointmentEventKind {
    /// Every kind.
    pub const ALL: [Self; 17] = [
        Self::Booked,
        Self::Confirmed,
        Self::Failed,
        Self::Expired,
        Self::Cancelling,
        Self::Cancelled,
        Self::Rescheduling,
        Self::Rescheduled,
        Self::RescheduleRefused,
        Self::CheckedIn,
        Self::Completed,
        Self::NoShow,
        Self::Reinstated,
        Self::Reassigning,
        Self::Reassigned,
        Self::ReassignRefused,
        Self::Updated,
    ];

    /// The name that the database and GraphQL use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Booked => "BOOKED",
            Self::Confirmed => "CONFIRMED",
            Self::Failed => "FAILED",
            Self::Expired => "EXPIRED",
            Self::Cancelling => "CANCELLING",
            Self::Cancelled => "CANCELLED",
            Self::Rescheduling => "RESCHEDULING",
            Self::Rescheduled => "RESCHEDULED",
            Self::RescheduleRefused => "RESCHEDULE_REFUSED",
            Self::CheckedIn => "CHECKED_IN",
            Self::Completed => "COMPLETED",
            Self::NoShow => "NO_SHOW",
            Self::Reinstated => "REINSTATED",
            Self::Reassigning => "REASSIGNING",
            Self::Reassigned => "REASSIGNED",
            Self::ReassignRefused => "REASSIGN_REFUSED",
            Self::Updated => "UPDATED",
        }
    }
}

/// The text is not the name of a kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of appointment event")]
pub struct UnknownEventKind;

impl FromStr for AppointmentEventKind {
    type Err = UnknownEventKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownEventKind)
    }
}

/// A place in the event log: events are told in the order of their positions, and one that
/// becomes visible later never has a lower position.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventPosition(pub i64);

/// Something that happened to an appointment.
#[derive(Clone)]
pub struct AppointmentEvent {
    /// Its place in the log.
    pub position: EventPosition,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: AppointmentEventKind,
    /// With whom the appointment was after it.
    pub provider_id: ProviderId,
    /// With whom it was before it, where that is known.
    pub from_provider_id: Option<ProviderId>,
    /// The other provider whom it concerns: from whom, or to whom, the appointment is reassigned.
    pub other_provider_id: Option<ProviderId>,
    /// The appointment as it stood when the event was read: at least as new as the event.
    pub appointment: Appointment,
}

impl AppointmentEvent {
    /// Whether it is about an appointment with that provider, or on its way to them or from them.
    pub fn concerns(&self, provider: ProviderId) -> bool {
        self.provider_id == provider || self.other_provider_id == Some(provider)
    }

    /// Whether it is told to who knows of appointments with that provider alone: they may see the
    /// appointment, or it is the event that takes it out of their sight.
    pub fn is_for(&self, own: ProviderId) -> bool {
        let leaves = self.from_provider_id == Some(own) && self.provider_id != own;
        self.appointment.provider_id == own || leaves
    }
}

/// Which events are asked for; every condition that is set must hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventFilter {
    /// Of appointments with this provider, or on their way to them or from them.
    pub provider_id: Option<ProviderId>,
    /// Of appointments booked for a patient in this state.
    pub state: Option<UsState>,
    /// Only what is for who knows of appointments with this provider alone.
    pub only_for: Option<ProviderId>,
}

impl EventFilter {
    /// Whether an event is asked for.
    pub fn admits(&self, event: &AppointmentEvent) -> bool {
        self.provider_id.is_none_or(|id| event.concerns(id))
            && self.state.is_none_or(|state| state == event.appointment.state)
            && self.only_for.is_none_or(|own| event.is_for(own))
    }
}
