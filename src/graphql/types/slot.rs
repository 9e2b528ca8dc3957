//! Free times.

use async_graphql::{ID, Object};

use super::instant::DateTime;
use super::provider::ProviderObject;
use crate::domain::{AppointmentId, Offer, PatientClock};
use crate::request::AskedVisitType;

/// The visit type that is asked for by its id.
pub(in crate::graphql) fn asked_visit_type(id: Option<ID>) -> Option<AskedVisitType> {
    id.map(|id| AskedVisitType::of_id(&id))
}

/// The visit that another time is asked for, by its id; a malformed one names nothing, and is told so in its
/// turn.
pub(in crate::graphql) fn asked_visit(id: Option<ID>) -> Option<AppointmentId> {
    id.map(|id| id.parse().unwrap_or(AppointmentId::NOBODY))
}

/// `Slot` of the schema.
pub(in crate::graphql) struct SlotObject(pub(in crate::graphql) Offer);

/// A free time that can be booked, unless somebody takes it first.
#[Object(name = "Slot")]
impl SlotObject {
    /// With whom.
    async fn provider(&self) -> ProviderObject {
        ProviderObject(self.0.provider.clone())
    }

    /// When it starts.
    async fn starts_at(&self) -> DateTime {
        DateTime(self.0.slot.starts_at())
    }

    /// When it ends; the end does not belong to it.
    async fn ends_at(&self) -> DateTime {
        DateTime(self.0.slot.ends_at())
    }

    /// When it starts on the provider's clock, with the offset of that day, such as
    /// `2027-01-15T09:30:00-05:00`: what to show to the provider.
    async fn local_starts_at(&self) -> String {
        self.0.provider.local(self.0.slot.starts_at())
    }

    /// When it starts on the patient's clock, with the offset of that day, such as
    /// `2027-01-15T06:30:00-08:00`: what to show to the patient. Null when nothing was said of the
    /// patient, not even the state.
    async fn patient_local_starts_at(&self) -> Option<String> {
        self.0.patient_clock.as_ref().map(|clock| clock.local(self.0.slot.starts_at()))
    }

    /// IANA name of the zone of that clock: the patient's own, where it is known and one of the state's,
    /// else the one that most people of the state live in.
    async fn patient_time_zone(&self) -> Option<&str> {
        self.0.patient_clock.as_ref().map(PatientClock::time_zone)
    }
}
