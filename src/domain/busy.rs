//! Busy time: what is not free, because an appointment is there.

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::SignedDuration;

use super::ids::{AppointmentId, ProviderId};
use super::time_slot::{TimeSlot, VisitLength};

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

    /// Which times of the provider's the scheduling service has refused of late, in any order: nobody's
    /// here, and not offered all the same.
    fn refused_of(&self, provider_id: ProviderId) -> &[TimeSlot];
}

/// What of a provider's time is not to be offered for a visit of that length, in any order: the provider
/// is busy, the scheduling service has refused it, or the patient is busy, whose visits are
/// `of_patient`. A no to a longer visit says nothing about a shorter one in the midst of it.
pub fn not_offered<'a>(
    busy: &'a impl BusyByProvider,
    provider_id: ProviderId,
    length: VisitLength,
    of_patient: &[TimeSlot],
) -> Cow<'a, [TimeSlot]> {
    let of_provider = busy.of_provider(provider_id);
    let refused = busy.refused_of(provider_id).iter();
    let refused: Vec<TimeSlot> =
        refused.filter(|slot| slot.minutes() <= i64::from(length.minutes())).copied().collect();
    if refused.is_empty() && of_patient.is_empty() {
        Cow::Borrowed(of_provider)
    } else {
        Cow::Owned([of_provider, &refused, of_patient].concat())
    }
}

/// When some providers and a patient are busy.
#[derive(Debug, Default)]
pub struct BusyTime {
    by_provider: HashMap<ProviderId, Vec<TimeSlot>>,
    of_patient: Vec<TimeSlot>,
    refused: HashMap<ProviderId, Vec<TimeSlot>>,
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

    /// Adds a time of a provider's that the scheduling service has refused.
    pub fn add_refused(&mut self, provider_id: ProviderId, slot: TimeSlot) {
        self.refused.entry(provider_id).or_default().push(slot);
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

    fn refused_of(&self, provider_id: ProviderId) -> &[TimeSlot] {
        self.refused.get(&provider_id).map_or(&[], Vec::as_slice)
    }
}
