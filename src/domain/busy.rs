//! Busy time: what is not free, because an appointment is there.

use std::collections::HashMap;

use jiff::SignedDuration;

use super::ids::{AppointmentId, ProviderId};
use super::time_slot::TimeSlot;

/// No appointment is longer than a day, so none that began earlier still runs. The schema says so.
pub const LONGEST_APPOINTMENT: SignedDuration = SignedDuration::from_hours(24);

/// The time that one appointment keeps with its provider: none, one span, or two while it is moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppointmentTime {
    /// With whom; it never changes.
    pub provider_id: ProviderId,
    /// Which appointment.
    pub appointment_id: AppointmentId,
    /// When.
    pub slots: Vec<TimeSlot>,
}

/// Whoever knows when providers are busy.
pub trait BusyByProvider {
    /// When the provider is busy, in any order.
    fn of_provider(&self, provider_id: ProviderId) -> &[TimeSlot];
}

/// When some providers and a patient are busy.
#[derive(Debug, Default)]
pub struct BusyTime {
    by_provider: HashMap<ProviderId, Vec<TimeSlot>>,
    of_patient: Vec<TimeSlot>,
}

impl BusyTime {
    /// Adds a span of a provider's.
    pub fn add_of_provider(&mut self, provider_id: ProviderId, slot: TimeSlot) {
        self.by_provider.entry(provider_id).or_default().push(slot);
    }

    /// Adds a span of the patient's.
    pub fn add_of_patient(&mut self, slot: TimeSlot) {
        self.of_patient.push(slot);
    }

    /// When the patient asked about is busy, with any provider.
    pub fn of_patient(&self) -> &[TimeSlot] {
        &self.of_patient
    }
}

impl BusyByProvider for BusyTime {
    fn of_provider(&self, provider_id: ProviderId) -> &[TimeSlot] {
        self.by_provider.get(&provider_id).map_or(&[], Vec::as_slice)
    }
}
