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

    /// Whether a visit with them that is booked could be with them still, whatever else they do: that they
    /// work here and then, are licensed, take the insurance, and offer the kind of visit.
    pub fn still_fits(&self, visit: &Appointment, clinic: &Directory) -> bool {
        let times = std::iter::once(visit.slot).chain(visit.moving_to);
        let payer_is_taken = clinic.payer(visit.payer_id).is_some_and(|payer| payer.active)
            && self.accepts(visit.payer_id);
        let fits = self.active && payer_is_taken && self.offers(visit.visit_type_id);
        fits && times.into_iter().all(|slot| self.could_see(visit, slot))
    }

    fn could_see(&self, visit: &Appointment, slot: TimeSlot) -> bool {
        let day = self.day_of(slot.starts_at());
        check_licence(&self.licences, visit.state, day, day).is_ok()
            && self.schedule.covers(slot)
            && !self.time_off.iter().any(|off| off.slot.overlaps(slot))
    }
}
