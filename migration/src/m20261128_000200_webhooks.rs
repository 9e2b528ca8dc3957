//! Who else is told what happens to visits: endpoints of other programs, each a reader of the event log with a
//! position of its own, and what is to be delivered to them. And in the log until when a visit lasts after what
//! happened, so that it can be told later as it was.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;
use crate::m20261127_000012_events_of_a_life::{AFTER as LOG, Log};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
CREATE TABLE webhook_endpoint (
    id BLOB NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    url TEXT NOT NULL,
    -- The kinds of event that it is told, each with a comma after it; empty for all.
    kinds TEXT NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    -- What it is signed with: whoever verifies has the same. Those of before are divided by spaces.
    secret TEXT NOT NULL,
    previous_secrets TEXT,
    previous_secrets_until TEXT CHECK (previous_secrets_until IS strftime('%Y-%m-%dT%H:%M:%S+00:00', previous_secrets_until)),
    -- All events up to here are deliveries, or are none of its kinds.
    position INTEGER NOT NULL,
    failing_since TEXT CHECK (failing_since IS strftime('%Y-%m-%dT%H:%M:%S+00:00', failing_since)),
    switched_off_at TEXT CHECK (switched_off_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', switched_off_at)),
    deleted_at TEXT CHECK (deleted_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', deleted_at)),
    created_at TEXT NOT NULL CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at)),
    CONSTRAINT webhook_endpoint_pkey PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE webhook_delivery (
    id BLOB NOT NULL,
    endpoint_id BLOB NOT NULL,
    -- Its event, and whose; null for a trial.
    position INTEGER,
    appointment_id BLOB,
    kind TEXT,
    at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', at)),
    status TEXT NOT NULL CHECK (status IN ('PENDING', 'DELIVERED', 'FAILED')),
    -- What became of the last attempt.
    outcome TEXT CHECK (outcome IN ('ACCEPTED', 'REFUSED', 'REDIRECTED', 'TIMED_OUT', 'UNREACHABLE', 'ADDRESS_NOT_ALLOWED')),
    response_status INTEGER,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    -- Since when it is tried; null before the first attempt.
    tried_since TEXT CHECK (tried_since IS strftime('%Y-%m-%dT%H:%M:%S+00:00', tried_since)),
    next_attempt_at TEXT CHECK (next_attempt_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', next_attempt_at)),
    leased_until TEXT CHECK (leased_until IS strftime('%Y-%m-%dT%H:%M:%S+00:00', leased_until)),
    lease BLOB,
    CONSTRAINT webhook_delivery_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_delivery_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
    CONSTRAINT webhook_delivery_appointment_id_fkey FOREIGN KEY (appointment_id) REFERENCES appointment (id) ON DELETE CASCADE,
    CONSTRAINT webhook_delivery_pending_check CHECK ((status = 'PENDING') = (next_attempt_at IS NOT NULL)),
    CONSTRAINT webhook_delivery_event_check CHECK ((position IS NULL) = (appointment_id IS NULL) AND (position IS NULL) = (kind IS NULL))
) STRICT, WITHOUT ROWID;
";

const UP_POSTGRES: &str = "
CREATE TABLE webhook_endpoint (
    id uuid NOT NULL,
    version integer NOT NULL,
    url text NOT NULL,
    -- The kinds of event that it is told, each with a comma after it; empty for all.
    kinds text NOT NULL,
    active boolean NOT NULL,
    -- What it is signed with: whoever verifies has the same. Those of before are divided by spaces.
    secret text NOT NULL,
    previous_secrets text,
    previous_secrets_until timestamptz,
    -- All events up to here are deliveries, or are none of its kinds.
    position bigint NOT NULL,
    failing_since timestamptz,
    switched_off_at timestamptz,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT webhook_endpoint_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_endpoint_version_check CHECK (version >= 1)
);
CREATE TABLE webhook_delivery (
    id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    -- Its event, and whose; null for a trial.
    position bigint,
    appointment_id uuid,
    kind text,
    at timestamptz NOT NULL,
    status text NOT NULL,
    -- What became of the last attempt.
    outcome text,
    response_status integer,
    attempts integer NOT NULL,
    -- Since when it is tried; null before the first attempt.
    tried_since timestamptz,
    next_attempt_at timestamptz,
    leased_until timestamptz,
    lease uuid,
    CONSTRAINT webhook_delivery_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_delivery_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
    CONSTRAINT webhook_delivery_appointment_id_fkey FOREIGN KEY (appointment_id) REFERENCES appointment (id) ON DELETE CASCADE,
    CONSTRAINT webhook_delivery_status_check CHECK (status IN ('PENDING', 'DELIVERED', 'FAILED')),
    CONSTRAINT webhook_delivery_outcome_check CHECK (outcome IN ('ACCEPTED', 'REFUSED', 'REDIRECTED', 'TIMED_OUT', 'UNREACHABLE', 'ADDRESS_NOT_ALLOWED')),
    CONSTRAINT webhook_delivery_attempts_check CHECK (attempts >= 0),
    CONSTRAINT webhook_delivery_pending_check CHECK ((status = 'PENDING') = (next_attempt_at IS NOT NULL)),
    CONSTRAINT webhook_delivery_event_check CHECK ((position IS NULL) = (appointment_id IS NULL) AND (position IS NULL) = (kind IS NULL))
);
";

/// An event is one delivery of an endpoint, however often it is told anew; the second finds what goes with an
/// appointment, the third what has to be delivered before.
const INDEXES: &str = "
CREATE UNIQUE INDEX webhook_delivery_event ON webhook_delivery (endpoint_id, position);
CREATE INDEX webhook_delivery_appointment ON webhook_delivery (appointment_id, endpoint_id, position);
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (appointment_id, endpoint_id, position) WHERE status = 'PENDING';
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, next_attempt_at) WHERE status = 'PENDING';
CREATE INDEX webhook_delivery_list ON webhook_delivery (endpoint_id, id);
";

const ADD_SQLITE: &str = "ALTER TABLE appointment_event ADD COLUMN to_ends_at TEXT
    CHECK (to_ends_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', to_ends_at));";
const ADD_POSTGRES: &str = "ALTER TABLE appointment_event ADD COLUMN to_ends_at timestamptz;";

const DOWN: &str = "
DROP TABLE webhook_delivery;
DROP TABLE webhook_endpoint;
DELETE FROM idempotency_key WHERE made_id LIKE 'whe%' OR made_id LIKE 'whd%';
";

/// The log, with the end that a visit has after what happened, or is to have.
fn log() -> Log {
    Log {
        columns: format!("{}, to_ends_at", LOG.columns).into(),
        of_insert: format!("{}, NEW.ends_at", LOG.of_insert).into(),
        of_update: format!(
            "{}, CASE WHEN NEW.status IN ('PENDING', 'CONFIRMED')
                THEN coalesce(NEW.reassign_ends_at, NEW.move_ends_at, NEW.ends_at) ELSE NEW.ends_at END",
            LOG.of_update
        )
        .into(),
        ..LOG
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await?;
        execute(manager, INDEXES, INDEXES).await?;
        execute(manager, ADD_SQLITE, ADD_POSTGRES).await?;
        execute(manager, &log().sqlite(), &log().postgres()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, &LOG.sqlite(), &LOG.postgres()).await?;
        let drop = format!("ALTER TABLE appointment_event DROP COLUMN to_ends_at; {DOWN}");
        execute(manager, &drop, &drop).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes webhooks, and writes in the log until when a visit lasts")
            .blocking(&["appointment", "appointment_event"])
            .reading_on_sqlite(&["appointment_event"])
    }
}
