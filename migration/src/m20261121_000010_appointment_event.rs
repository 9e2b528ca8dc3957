//! What happened to appointments, in order: written by the database itself, in the transaction
//! of the change, whoever makes it.
//!
//! A number taken inside a transaction is not an order of commits: who reads by it can step over
//! a transaction that commits later. `SQLite` has one writer at a time, so there it is one. On
//! `PostgreSQL` a position is given after the commit, by one sequencer at a time (`db::events`).

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const KINDS: &str = "('BOOKED', 'CONFIRMED', 'FAILED', 'EXPIRED', 'CANCELLING', 'CANCELLED',
    'RESCHEDULING', 'RESCHEDULED', 'RESCHEDULE_REFUSED')";

/// What a change of a row means; NULL when nothing that a reader would call an event.
const KIND_OF_UPDATE: &str = "CASE
    WHEN NEW.status <> OLD.status THEN CASE NEW.status WHEN 'PENDING' THEN 'BOOKED' ELSE NEW.status END
    WHEN NEW.move_starts_at IS NOT NULL
        AND (NEW.move_starts_at IS DISTINCT FROM OLD.move_starts_at
            OR NEW.move_ends_at IS DISTINCT FROM OLD.move_ends_at) THEN 'RESCHEDULING'
    WHEN NEW.starts_at <> OLD.starts_at OR NEW.ends_at <> OLD.ends_at THEN 'RESCHEDULED'
    WHEN OLD.move_starts_at IS NOT NULL AND NEW.move_starts_at IS NULL THEN 'RESCHEDULE_REFUSED'
    END";

const COLUMNS: &str = "appointment_id, provider_id, state, kind, at";

const WATCHED: &str = "status, starts_at, ends_at, move_starts_at, move_ends_at";

fn sqlite() -> String {
    let insert = |kind: &str, condition: &str| {
        format!(
            "INSERT INTO appointment_event ({COLUMNS})
            SELECT NEW.id, NEW.provider_id, NEW.state, {kind}, NEW.updated_at WHERE {condition};"
        )
    };
    // `IS DISTINCT FROM` is younger than `STRICT`: an older sqlite3 could not read the file.
    let kind = &KIND_OF_UPDATE.replace("IS DISTINCT FROM", "IS NOT");
    format!(
        "CREATE TABLE appointment_event (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            appointment_id BLOB NOT NULL,
            provider_id BLOB NOT NULL,
            state TEXT NOT NULL,
            kind TEXT NOT NULL,
            at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', at)),
            CONSTRAINT appointment_event_appointment_id_fkey
                FOREIGN KEY (appointment_id) REFERENCES appointment (id) ON DELETE CASCADE,
            CONSTRAINT appointment_event_kind_check CHECK (kind IN {KINDS})
        ) STRICT;
        CREATE TRIGGER appointment_event_insert AFTER INSERT ON appointment
        BEGIN {on_insert} END;
        CREATE TRIGGER appointment_event_update AFTER UPDATE OF {WATCHED} ON appointment
        BEGIN {on_update} END;",
        on_insert = insert("'BOOKED'", "true"),
        on_update = insert(kind, &format!("({kind}) IS NOT NULL")),
    )
}

/// The trigger acts as its owner, for whoever may write appointments need not have rights on the
/// log; and finds the log whatever the writer's search path is.
const ON_OUR_SCHEMA: &str = "DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION record_appointment_event() SET search_path = %I, pg_temp', current_schema());
END $$;";

fn postgres() -> String {
    format!(
        "CREATE TABLE appointment_event (
            id bigint GENERATED ALWAYS AS IDENTITY,
            position bigint,
            appointment_id uuid NOT NULL,
            provider_id uuid NOT NULL,
            state text NOT NULL,
            kind text NOT NULL,
            at timestamptz NOT NULL,
            CONSTRAINT appointment_event_pkey PRIMARY KEY (id),
            CONSTRAINT appointment_event_position_key UNIQUE (position),
            CONSTRAINT appointment_event_appointment_id_fkey
                FOREIGN KEY (appointment_id) REFERENCES appointment (id) ON DELETE CASCADE,
            CONSTRAINT appointment_event_kind_check CHECK (kind IN {KINDS})
        );
        -- Where the log ends. The rows do not say: the last ones may have been deleted.
        CREATE TABLE appointment_event_end (
            id integer NOT NULL PRIMARY KEY CHECK (id = 1),
            position bigint NOT NULL
        );
        INSERT INTO appointment_event_end VALUES (1, 0);
        CREATE INDEX appointment_event_without_position ON appointment_event (id)
            WHERE position IS NULL;
        CREATE FUNCTION record_appointment_event() RETURNS trigger LANGUAGE plpgsql
            SECURITY DEFINER AS $$
        DECLARE
            what text := 'BOOKED';
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                what := {KIND_OF_UPDATE};
            END IF;
            IF what IS NOT NULL THEN
                INSERT INTO appointment_event ({COLUMNS})
                VALUES (NEW.id, NEW.provider_id, NEW.state, what, NEW.updated_at);
            END IF;
            RETURN NULL;
        END $$;
        {ON_OUR_SCHEMA}
        CREATE TRIGGER appointment_event_insert AFTER INSERT ON appointment
            FOR EACH ROW EXECUTE FUNCTION record_appointment_event();
        CREATE TRIGGER appointment_event_update AFTER UPDATE OF {WATCHED} ON appointment
            FOR EACH ROW EXECUTE FUNCTION record_appointment_event();"
    )
}

/// By provider for a dashboard of one; by appointment for the rows that go with it.
const INDEXES: &str = "
CREATE INDEX appointment_event_provider ON appointment_event (provider_id, position);
CREATE INDEX appointment_event_appointment ON appointment_event (appointment_id);
";

const DOWN_SQLITE: &str = "
DROP TRIGGER appointment_event_insert;
DROP TRIGGER appointment_event_update;
DROP TABLE appointment_event;
";

const DOWN_POSTGRES: &str = "
DROP TRIGGER appointment_event_insert ON appointment;
DROP TRIGGER appointment_event_update ON appointment;
DROP FUNCTION record_appointment_event();
DROP TABLE appointment_event;
DROP TABLE appointment_event_end;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, &sqlite(), &postgres()).await?;
        execute(manager, INDEXES, INDEXES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, DOWN_SQLITE, DOWN_POSTGRES).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the log of what happens to appointments, written by triggers")
            .blocking_writes(&["appointment"])
    }
}
