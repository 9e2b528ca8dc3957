//! What a provider would be by what is written down of them, and whether a visit that is booked still fits
//! what they are.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::appointment::Appointment;
use super::directory::Directory;
use super::eligibility::check_licence;
use super::provider::Provider;
use super::provider_record::ProviderRecord;
use super::schedule::WeeklySchedule;
use super::time_slot::TimeSlot;
use super::zone_data::zone_named;

impl Provider {
    /// The provider of which that is written down, in a clinic.
    pub fn of(record: &ProviderRecord, clinic: &Directory) -> Self {
        let own_visit_types = record.visit_types.iter().copied().collect();
        let mut payers: Vec<_> =
            record.payers.iter().filter_map(|id| clinic.payer(*id)).map(Arc::clone).collect();
        payers.sort_by(|a, b| a.name.cmp(&b.name));
        // Hours in a zone that is not known would be of no known time.
        let is_known = zone_named(&record.time_zone).is_some();
        let working_hours = if is_known { record.working_hours.clone() } else { Vec::new() };
        let provider = Self {
            id: record.id,
            reference: record.reference.clone(),
            version: record.version,
            name: record.name.clone(),
            credentials: record.credentials.clone(),
            time_zone: record.time_zone.clone(),
            licences: record.licences.clone(),
            payers,
            active: record.active,
            own_rules: record.rules,
            own_visit_types,
            overrides: record.overrides.clone(),
            time_off: record.time_off.clone(),
            working_hours,
            // What follows from these.
            rules: clinic.rules().booking,
            visit_types: Arc::default(),
            type_buffers: Arc::default(),
            schedule: Arc::new(WeeklySchedule::new(Vec::new(), TimeZone::UTC)),
        };
        provider.by(clinic.clinic_side())
    }

    /// What a visit with them that is booked does not fit, whatever else they do: that they work here and
    /// then, are licensed, take the insurance, and offer the kind of visit.
    pub fn ways_unfit(&self, visit: &Appointment, clinic: &Directory) -> WaysUnfit {
        let times = || std::iter::once(visit.slot).chain(visit.moving_to);
        let payer_is_taken = clinic.payer(visit.payer_id).is_some_and(|payer| payer.active)
            && self.accepts(visit.payer_id);
        let licensed = |slot: TimeSlot| {
            let day = self.day_of(slot.starts_at());
            check_licence(&self.licences, visit.state, day, day).is_ok()
        };
        let is_off = |slot: TimeSlot| self.time_off.iter().any(|off| off.slot.overlaps(slot));
        WaysUnfit([
            !self.active,
            !payer_is_taken,
            !self.offers(visit.visit_type_id),
            !times().all(licensed),
            !times().all(|slot| self.schedule.covers(slot)),
            times().any(is_off),
        ])
    }
}

/// What of a provider a visit that is booked does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaysUnfit([bool; 6]);

impl WaysUnfit {
    /// Those of a visit with somebody who is not there.
    pub const ALL: Self = Self([true; 6]);

    /// Whether there are any.
    pub fn any(self) -> bool {
        self.0.contains(&true)
    }

    /// Whether there is one that was none before: what did not fit in one way, as where a rule was
    /// overruled, is told of where it does not fit in another.
    pub fn more_than(self, before: Self) -> bool {
        self.0.iter().zip(before.0).any(|(now, before)| *now && !before)
    }
}
