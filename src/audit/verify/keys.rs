//! The keys that the trail may have been sealed with.

use crate::audit::chain::{AuditKey, KeyError, Purpose};
use crate::domain::audit::{AuditMark, StoredAuditEntry};

/// The keys that the trail may have been sealed with: the one in use, then those before it.
pub struct Keys {
    pub(super) current: AuditKey,
    previous: Vec<AuditKey>,
    none: AuditKey,
    /// Up to this place a seal may have been made without one.
    keyless_until: i64,
}

impl Keys {
    /// The key in use, and those that were in use before. Where there is none, none is expected.
    ///
    /// # Errors
    ///
    /// [`KeyError`] for what is no key.
    pub fn new(current: AuditKey, previous: Vec<AuditKey>) -> Result<Self, KeyError> {
        let keyless_until = if current.is_one() { 0 } else { i64::MAX };
        Ok(Self { current, previous, none: AuditKey::none()?, keyless_until })
    }

    /// The same where seals up to that place were made without a key.
    pub fn keyless_until(self, seq: i64) -> Self {
        Self { keyless_until: self.keyless_until.max(seq), ..self }
    }

    pub(super) fn expects(&self, key_id: &[u8], seq: i64) -> bool {
        !key_id.is_empty() || seq <= self.keyless_until
    }

    /// The one of that id.
    pub(super) fn of(&self, id: &[u8]) -> Option<&AuditKey> {
        let mut all = [&self.current, &self.none].into_iter().chain(&self.previous);
        all.find(|key| key.id() == id)
    }

    /// Whether the server wrote that row, with this key or, where that was changed before the row was
    /// sealed, with another one.
    pub(super) fn wrote(&self, with: Option<&AuditKey>, row: &StoredAuditEntry) -> bool {
        let others = [&self.current, &self.none].into_iter().chain(&self.previous);
        let others = others.filter(|key| key.is_one() || self.keyless_until > 0);
        with.into_iter().chain(others).any(|key| key.wrote(row))
    }

    /// Whether one of them signed it.
    pub(super) fn signed(&self, purpose: Purpose, mark: &AuditMark) -> bool {
        self.expects(&mark.key_id, mark.seq)
            && self.of(&mark.key_id).is_some_and(|key| key.has_signed(purpose, mark))
    }
}
