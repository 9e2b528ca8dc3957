//! What must be there before the server may serve, and as long as it does: all that the migrations
//! make which keeps the book right (constraints, unique indexes, tables that survive a crash), or
//! writes down what happens to it (triggers). By its definition, for a rule of the right name may
//! hold nothing.
//!
//! It is compared with a list in this folder, which a test holds to what the migrations make. Where
//! it differs, the database itself is asked what they make: another version may write the same
//! otherwise.

mod definitions;
mod reference;

use sea_orm::ConnectionTrait;

use self::definitions::{Found, PRAGMAS, SWITCHED_OFF};
use super::database::Db;
use super::error::StoreError;
use super::kind::Engine;
use super::migrations;
use super::tx::Tx;

pub(super) use definitions::{Definitions, MARK};

/// What is missing, switched off or not as the migrations make it, in words for the operator; empty
/// when all is well. While anything is, no time can be claimed.
///
/// # Errors
///
/// [`StoreError`] when the database fails: then nothing is known, and what was known stays.
pub async fn check(db: &Db) -> Result<Vec<String>, StoreError> {
    check_on(db, &db.write).await
}

/// The same on the connection that is kept for such questions, while the server serves.
///
/// # Errors
///
/// Those of [`check`].
pub async fn check_apart(db: &Db) -> Result<Vec<String>, StoreError> {
    match db.engine() {
        Engine::Postgres => check_on(db, &db.apart).await,
        // What a connection is set to, only that connection tells.
        Engine::Sqlite => check_on(db, &db.write).await,
    }
}

/// Looks, in a transaction of `SQLite` that is about to claim time, whether what keeps the book right is
/// still what was read: nobody can change it until that ends. What has changed is read at once, which
/// takes a millisecond, so that a change for nothing worse refuses nobody.
///
/// # Errors
///
/// [`StoreError::Unavailable`] when it is not as the migrations make it.
pub(super) async fn check_claim(tx: &Tx) -> Result<(), StoreError> {
    let mark = definitions::sqlite_mark(tx).await?;
    let Err(changed) = tx.check_rules(Some(&mark)) else { return Ok(()) };
    let found = definitions::read(tx).await?;
    let listed = Definitions::listed(Engine::Sqlite);
    let as_listed = differences(&listed, &found.definitions).is_empty();
    if !as_listed || !settings(Engine::Sqlite, &found).is_empty() {
        // What is the matter is told by the look that follows.
        return Err(changed);
    }
    tx.rules().seen(&[], found.mark);
    Ok(())
}

/// The tables that the migrations make on that engine.
pub(super) fn tables(engine: Engine) -> Vec<String> {
    Definitions::listed(engine).tables().map(str::to_owned).collect()
}

/// What there is, in the form of the list in this folder, for the test that holds the two together.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn listed_as_it_is(db: &Db) -> Result<String, StoreError> {
    Ok(definitions::read(&db.write).await?.definitions.to_list())
}

async fn check_on(db: &Db, conn: &impl ConnectionTrait) -> Result<Vec<String>, StoreError> {
    let found = definitions::read(conn).await?;
    let mut wrong = differences(&Definitions::listed(db.engine()), &found.definitions);
    if !wrong.is_empty()
        && let Some(made) = reference::made(db).await
    {
        wrong = differences(made, &found.definitions);
    }
    if wrong.iter().any(|(_, may_be_meant)| *may_be_meant)
        && !migrations::unknown(conn).await?.is_empty()
    {
        // A newer version has changed them; this one can only tell what is gone.
        wrong.retain(|(_, may_be_meant)| !may_be_meant);
    }
    let mut wrong: Vec<String> = wrong.into_iter().map(|(words, _)| words).collect();
    wrong.extend(settings(db.engine(), &found));
    db.rules.seen(&wrong, found.mark);
    Ok(wrong)
}

/// What should be there and is not, or otherwise; each with whether a newer version may have meant it
/// so. What keeps visits apart is not taken for meant: hollowed out, nothing else would tell.
fn differences(made: &Definitions, found: &Definitions) -> Vec<(String, bool)> {
    let mut wrong = Vec::new();
    for (what, definition) in made.iter() {
        match found.of(what) {
            Some(same) if same == definition => {}
            Some(other) if other.ends_with(SWITCHED_OFF) => {
                wrong.push((what.told("is switched off"), false));
            }
            Some(_) => {
                wrong.push((what.told("is not as the migrations make it"), !what.keeps_apart()));
            }
            None => wrong.push((what.told("is missing"), false)),
        }
    }
    wrong
}

fn settings(engine: Engine, found: &Found) -> Vec<String> {
    let setting = |name: &str| found.settings.get(name).map(String::as_str);
    let mut wrong = Vec::new();
    match engine {
        Engine::Postgres => {
            if setting("synchronous_commit") == Some("off") {
                wrong.push(
                    "synchronous_commit is off: an acknowledged booking could be lost".to_owned(),
                );
            }
            if setting("session_replication_role") == Some("replica") {
                wrong.push(
                    "session_replication_role is replica: no trigger fires (see ALTER ROLE … RESET \
                     session_replication_role, ALTER DATABASE …, and postgresql.conf)"
                        .to_owned(),
                );
            }
        }
        Engine::Sqlite => {
            for (pragma, least) in PRAGMAS {
                let is = setting(pragma).and_then(|value| value.parse::<i64>().ok());
                if is.is_none_or(|is| is < least) {
                    wrong.push(format!("PRAGMA {pragma} must be at least {least}"));
                }
            }
        }
    }
    wrong
}
