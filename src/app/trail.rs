//! The key of the audit trail: set, or made beside the database, or none where anybody may come in.

use crate::audit::{AuditKey, KeyError, file_beside};
use crate::config::{Access, Config};
use crate::db::{Db, Engine};

/// The key that the trail of a database is written with.
///
/// # Errors
///
/// [`KeyError`] where there must be one and there is none.
pub fn audit_key(config: &Config, db: &Db) -> Result<AuditKey, KeyError> {
    if let Some(secret) = &config.audit_key {
        return AuditKey::of(secret);
    }
    match (db.engine(), db.file()) {
        (Engine::Sqlite, Some(file)) => AuditKey::in_file(&file_beside(file)),
        (Engine::Sqlite, None) => AuditKey::random(),
        (Engine::Postgres, _) if config.access != Access::Closed => AuditKey::none(),
        (Engine::Postgres, _) => Err(KeyError(
            "AUDIT_KEY must be set where access is closed and the database is PostgreSQL: the audit trail \
             is sealed with it, and it must not be kept in that database. Make one with openssl rand \
             -hex 32, and keep it"
                .to_owned(),
        )),
    }
}
