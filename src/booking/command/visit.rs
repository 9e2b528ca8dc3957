//! Which visit a request changes, and on which terms.

use crate::domain::AppointmentId;
use crate::request::{
    ExpectedVersion, FieldReader, IdempotencyKey, Refusal, Violation, parse_appointment_id,
};

/// Which visit is to be changed, as a door received it.
#[derive(Debug, Default)]
pub struct RawVisit {
    /// Its id.
    pub id: String,
    /// The version that the caller has seen.
    pub expected: ExpectedVersion,
    /// The key that makes a retry safe.
    pub idempotency_key: Option<String>,
    /// What the door itself found wrong.
    pub violations: Vec<Violation>,
}

/// Which visit is to be changed, and on which terms.
#[derive(Debug, Clone)]
pub struct WhichVisit {
    /// Its id.
    pub id: AppointmentId,
    /// The version that the caller has seen.
    pub expected: ExpectedVersion,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl RawVisit {
    /// Reads the fields of the change with `read`, makes of them what they mean with `mean`, and then reads
    /// which visit it is.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] with every field that is not acceptable, else those of `mean`, else
    /// [`Refusal::NotFound`] for a malformed id.
    pub(super) fn with<R, T>(
        self,
        read: impl FnOnce(&mut FieldReader) -> R,
        mean: impl FnOnce(R) -> Result<T, Refusal>,
    ) -> Result<(WhichVisit, T), Refusal> {
        let mut fields = FieldReader::after(self.violations);
        let raw = read(&mut fields);
        let expected = fields.expected(self.expected);
        let idempotency_key = fields.key(self.idempotency_key.as_deref());
        fields.finish()?;
        let change = mean(raw)?;
        let id = parse_appointment_id(&self.id)?;
        Ok((WhichVisit { id, expected, idempotency_key }, change))
    }
}

/// What was required, which is there where nothing was found wrong.
///
/// # Errors
///
/// A bug.
pub(super) fn given<T>(value: Option<T>) -> Result<T, Refusal> {
    value.ok_or_else(|| Refusal::bug("a field is missing and was not named"))
}
