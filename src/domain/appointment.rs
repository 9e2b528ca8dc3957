//! Appointments and the states they go through.

mod changes;
mod details;
mod status;

pub use details::VisitDetails;
pub use status::{AppointmentStatus, UnknownStatus};

use jiff::Timestamp;

use super::ids::{AppointmentId, PatientId, PayerId, ProviderId, VisitTypeId};
use super::overruling::Overruling;
use super::provenance::Provenance;
use super::time_slot::TimeSlot;
use super::us_state::UsState;

/// One visit of one patient to one provider.
#[derive(Clone, PartialEq, Eq)]
pub struct Appointment {
    /// Its identifier, the same through every change of time.
    pub id: AppointmentId,
    /// Who sees the patient.
    pub provider_id: ProviderId,
    /// Who is seen.
    pub patient_id: PatientId,
    /// When.
    pub slot: TimeSlot,
    /// The new time while a reschedule is on its way to the scheduling service: both are held.
    pub moving_to: Option<TimeSlot>,
    /// With whom and when it will be, while a reassignment is on its way to the scheduling service: the times
    /// of both providers are held. Never together with a reschedule.
    pub reassigning: Option<Reassignment>,
    /// Where it stands.
    pub status: AppointmentStatus,
    /// While cancelling: the final status it is on its way to.
    pub ends_as: Option<AppointmentStatus>,
    /// Counts the committed changes, from 1.
    pub version: i32,
    /// The state the patient was in when it was booked.
    pub state: UsState,
    /// The payer it was booked under.
    pub payer_id: PayerId,
    /// What kind of visit it is, where that was said.
    pub visit_type_id: Option<VisitTypeId>,
    /// Why the patient comes, as the patient put it.
    pub reason: Option<String>,
    /// Why it was cancelled, as whoever cancelled put it.
    pub cancel_reason: Option<String>,
    /// The scheduling service's id of it, once confirmed.
    pub external_id: Option<String>,
    /// Whether our book alone has it: no scheduling service has confirmed it, nor is told of changes.
    pub kept_here: bool,
    /// Its time came before the scheduling service had answered, so it, or its move, has ended here and
    /// may still stand there otherwise.
    pub unsettled_outside: bool,
    /// By which door it was booked; not known of what an older server has booked.
    pub provenance: Option<Provenance>,
    /// What was last overruled for it.
    pub overruled: Option<Box<Overruling>>,
    /// When it was booked.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Another provider for a visit, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reassignment {
    /// Who will see the patient.
    pub provider_id: ProviderId,
    /// When.
    pub slot: TimeSlot,
}

impl Appointment {
    /// Whether the scheduling service's confirmation is stored and it is not being cancelled.
    pub fn is_scheduled(&self) -> bool {
        self.status.is_scheduled()
    }

    /// Whether its time has come: then nobody moves or cancels it any more.
    pub fn has_begun(&self, now: Timestamp) -> bool {
        self.slot.starts_at() <= now
    }

    /// Whether somebody may still cancel it.
    pub fn may_be_cancelled(&self, now: Timestamp) -> bool {
        self.status.can_become(AppointmentStatus::Cancelling) && !self.has_begun(now)
    }

    /// Whether it does not take place, whatever it ends as: one that is being cancelled never does any more.
    pub fn never_takes_place(&self) -> bool {
        matches!(
            self.status,
            AppointmentStatus::Cancelling
                | AppointmentStatus::Cancelled
                | AppointmentStatus::Failed
                | AppointmentStatus::Expired
        )
    }

    /// Whether a reschedule or a reassignment of it is on its way to the scheduling service.
    pub fn is_on_the_move(&self) -> bool {
        self.moving_to.is_some() || self.reassigning.is_some()
    }

    /// The time that the scheduling service is asked for: the new one, while it is on the move.
    pub fn asked_slot(&self) -> TimeSlot {
        let reassigned = self.reassigning.map(|to| to.slot);
        reassigned.or(self.moving_to).unwrap_or(self.slot)
    }

    /// With whom the scheduling service is asked to have it: the new one, while it is being reassigned.
    pub fn asked_provider(&self) -> ProviderId {
        self.reassigning.map_or(self.provider_id, |to| to.provider_id)
    }

    /// The statuses that it may still change to. Once it has begun these are the ones that the
    /// scheduling service brings about, and not the caller, and what staff say of it; they say that the
    /// patient has come once the day of the visit has.
    pub fn may_become(&self, now: Timestamp, day_has_come: bool) -> Vec<AppointmentStatus> {
        let (begun, settled) = (self.has_begun(now), !self.is_on_the_move());
        let is_possible = |next: &AppointmentStatus| match next {
            AppointmentStatus::Cancelling => !begun,
            // The service may lose a confirmed one while it is being moved.
            AppointmentStatus::Failed => !begun || !self.is_scheduled() || !settled,
            AppointmentStatus::CheckedIn => settled && (day_has_come || begun),
            AppointmentStatus::Completed | AppointmentStatus::NoShow => settled && begun,
            AppointmentStatus::Pending
            | AppointmentStatus::Confirmed
            | AppointmentStatus::Cancelled
            | AppointmentStatus::Expired => true,
        };
        self.status.successors().iter().copied().filter(is_possible).collect()
    }
}
