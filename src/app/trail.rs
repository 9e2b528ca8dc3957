//! The key of the audit trail: set, or made beside the database, or none where anybody may come in.

use std::path::Path;

use crate::audit::{AuditKey, KeyError, file_beside};
use crate::config::{Access, Config};
use crate::db::audit::has_not_begun;
use crate::db::{Db, Engine, StoreError};

/// The key that the trail of a database is written with.
///
/// # Errors
///
/// [`KeyError`] where there must be one and there is none, or where the trail has begun with one that is not
/// there: with a new one nobody could verify it.
pub async fn audit_key(config: &Config, db: &Db) -> Result<AuditKey, KeyError> {
    if let Some(secret) = &config.audit_key {
        return AuditKey::of(secret);
    }
    match (db.engine(), db.file()) {
        (Engine::Sqlite, Some(file)) => {
            let file = file_beside(file);
            let begun = !file.exists() && !has_not_begun(db.read()).await.map_err(|error| unknown(&error))?;
            if begun { Err(gone(&file)) } else { AuditKey::in_file(&file) }
        }
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

fn unknown(error: &StoreError) -> KeyError {
    KeyError(format!("it can't be told whether the audit trail has begun: {error}"))
}

/// A new key would seal what comes, and all that is sealed already could not be verified any more.
fn gone(file: &Path) -> KeyError {
    let file = file.display();
    KeyError(format!(
        "the audit trail of this database is written with a key, and {file} is not there: put it back from where \
         it is kept (docs/backup.md), or set AUDIT_KEY to what stood in it. If it is lost for good, what it has \
         sealed can't be verified any more; to go on with a new one: (umask 077; openssl rand -hex 32 > {file})"
    ))
}
