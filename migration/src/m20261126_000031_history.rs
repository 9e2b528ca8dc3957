//! What a change of an appointment came from and came to, for its history: of events from here on; of
//! those before it is not known.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Their types on `SQLite` and on `PostgreSQL`.
const COLUMNS: [(&str, &str, &str); 8] = [
    ("version", "INTEGER", "integer"),
    ("from_status", "TEXT", "text"),
    ("to_status", "TEXT", "text"),
    (
        "from_starts_at",
        "TEXT CHECK (from_starts_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', from_starts_at))",
        "timestamptz",
    ),
    (
        "to_starts_at",
        "TEXT CHECK (to_starts_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', to_starts_at))",
        "timestamptz",
    ),
    ("from_provider_id", "BLOB", "uuid"),
    ("to_provider_id", "BLOB", "uuid"),
    ("reason", "TEXT", "text"),
];

/// As migration 10 has it.
const KIND_OF_UPDATE: &str = "CASE
    WHEN NEW.status <> OLD.status THEN CASE NEW.status WHEN 'PENDING' THEN 'BOOKED' ELSE NEW.status END
    WHEN NEW.move_starts_at IS NOT NULL
        AND (NEW.move_starts_at IS DISTINCT FROM OLD.move_starts_at
            OR NEW.move_ends_at IS DISTINCT FROM OLD.move_ends_at) THEN 'RESCHEDULING'
    WHEN NEW.starts_at <> OLD.starts_at OR NEW.ends_at <> OLD.ends_at THEN 'RESCHEDULED'
    WHEN OLD.move_starts_at IS NOT NULL AND NEW.move_starts_at IS NULL THEN 'RESCHEDULE_REFUSED'
    END";

const WATCHED: &str = "status, starts_at, ends_at, move_starts_at, move_ends_at";

const BEFORE: &str = "appointment_id, provider_id, state, kind, at";

/// Finds the log whatever the writer's search path is: a function that is written anew forgets that.
const ON_OUR_SCHEMA: &str = "DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION record_appointment_event() SET search_path = %I, pg_temp', current_schema());
END $$;";

const OF_INSERT: &str =
    "NEW.version, NULL, NEW.status, NULL, NEW.starts_at, NULL, NEW.provider_id, NULL";

/// While a visit is being moved it comes from its time and goes to the new one.
const OF_UPDATE: &str = "NEW.version, OLD.status, NEW.status, OLD.starts_at,
    coalesce(NEW.move_starts_at, NEW.starts_at), OLD.provider_id, NEW.provider_id,
    CASE WHEN NEW.cancel_reason IS NOT NULL AND NOT coalesce(NEW.cancel_reason = OLD.cancel_reason, false)
         THEN NEW.cancel_reason END";

fn names() -> String {
    COLUMNS.map(|(name, ..)| name).join(", ")
}

/// The triggers that write the log, with so many columns more than those of migration 10.
fn triggers_sqlite(more: &str, of_insert: &str, of_update: &str) -> String {
    // `IS DISTINCT FROM` is younger than `STRICT`: an older sqlite3 could not read the file.
    let kind = &KIND_OF_UPDATE.replace("IS DISTINCT FROM", "IS NOT");
    let insert = |kind: &str, values: &str, condition: &str| {
        format!(
            "INSERT INTO appointment_event ({BEFORE}{more})
            SELECT NEW.id, NEW.provider_id, NEW.state, {kind}, NEW.updated_at{values} WHERE {condition};"
        )
    };
    format!(
        "DROP TRIGGER IF EXISTS appointment_event_insert;
        DROP TRIGGER IF EXISTS appointment_event_update;
        CREATE TRIGGER appointment_event_insert AFTER INSERT ON appointment
        BEGIN {on_insert} END;
        CREATE TRIGGER appointment_event_update AFTER UPDATE OF {WATCHED} ON appointment
        BEGIN {on_update} END;",
        on_insert = insert("'BOOKED'", of_insert, "true"),
        on_update = insert(kind, of_update, &format!("({kind}) IS NOT NULL")),
    )
}

fn up_sqlite() -> String {
    let add = COLUMNS
        .map(|(name, kind, _)| format!("ALTER TABLE appointment_event ADD COLUMN {name} {kind};"));
    let (more, of_insert) = (format!(", {}", names()), format!(", {OF_INSERT}"));
    add.concat() + &triggers_sqlite(&more, &of_insert, &format!(", {OF_UPDATE}"))
}

fn up_postgres() -> String {
    let add = COLUMNS.map(|(name, _, kind)| format!("ADD COLUMN {name} {kind}"));
    format!(
        "ALTER TABLE appointment_event {add};
        CREATE OR REPLACE FUNCTION record_appointment_event() RETURNS trigger LANGUAGE plpgsql
            SECURITY DEFINER AS $$
        DECLARE
            what text;
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO appointment_event ({BEFORE}, {names})
                VALUES (NEW.id, NEW.provider_id, NEW.state, 'BOOKED', NEW.updated_at, {OF_INSERT});
                RETURN NULL;
            END IF;
            what := {KIND_OF_UPDATE};
            IF what IS NOT NULL THEN
                INSERT INTO appointment_event ({BEFORE}, {names})
                VALUES (NEW.id, NEW.provider_id, NEW.state, what, NEW.updated_at, {OF_UPDATE});
            END IF;
            RETURN NULL;
        END $$;
        {ON_OUR_SCHEMA}",
        add = add.join(", "),
        names = names(),
    )
}

/// The triggers go before the columns that they name.
fn down_sqlite() -> String {
    let drop =
        COLUMNS.map(|(name, ..)| format!("ALTER TABLE appointment_event DROP COLUMN {name};"));
    triggers_sqlite("", "", "") + &drop.concat()
}

fn down_postgres() -> String {
    let drop = COLUMNS.map(|(name, ..)| format!("DROP COLUMN {name}"));
    format!(
        "CREATE OR REPLACE FUNCTION record_appointment_event() RETURNS trigger LANGUAGE plpgsql
            SECURITY DEFINER AS $$
        DECLARE
            what text := 'BOOKED';
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                what := {KIND_OF_UPDATE};
            END IF;
            IF what IS NOT NULL THEN
                INSERT INTO appointment_event ({BEFORE})
                VALUES (NEW.id, NEW.provider_id, NEW.state, what, NEW.updated_at);
            END IF;
            RETURN NULL;
        END $$;
        {ON_OUR_SCHEMA}
        ALTER TABLE appointment_event {drop};",
        drop = drop.join(", ")
    )
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, &up_sqlite(), &up_postgres()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, &down_sqlite(), &down_postgres()).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("adds to the log of appointments what a change came from and came to")
            .blocking(&["appointment_event"])
            .reading_on_sqlite(&["appointment_event"])
    }
}
