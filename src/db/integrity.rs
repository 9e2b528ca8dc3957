//! What must be there before the server may serve: the rules that keep the book right, and the
//! triggers that write down what happens to it.

use sea_orm::{ConnectionTrait, Statement};

use super::{Db, Engine, StoreError};

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

/// What is missing or switched off, in words for the operator; empty when all is well.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn check(db: &Db) -> Result<Vec<String>, StoreError> {
    match db.engine() {
        Engine::Postgres => check_postgres(db).await,
        Engine::Sqlite => check_sqlite(db).await,
    }
}

async fn check_postgres(db: &Db) -> Result<Vec<String>, StoreError> {
    let mut missing = Vec::new();
    for rule in RULES {
        let sql = format!(
            "SELECT count(*) FROM pg_constraint WHERE conname = '{rule}' AND contype = 'x'
                AND convalidated AND conrelid = to_regclass('appointment')"
        );
        if number(db.read(), &sql).await? != 1 {
            missing.push(format!("exclusion constraint {rule} is missing"));
        }
    }
    for (table, trigger) in triggers(Engine::Postgres) {
        // Also one that is there and switched off (`ALTER TABLE … DISABLE TRIGGER`).
        let sql = format!(
            "SELECT count(*) FROM pg_trigger WHERE tgname = '{trigger}' AND tgenabled IN ('O', 'A')
                AND tgrelid = to_regclass('{table}')"
        );
        if number(db.read(), &sql).await? != 1 {
            missing.push(format!("trigger {trigger} is missing or switched off"));
        }
    }
    if number(
        db.read(),
        "SELECT CASE current_setting('synchronous_commit') WHEN 'off' THEN 0 ELSE 1 END::bigint",
    )
    .await?
        != 1
    {
        missing.push("synchronous_commit is off: an acknowledged booking could be lost".to_owned());
    }
    Ok(missing)
}

async fn check_sqlite(db: &Db) -> Result<Vec<String>, StoreError> {
    let mut missing = Vec::new();
    for (table, trigger) in triggers(Engine::Sqlite) {
        let sql = format!(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = '{table}'
                AND name = '{trigger}'"
        );
        if number(&db.write, &sql).await? != 1 {
            missing.push(format!("trigger {trigger} is missing"));
        }
    }
    for (pragma, least) in [("foreign_keys", 1), ("synchronous", 2), ("busy_timeout", 1)] {
        if number(&db.write, &format!("PRAGMA {pragma}")).await? < least {
            missing.push(format!("PRAGMA {pragma} must be at least {least}"));
        }
    }
    Ok(missing)
}

async fn number(conn: &impl ConnectionTrait, sql: &str) -> Result<i64, StoreError> {
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let row =
        conn.query_one_raw(statement).await?.ok_or_else(|| StoreError::unreadable("answer"))?;
    Ok(row.try_get_by_index(0)?)
}
