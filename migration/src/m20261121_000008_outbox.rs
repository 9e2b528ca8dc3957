//! What is still to be settled with the external scheduling service: at most one row an appointment.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = r"
CREATE TABLE outbox (
    appointment_id BLOB NOT NULL,
    -- Calls that may have reached the service; 0 means that surely nothing was sent.
    attempts INTEGER NOT NULL,
    -- The idempotency key of a call that may have made an appointment outside and whose
    -- answer is not known: it must be repeated before anything is freed.
    unanswered_key TEXT,
    due_at TEXT NOT NULL CHECK (due_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', due_at)),
    lease_token BLOB CHECK (length(lease_token) = 16),
    leased_until TEXT CHECK (leased_until IS strftime('%Y-%m-%dT%H:%M:%S+00:00', leased_until)),
    last_error TEXT,
    created_at TEXT NOT NULL CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at)),
    CONSTRAINT outbox_pkey PRIMARY KEY (appointment_id),
    CONSTRAINT outbox_attempts_check CHECK (attempts >= 0),
    CONSTRAINT outbox_appointment_id_fkey FOREIGN KEY (appointment_id)
        REFERENCES appointment (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_due_at ON outbox (due_at);
";

const UP_POSTGRES: &str = r"
CREATE TABLE outbox (
    appointment_id uuid NOT NULL,
    -- Calls that may have reached the service; 0 means that surely nothing was sent.
    attempts integer NOT NULL,
    -- The idempotency key of a call that may have made an appointment outside and whose
    -- answer is not known: it must be repeated before anything is freed.
    unanswered_key text,
    due_at timestamptz NOT NULL,
    lease_token uuid,
    leased_until timestamptz,
    last_error text,
    created_at timestamptz NOT NULL,
    CONSTRAINT outbox_pkey PRIMARY KEY (appointment_id),
    CONSTRAINT outbox_attempts_check CHECK (attempts >= 0),
    CONSTRAINT outbox_appointment_id_fkey FOREIGN KEY (appointment_id)
        REFERENCES appointment (id) ON DELETE CASCADE
);
CREATE INDEX outbox_due_at ON outbox (due_at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = "DROP TABLE outbox;";
        execute(manager, down, down).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the table of what is to be settled with the scheduling service")
            .blocking_writes(&["appointment"])
    }
}
