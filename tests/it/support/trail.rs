//! The audit trail, as a test looks at it.

use clinic::audit::{AuditKey, Keys, Trail, Verification};
use clinic::db::{Db, audit};
use clinic::domain::Page;
use clinic::domain::audit::{AuditFilter, StoredAuditEntry};

use super::app::{AUDIT_KEY, TestApp};

/// The key that every test's trail is written with.
pub(crate) fn audit_key() -> AuditKey {
    AuditKey::of(AUDIT_KEY).unwrap()
}

/// Every row there is, by time.
pub(crate) async fn rows(db: &Db) -> Vec<StoredAuditEntry> {
    audit::page(db.read(), &AuditFilter::default(), Page::first(100_000)).await.unwrap()
}

/// What verifying comes to, with the key that every test has.
pub(crate) async fn verified(db: &Db) -> Verification {
    let keys = Keys::new(audit_key(), Vec::new()).unwrap();
    Verification::of(db, &keys, None).await.unwrap()
}

/// What it finds, in words.
pub(crate) async fn findings(db: &Db) -> Vec<String> {
    verified(db).await.findings.iter().map(ToString::to_string).collect()
}

impl TestApp {
    /// The rows of that operation, each with its outcome.
    pub(crate) async fn audited(&self, operation: &str) -> Vec<StoredAuditEntry> {
        let mut rows = rows(&self.db).await;
        rows.retain(|row| row.entry.operation == operation);
        rows
    }

    pub(crate) fn trail(&self) -> &Trail {
        &self.services.trail
    }
}
