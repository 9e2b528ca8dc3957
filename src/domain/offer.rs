//! Free times, as they are offered.

use std::sync::Arc;

use super::patient_clock::PatientClock;
use super::provider::Provider;
use super::time_slot::TimeSlot;

/// A free time at a provider's.
#[derive(Debug, Clone)]
pub struct Offer {
    /// With whom; shared, because a search may offer hundreds of times of one provider.
    pub provider: Arc<Provider>,
    /// When.
    pub slot: TimeSlot,
    /// The clock of the patient it is offered to, where patient or state are known.
    pub patient_clock: Option<PatientClock>,
}

impl Offer {
    /// Its start on the patient's clock, and the IANA name of that clock's zone.
    pub fn patient_local(&self) -> (Option<String>, Option<String>) {
        let clock = self.patient_clock.as_ref();
        let local = clock.map(|clock| clock.local(self.slot.starts_at()));
        (local, clock.map(|clock| clock.time_zone().to_owned()))
    }
}
