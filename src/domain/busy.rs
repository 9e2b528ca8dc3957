//! Busy time: what is not free, because an appointment is there.

use std::collections::HashMap;
use std::ops::Range;

use jiff::{SignedDuration, Timestamp};

use super::ids::{AppointmentId, ProviderId, VisitTypeId};
use super::time_slot::TimeSlot;

/// No appointment is longer than a day, so none that began earlier still runs. The schema says so.
pub const LONGEST_APPOINTMENT: SignedDuration = SignedDuration::from_hours(24);

/// The time that one appointment keeps with its provider: none, one span, or two while it is moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppointmentTime {
    /// With whom.
    pub provider_id: ProviderId,
    /// With whom it was before, where that is somebody else.
    pub left: Option<ProviderId>,
    /// Which appointment.
    pub appointment_id: AppointmentId,
    /// Of which kind it is, where that was said.
    pub visit_type_id: Option<VisitTypeId>,
    /// When.
    pub slots: Vec<TimeSlot>,
}

/// A time of a provider's that is held without being an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldTime {
    /// When.
    pub slot: TimeSlot,
    /// For what kind of visit, where that is said.
    pub visit_type_id: Option<VisitTypeId>,
    /// Until when it is held; none where that is for as long as a visit is on its way there.
    pub until: Option<Timestamp>,
}

/// What is held under an id with a provider, or that nothing is any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldChange {
    /// Which.
    pub id: AppointmentId,
    /// With whom.
    pub provider_id: ProviderId,
    /// What is held there now.
    pub held: Option<HeldTime>,
}

/// Whoever knows when providers are busy.
pub trait BusyByProvider {
    /// When the provider is busy with appointments, in any order.
    fn of_provider(&self, provider_id: ProviderId) -> &[TimeSlot];

    /// The same time in as few spans as are at hand, in any order: what touches may be one.
    fn runs_of(&self, provider_id: ProviderId) -> &[TimeSlot] {
        self.of_provider(provider_id)
    }

    /// How many of these appointments start in `period`, all of which is known.
    fn count_starts(&self, provider_id: ProviderId, period: &Range<Timestamp>) -> usize {
        let visits = self.of_provider(provider_id).iter();
        visits.filter(|visit| period.contains(&visit.starts_at())).count()
    }

    /// Of which kind each of these appointments is, in the same order; none at all where none of them is of
    /// any kind.
    fn kinds_of(&self, provider_id: ProviderId) -> &[Option<VisitTypeId>];

    /// Which times of the provider's the scheduling service has refused of late, in any order: nobody's
    /// here, and not offered all the same.
    fn refused_of(&self, provider_id: ProviderId) -> &[TimeSlot];

    /// What of the provider's time is held without being an appointment, in any order.
    fn held_of(&self, provider_id: ProviderId) -> &[HeldTime];

    /// Whether the provider is busy with anything.
    fn is_busy(&self, provider_id: ProviderId) -> bool {
        !self.of_provider(provider_id).is_empty() || !self.held_of(provider_id).is_empty()
    }
}

/// When some providers and a patient are busy.
#[derive(Debug, Default)]
pub struct BusyTime {
    by_provider: HashMap<ProviderId, Vec<TimeSlot>>,
    /// Only of whom an appointment is of some kind.
    kinds: HashMap<ProviderId, Vec<Option<VisitTypeId>>>,
    of_patient: Vec<TimeSlot>,
    refused: HashMap<ProviderId, Vec<TimeSlot>>,
    held: HashMap<ProviderId, Vec<HeldTime>>,
}

impl BusyTime {
    /// Adds a span of a provider's, with an appointment of that kind.
    pub fn add_of_provider(
        &mut self,
        provider_id: ProviderId,
        slot: TimeSlot,
        kind: Option<VisitTypeId>,
    ) {
        let slots = self.by_provider.entry(provider_id).or_default();
        if kind.is_some() || self.kinds.contains_key(&provider_id) {
            let kinds = self.kinds.entry(provider_id).or_default();
            kinds.resize(slots.len(), None);
            kinds.push(kind);
        }
        slots.push(slot);
    }

    /// Adds a span of the patient's.
    pub fn add_of_patient(&mut self, slot: TimeSlot) {
        self.of_patient.push(slot);
    }

    /// Adds a time of a provider's that the scheduling service has refused.
    pub fn add_refused(&mut self, provider_id: ProviderId, slot: TimeSlot) {
        self.refused.entry(provider_id).or_default().push(slot);
    }

    /// Adds a time of a provider's that is held without being an appointment.
    pub fn add_held(&mut self, provider_id: ProviderId, held: HeldTime) {
        self.held.entry(provider_id).or_default().push(held);
    }

    /// When the patient asked about is busy, with any provider.
    pub fn of_patient(&self) -> &[TimeSlot] {
        &self.of_patient
    }

    /// The same, alone.
    pub fn into_of_patient(self) -> Vec<TimeSlot> {
        self.of_patient
    }
}

impl BusyByProvider for BusyTime {
    fn of_provider(&self, provider_id: ProviderId) -> &[TimeSlot] {
        self.by_provider.get(&provider_id).map_or(&[], Vec::as_slice)
    }

    fn kinds_of(&self, provider_id: ProviderId) -> &[Option<VisitTypeId>] {
        self.kinds.get(&provider_id).map_or(&[], Vec::as_slice)
    }

    fn refused_of(&self, provider_id: ProviderId) -> &[TimeSlot] {
        self.refused.get(&provider_id).map_or(&[], Vec::as_slice)
    }

    fn held_of(&self, provider_id: ProviderId) -> &[HeldTime] {
        self.held.get(&provider_id).map_or(&[], Vec::as_slice)
    }
}
