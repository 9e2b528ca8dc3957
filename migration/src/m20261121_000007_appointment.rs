//! Appointments, and the rule that no two of them overlap: for a provider, nor for a patient.
//!
//! The rule stands here, below the application and against any writer. An appointment that is
//! being moved holds its old and its new time, so the rule compares both spans of both.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = r"
CREATE TABLE appointment (
    id BLOB NOT NULL CHECK (length(id) = 16),
    provider_id BLOB NOT NULL,
    patient_id BLOB NOT NULL,
    starts_at TEXT NOT NULL CHECK (starts_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', starts_at)),
    ends_at TEXT NOT NULL CHECK (ends_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', ends_at)),
    move_starts_at TEXT CHECK (move_starts_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', move_starts_at)),
    move_ends_at TEXT CHECK (move_ends_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', move_ends_at)),
    status TEXT NOT NULL,
    ends_as TEXT,
    version INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state GLOB '[A-Z][A-Z]'),
    insurance_id BLOB NOT NULL,
    reason TEXT,
    cancel_reason TEXT,
    external_id TEXT,
    created_at TEXT NOT NULL CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at)),
    updated_at TEXT NOT NULL CHECK (updated_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', updated_at)),
    CONSTRAINT appointment_pkey PRIMARY KEY (id),
    CONSTRAINT appointment_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES provider (id),
    CONSTRAINT appointment_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient (id),
    CONSTRAINT appointment_insurance_id_fkey FOREIGN KEY (insurance_id) REFERENCES insurance (id),
    CONSTRAINT appointment_status_check CHECK
        (status IN ('PENDING', 'CONFIRMED', 'CANCELLING', 'CANCELLED', 'FAILED', 'EXPIRED')),
    CONSTRAINT appointment_ends_as_check CHECK (
        CASE status WHEN 'CANCELLING' THEN ends_as IS NOT NULL AND ends_as IN ('CANCELLED', 'FAILED', 'EXPIRED')
        ELSE ends_as IS NULL END),
    -- At most a day long: then what can overlap a span is one range of the index.
    CONSTRAINT appointment_span_check CHECK
        (ends_at > starts_at AND julianday(ends_at) - julianday(starts_at) <= 1),
    CONSTRAINT appointment_move_check CHECK (
        (move_starts_at IS NULL AND move_ends_at IS NULL) OR
        (move_starts_at IS NOT NULL AND move_ends_at IS NOT NULL AND move_ends_at > move_starts_at
            AND julianday(move_ends_at) - julianday(move_starts_at) <= 1
            AND status IN ('CONFIRMED', 'CANCELLING'))),
    CONSTRAINT appointment_confirmed_check CHECK (status <> 'CONFIRMED' OR external_id IS NOT NULL)
) STRICT;
";

const UP_POSTGRES: &str = r"
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE appointment (
    id uuid NOT NULL,
    provider_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    move_starts_at timestamptz,
    move_ends_at timestamptz,
    status text NOT NULL,
    ends_as text,
    version integer NOT NULL,
    state text NOT NULL,
    insurance_id uuid NOT NULL,
    reason text,
    cancel_reason text,
    external_id text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT appointment_pkey PRIMARY KEY (id),
    CONSTRAINT appointment_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES provider (id),
    CONSTRAINT appointment_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient (id),
    CONSTRAINT appointment_insurance_id_fkey FOREIGN KEY (insurance_id) REFERENCES insurance (id),
    CONSTRAINT appointment_state_check CHECK (state ~ '^[A-Z][A-Z]$'),
    CONSTRAINT appointment_status_check CHECK
        (status IN ('PENDING', 'CONFIRMED', 'CANCELLING', 'CANCELLED', 'FAILED', 'EXPIRED')),
    CONSTRAINT appointment_ends_as_check CHECK (
        CASE status WHEN 'CANCELLING' THEN ends_as IS NOT NULL AND ends_as IN ('CANCELLED', 'FAILED', 'EXPIRED')
        ELSE ends_as IS NULL END),
    -- An empty range overlaps nothing, so it must not exist; at most a day long: then what can
    -- overlap a span is one range of the index.
    CONSTRAINT appointment_span_check CHECK
        (ends_at > starts_at AND ends_at <= starts_at + interval '24 hours'),
    CONSTRAINT appointment_move_check CHECK (
        (move_starts_at IS NULL AND move_ends_at IS NULL) OR
        (move_starts_at IS NOT NULL AND move_ends_at IS NOT NULL AND move_ends_at > move_starts_at
            AND move_ends_at <= move_starts_at + interval '24 hours'
            AND status IN ('CONFIRMED', 'CANCELLING'))),
    CONSTRAINT appointment_confirmed_check CHECK (status <> 'CONFIRMED' OR external_id IS NOT NULL)
);
";

/// What both engines look appointments up by.
const INDEXES: &str = r"
CREATE INDEX appointment_provider_time ON appointment (provider_id, starts_at);
CREATE INDEX appointment_patient_time ON appointment (patient_id, starts_at);
CREATE INDEX appointment_provider_move ON appointment (provider_id, move_starts_at)
    WHERE move_starts_at IS NOT NULL;
CREATE INDEX appointment_patient_move ON appointment (patient_id, move_starts_at)
    WHERE move_starts_at IS NOT NULL;
CREATE INDEX appointment_time ON appointment (starts_at, id);
CREATE INDEX appointment_updated ON appointment (updated_at, id);
";

const HOLDING: &str = "('PENDING', 'CONFIRMED', 'CANCELLING')";

/// The rules: whose time it is, and the name under which a write that breaks one is refused.
const RULES: [(&str, &str); 2] = [
    ("provider_id", "appointment_provider_no_overlap"),
    ("patient_id", "appointment_patient_no_overlap"),
];

/// `PostgreSQL` refuses by index: no two holding appointments of one owner share a moment.
fn exclusion_constraint(owner: &str, name: &str) -> String {
    format!(
        "ALTER TABLE appointment ADD CONSTRAINT {name} EXCLUDE USING gist (
            {owner} WITH =,
            tstzmultirange(
                tstzrange(starts_at, ends_at),
                CASE WHEN move_starts_at IS NULL THEN 'empty'::tstzrange
                ELSE tstzrange(move_starts_at, move_ends_at) END) WITH &&
        ) WHERE (status IN {HOLDING});"
    )
}

/// `SQLite` has one writer at a time, so a trigger that looks first can't be overtaken.
fn triggers(owner: &str, name: &str) -> String {
    let columns =
        "id, provider_id, patient_id, starts_at, ends_at, move_starts_at, move_ends_at, status";
    let mut clashes = Vec::new();
    for new in ["", "move_"] {
        for held in ["", "move_"] {
            clashes.push(format!(
                "EXISTS (SELECT 1 FROM appointment AS held
                    WHERE held.{owner} = NEW.{owner} AND held.id <> NEW.id
                      AND held.status IN {HOLDING}
                      AND held.{held}starts_at < NEW.{new}ends_at
                      AND held.{held}ends_at > NEW.{new}starts_at
                      AND held.{held}starts_at >
                          strftime('%Y-%m-%dT%H:%M:%S+00:00', NEW.{new}starts_at, '-1 day', '-1 second'))"
            ));
        }
    }
    let clash = clashes.join("\n OR ");
    [("insert", "INSERT".to_owned()), ("update", format!("UPDATE OF {columns}"))]
        .iter()
        .map(|(suffix, event)| {
            format!(
                "CREATE TRIGGER {name}_{suffix} BEFORE {event} ON appointment
                WHEN NEW.status IN {HOLDING}
                BEGIN
                    SELECT RAISE(ABORT, '{name}') WHERE {clash};
                END;\n"
            )
        })
        .collect()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await?;
        execute(manager, INDEXES, INDEXES).await?;
        for (owner, name) in RULES {
            execute(manager, &triggers(owner, name), &exclusion_constraint(owner, name)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = "DROP TABLE appointment;";
        execute(manager, down, down).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the table of appointments, and the rules that no two of them overlap")
            .blocking_writes(&["insurance", "patient", "provider"])
    }
}
