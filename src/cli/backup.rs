//! `clinic backup`.

use std::path::Path;

use super::database::existing;
use super::terminal::{Failure, say, warn};
use crate::audit::file_beside;
use crate::config::Config;
use crate::db::{Db, Engine, backup, migrations};

/// Writes the database as it is at one moment into a new file, and reads that back; with the key of the
/// audit trail beside it, if told to.
pub(super) async fn run(config: &Config, file: &Path, with_key: bool) -> Result<(), Failure> {
    let db = existing(config).await?;
    let done = back_up(&db, file, with_key).await;
    db.close().await;
    done
}

async fn back_up(db: &Db, file: &Path, with_key: bool) -> Result<(), Failure> {
    let source = match (db.engine(), db.file()) {
        (Engine::Sqlite, Some(source)) => source,
        (Engine::Sqlite, None) => return Err("the database is in memory".into()),
        (Engine::Postgres, _) => {
            return Err("PostgreSQL is backed up with its own programs: see docs/backup.md".into());
        }
    };
    // One of before may be backed up by a newer program; an empty file is none.
    if !migrations::status(db).await?.iter().any(|migration| migration.applied) {
        return Err("there is nothing in the database: run clinic where its server runs".into());
    }
    let key = file_beside(source);
    let copied_key = file_beside(file);
    // Before anything is written: whoever asks for both has to get both.
    if with_key && !key.is_file() {
        let why = "is not there: the key is in AUDIT_KEY, which is to be kept as other secrets are";
        return Err(format!("{} {why}", key.display()).into());
    }
    if with_key && copied_key.exists() {
        return Err(format!("{} is there already", copied_key.display()).into());
    }
    let made = backup::into_file(db, file).await?;
    if with_key {
        backup::copy_for_owner(&key, &copied_key)?;
    }
    say(&format!(
        "{}: {} bytes, {} appointments, read back and whole",
        file.display(),
        made.bytes,
        made.appointments
    ));
    if let Err(newer) = migrations::is_not_newer(db).await {
        // A copy is a copy; but this program can't tell what is in it.
        warn(&format!(
            "clinic: back up with the newer version, which knows all that is in it. This database: {newer}"
        ));
    }
    if with_key {
        say(&format!("{}: with it the audit trail is verified", copied_key.display()));
    }
    Ok(())
}
