//! Giving a visit to another provider.

use jiff::Timestamp;

use super::overrule::{Overrule, RawOverrule};
use crate::domain::{AppointmentId, ProviderId};
use crate::request::{
    ExpectedVersion, Field, FieldReader, IdempotencyKey, Refusal, asked_provider_id, fingerprint,
    parse_appointment_id, whole_minute,
};

/// Give a visit to another provider.
#[derive(Debug, Clone)]
pub struct ReassignAppointment {
    /// Which.
    pub id: AppointmentId,
    /// To whom.
    pub provider_id: ProviderId,
    /// The new start; as it was when not given.
    pub starts_at: Option<Timestamp>,
    /// What of the clinic's policy does not count.
    pub overrule: Overrule,
    /// The version that the caller has seen.
    pub expected: ExpectedVersion,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl ReassignAppointment {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id of the appointment.
    pub fn parse(
        (id, provider_id): (&str, &str),
        starts_at: Option<Timestamp>,
        overrule: &RawOverrule,
        expected: ExpectedVersion,
        idempotency_key: Option<&str>,
    ) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let starts_at = fields.optional(Field::StartsAt, starts_at, whole_minute);
        let overrule = Overrule::read(&mut fields, overrule);
        let expected = fields.expected(expected);
        let idempotency_key = fields.key(idempotency_key);
        fields.finish()?;
        let (id, provider_id) = (parse_appointment_id(id)?, asked_provider_id(provider_id));
        Ok(Self { id, provider_id, starts_at, overrule, expected, idempotency_key })
    }

    /// Tells this request from others under one key.
    pub fn fingerprint(&self) -> String {
        let starts_at = self.starts_at.map(|time| time.to_string()).unwrap_or_default();
        let (id, provider) = (self.id.to_string(), self.provider_id.to_string());
        let mut parts = vec!["reassign".to_owned(), id, provider, starts_at];
        parts.extend(self.overrule.fingerprint());
        parts.extend(self.expected.fingerprint());
        fingerprint(&parts)
    }
}
