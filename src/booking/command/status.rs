//! Saying what became of a visit.

use crate::domain::{AppointmentId, AppointmentStatus};
use crate::request::{
    ExpectedVersion, Field, FieldReader, IdempotencyKey, Refusal, Violation, fingerprint,
    parse_appointment_id,
};

/// Say that a patient has come, was seen or never came, or correct it.
#[derive(Debug, Clone)]
pub struct SetVisitStatus {
    /// Which visit.
    pub id: AppointmentId,
    /// What it is from now on.
    pub status: AppointmentStatus,
    /// The version that the caller has seen.
    pub expected: ExpectedVersion,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl SetVisitStatus {
    /// Reads what a door received, after what the door itself found wrong.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], also for a status that nobody gives to a visit by hand; else
    /// [`Refusal::NotFound`] for a malformed id.
    pub fn parse(
        id: &str,
        status: Option<&str>,
        expected: ExpectedVersion,
        idempotency_key: Option<&str>,
        violations: Vec<Violation>,
    ) -> Result<Self, Refusal> {
        let mut fields = FieldReader::after(violations);
        let status = fields.required(Field::Status, status, set_by_staff);
        let expected = fields.expected(expected);
        let idempotency_key = fields.key(idempotency_key);
        fields.finish()?;
        let Some(status) = status else {
            return Err(Refusal::bug("a field is missing and was not named"));
        };
        Ok(Self { id: parse_appointment_id(id)?, status, expected, idempotency_key })
    }

    /// Tells this request from others under one key.
    pub fn fingerprint(&self) -> String {
        let (id, status) = (self.id.to_string(), self.status.as_str().to_owned());
        let mut parts = vec!["status".to_owned(), id, status];
        parts.extend(self.expected.fingerprint());
        fingerprint(&parts)
    }
}

fn set_by_staff(text: &str) -> Result<AppointmentStatus, &'static str> {
    let status = text.parse::<AppointmentStatus>().ok();
    status
        .filter(|status| AppointmentStatus::SET_BY_STAFF.contains(status))
        .ok_or("must be CONFIRMED, CHECKED_IN, COMPLETED or NO_SHOW")
}
