//! Whose patient somebody is: a provider's own are those who have or had a visit with them.

use super::appointment::{Appointment, AppointmentStatus};
use super::ids::ProviderId;

impl AppointmentStatus {
    /// The statuses of what never became a visit.
    pub const NEVER_CAME_ABOUT: [Self; 2] = [Self::Failed, Self::Expired];
}

impl Appointment {
    /// Whether it makes its patient one of that provider's own.
    pub fn makes_patient_of(&self, provider: ProviderId) -> bool {
        self.provider_id == provider && !AppointmentStatus::NEVER_CAME_ABOUT.contains(&self.status)
    }
}
