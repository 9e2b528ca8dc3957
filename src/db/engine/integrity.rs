//! What must be there before the server may serve: the rules that keep the book right, and the
//! triggers that write down what happens to it.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, Statement};

use super::database::{Db, Engine};
use super::error::StoreError;

/// Keep the times of a provider, and of a patient, apart.
const RULES: [&str; 2] = ["appointment_provider_no_overlap", "appointment_patient_no_overlap"];
/// What the provider directory is made of: a change that is not counted would never be seen.
const DIRECTORY: [&str; 6] = [
    "insurance",
    "insurance_alias",
    "provider",
    "provider_state",
    "provider_insurance",
    "working_hours",
];

/// The triggers that must be there, each with its table.
fn triggers(engine: Engine) -> Vec<(&'static str, String)> {
    // They write the log of events, in the transaction of each change.
    let events = ["insert", "update"].map(|on| ("appointment", format!("appointment_event_{on}")));
    let mut all = Vec::from(events);
    // They count what servers have in memory and the log does not tell.
    let unlogged =
        [("appointment", "delete"), ("appointment", "update"), ("appointment_event", "delete")];
    all.extend(unlogged.map(|(table, on)| (table, format!("{table}_unlogged_{on}"))));
    for table in DIRECTORY {
        match engine {
            Engine::Postgres => all.push((table, format!("{table}_directory"))),
            Engine::Sqlite => all.extend(
                ["insert", "update", "delete"].map(|on| (table, format!("{table}_directory_{on}"))),
            ),
        }
    }
    if engine == Engine::Sqlite {
        for rule in RULES {
            all.extend(["insert", "update"].map(|on| ("appointment", format!("{rule}_{on}"))));
        }
    }
    all
}

/// What is there and in force: each trigger with its table, each of the other things with its kind.
type Found = HashSet<(String, String)>;

/// All in one statement: a start waits for this.
const POSTGRES: &str = "
    SELECT 'exclusion constraint', conname::text FROM pg_constraint
     WHERE contype = 'x' AND convalidated AND conrelid = to_regclass('appointment')
    UNION ALL
    -- Not one that is there and switched off (ALTER TABLE … DISABLE TRIGGER). A table of another
    -- schema comes with the schema's name before its own.
    SELECT tgrelid::regclass::text, tgname::text FROM pg_trigger
     WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')
    UNION ALL
    SELECT 'synchronous_commit', current_setting('synchronous_commit')";

/// What a connection must be set to at least: the pragma, its column when it is read as a table.
const PRAGMAS: [(&str, &str, i64); 3] = [
    ("foreign_keys", "foreign_keys", 1),
    ("synchronous", "synchronous", 2),
    ("busy_timeout", "timeout", 1),
];

fn sqlite() -> String {
    let pragmas = PRAGMAS.map(|(pragma, column, least)| {
        format!(
            " UNION ALL SELECT 'PRAGMA', '{pragma}' FROM pragma_{pragma} WHERE {column} >= {least}"
        )
    });
    format!("SELECT tbl_name, name FROM sqlite_schema WHERE type = 'trigger'{}", pragmas.concat())
}

/// What is missing or switched off, in words for the operator; empty when all is well.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn check(db: &Db) -> Result<Vec<String>, StoreError> {
    Ok(match db.engine() {
        Engine::Postgres => missing_on_postgres(&found(db.write(), POSTGRES).await?),
        Engine::Sqlite => missing_on_sqlite(&found(db.write(), &sqlite()).await?),
    })
}

async fn found(conn: &impl ConnectionTrait, sql: &str) -> Result<Found, StoreError> {
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let rows = conn.query_all_raw(statement).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

fn has(found: &Found, of: &str, name: &str) -> bool {
    found.contains(&(of.to_owned(), name.to_owned()))
}

fn missing_on_postgres(found: &Found) -> Vec<String> {
    let rules = RULES.into_iter().filter(|rule| !has(found, "exclusion constraint", rule));
    let mut missing: Vec<String> =
        rules.map(|rule| format!("exclusion constraint {rule} is missing")).collect();
    for (table, trigger) in triggers(Engine::Postgres) {
        if !has(found, table, &trigger) {
            missing.push(format!("trigger {trigger} is missing or switched off"));
        }
    }
    if has(found, "synchronous_commit", "off") {
        missing.push("synchronous_commit is off: an acknowledged booking could be lost".to_owned());
    }
    missing
}

fn missing_on_sqlite(found: &Found) -> Vec<String> {
    let mut missing = Vec::new();
    for (table, trigger) in triggers(Engine::Sqlite) {
        if !has(found, table, &trigger) {
            missing.push(format!("trigger {trigger} is missing"));
        }
    }
    for (pragma, _column, least) in PRAGMAS {
        if !has(found, "PRAGMA", pragma) {
            missing.push(format!("PRAGMA {pragma} must be at least {least}"));
        }
    }
    missing
}
