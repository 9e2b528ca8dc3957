//! What every edit comes with.

use crate::request::{ExpectedVersion, FieldReader, IdempotencyKey};

/// What every edit comes with, as a door received it.
#[derive(Debug, Default)]
pub struct RawTerms {
    /// The version that the caller has seen.
    pub expected: ExpectedVersion,
    /// The key that makes a retry safe.
    pub idempotency_key: Option<String>,
    /// Whether it is only to be said what would come of it.
    pub dry_run: bool,
}

/// What every edit comes with.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The version that the caller has seen.
    pub(super) expected: ExpectedVersion,
    /// Makes a retry safe.
    pub(super) key: Option<IdempotencyKey>,
    /// Whether it is only to be said what would come of it.
    pub(super) dry_run: bool,
}

impl RawTerms {
    /// Reads them.
    pub(super) fn read(self, fields: &mut FieldReader) -> Terms {
        Terms {
            expected: fields.expected(self.expected),
            key: fields.key(self.idempotency_key.as_deref()),
            dry_run: self.dry_run,
        }
    }
}
