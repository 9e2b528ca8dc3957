//! Giving a visit to another provider.

use jiff::Timestamp;

use super::overrule::{Overrule, RawOverrule};
use super::visit::{RawVisit, WhichVisit};
use crate::domain::ProviderId;
use crate::request::{Field, FieldReader, Refusal, asked_provider_id, whole_minute};

/// Give a visit to another provider.
#[derive(Debug, Clone)]
pub struct ReassignAppointment {
    /// Which.
    pub visit: WhichVisit,
    /// To whom.
    pub provider_id: ProviderId,
    /// The new start; as it was when not given.
    pub starts_at: Option<Timestamp>,
    /// What of the clinic's policy does not count.
    pub overrule: Overrule,
}

impl ReassignAppointment {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id of the appointment.
    pub fn parse(
        visit: RawVisit,
        provider_id: &str,
        starts_at: Option<Timestamp>,
        overrule: &RawOverrule,
    ) -> Result<Self, Refusal> {
        let read = |fields: &mut FieldReader| {
            let starts_at = fields.optional(Field::StartsAt, starts_at, whole_minute);
            (starts_at, Overrule::read(fields, overrule))
        };
        let (visit, (starts_at, overrule)) = visit.with(read, Ok)?;
        Ok(Self { visit, provider_id: asked_provider_id(provider_id), starts_at, overrule })
    }
}
