//! Visits that our book alone has: no scheduling service confirmed them, none is told what becomes of
//! them. They are the confirmed ones without an outside id.
//!
//! `SQLite` cannot change a CHECK. What it says of the table is written anew instead, as its manual
//! tells (`lang_altertable`, "Making Other Kinds Of Table Schema Changes"): a copy of the table would
//! take the rows of all tables that refer to it along, when the old one is dropped.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const BEFORE: &str = "CHECK (status <> 'CONFIRMED' OR external_id IS NOT NULL)";
const AFTER: &str = "CHECK (status <> 'CONFIRMED' OR kept_here = 1 OR external_id IS NOT NULL)";

const ADD_SQLITE: &str = "
ALTER TABLE appointment ADD COLUMN kept_here INTEGER NOT NULL DEFAULT 0
    CHECK (kept_here = 0 OR (kept_here = 1 AND external_id IS NULL));
";

const UP_POSTGRES: &str = "
ALTER TABLE appointment
    ADD COLUMN kept_here boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT appointment_confirmed_check,
    ADD CONSTRAINT appointment_confirmed_check
        CHECK (status <> 'CONFIRMED' OR kept_here OR external_id IS NOT NULL),
    ADD CONSTRAINT appointment_kept_here_check CHECK (NOT kept_here OR external_id IS NULL);
";

/// A program of before takes an outside id for granted. This one leads nowhere outside, which such a
/// program takes for a visit that is gone there: it books it anew, or has nothing to cancel.
const GIVE_IDS: &str = "
UPDATE appointment SET kept_here = FALSE, external_id = 'kept-here-' || CAST(id AS text)
 WHERE kept_here AND status = 'CONFIRMED';
";
const GIVE_IDS_SQLITE: &str = "
UPDATE appointment SET kept_here = 0, external_id = 'kept-here-' || lower(hex(id))
 WHERE kept_here = 1 AND status = 'CONFIRMED';
";

const DOWN_POSTGRES: &str = "
ALTER TABLE appointment
    DROP CONSTRAINT appointment_kept_here_check,
    DROP CONSTRAINT appointment_confirmed_check,
    ADD CONSTRAINT appointment_confirmed_check
        CHECK (status <> 'CONFIRMED' OR external_id IS NOT NULL),
    DROP COLUMN kept_here;
";

const DROP_SQLITE: &str = "ALTER TABLE appointment DROP COLUMN kept_here;";

/// Writes a CHECK of `SQLite`'s table anew. The column that is added or dropped with it has the other
/// connections read the schema again.
async fn rewrite(manager: &SchemaManager<'_>, from: &str, to: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    let conn = manager.get_connection();
    conn.execute_unprepared("PRAGMA writable_schema = ON").await?;
    let sql = "UPDATE sqlite_schema SET sql = replace(sql, $1, $2)
                WHERE type = 'table' AND name = 'appointment' AND instr(sql, $1) > 0";
    let rewrite = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [from.into(), to.into()]);
    let rewritten = conn.execute_raw(rewrite).await;
    // Whatever came of it, this connection writes no schema from here on.
    conn.execute_unprepared("PRAGMA writable_schema = RESET").await?;
    if rewritten?.rows_affected() == 1 {
        Ok(())
    } else {
        Err(DbErr::Migration(format!("table appointment is not as expected: it has no {from}")))
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, ADD_SQLITE, UP_POSTGRES).await?;
        rewrite(manager, BEFORE, AFTER).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, GIVE_IDS_SQLITE, GIVE_IDS).await?;
        rewrite(manager, AFTER, BEFORE).await?;
        execute(manager, DROP_SQLITE, DOWN_POSTGRES).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("marks visits that this book alone has")
            .blocking(&["appointment"])
            .reading(&["appointment"])
            .reading_on_sqlite(&["appointment"])
    }
}
