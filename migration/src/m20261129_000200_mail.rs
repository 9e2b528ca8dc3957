//! What patients are told by mail: a reader of the event log with its position, and each mail with what it tells as it
//! was then, so that it can be told later.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
CREATE TABLE mail_reader (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    -- All events up to here are mail, or are none that anybody is told of.
    position INTEGER NOT NULL
) STRICT;
INSERT INTO mail_reader VALUES (1, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'appointment_event'), 0));
CREATE TABLE mail (
    id BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('CONFIRMATION', 'CHANGE', 'CANCELLATION', 'REMINDER', 'OFFER')),
    -- The visit that it is about, and the event; or the offer, and whose.
    appointment_id BLOB,
    position INTEGER,
    entry_id BLOB,
    offer_id BLOB,
    -- How long before the visit it reminds.
    lead_minutes INTEGER CHECK (lead_minutes >= 1),
    -- What is told, as it was then.
    provider_id BLOB NOT NULL,
    starts_at TEXT NOT NULL CHECK (starts_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', starts_at)),
    ends_at TEXT NOT NULL CHECK (ends_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', ends_at)),
    previous_starts_at TEXT CHECK (previous_starts_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', previous_starts_at)),
    expires_at TEXT CHECK (expires_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', expires_at)),
    at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', at)),
    status TEXT NOT NULL CHECK (status IN ('PENDING', 'SENT', 'KEPT', 'DROPPED', 'FAILED')),
    -- What became of the last attempt, or why there was none.
    outcome TEXT CHECK (outcome IN ('ACCEPTED', 'REFUSED', 'PUT_OFF', 'UNREACHABLE', 'TIMED_OUT', 'SUPERSEDED', 'TOO_LATE', 'UNSUBSCRIBED')),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    tried_since TEXT CHECK (tried_since IS strftime('%Y-%m-%dT%H:%M:%S+00:00', tried_since)),
    next_attempt_at TEXT CHECK (next_attempt_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', next_attempt_at)),
    settled_at TEXT CHECK (settled_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', settled_at)),
    -- To whom it was sent.
    recipient TEXT,
    leased_until TEXT CHECK (leased_until IS strftime('%Y-%m-%dT%H:%M:%S+00:00', leased_until)),
    lease BLOB,
    CONSTRAINT mail_pkey PRIMARY KEY (id),
    CONSTRAINT mail_appointment_id_fkey FOREIGN KEY (appointment_id) REFERENCES appointment (id) ON DELETE CASCADE,
    CONSTRAINT mail_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES waitlist_entry (id) ON DELETE CASCADE,
    CONSTRAINT mail_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES provider (id),
    CONSTRAINT mail_pending_check CHECK ((status = 'PENDING') = (next_attempt_at IS NOT NULL) AND (status = 'PENDING') = (settled_at IS NULL)),
    CONSTRAINT mail_of_check CHECK ((kind = 'OFFER') = (appointment_id IS NULL) AND (kind = 'OFFER') = (entry_id IS NOT NULL)
        AND (kind = 'OFFER') = (offer_id IS NOT NULL) AND (kind = 'OFFER') = (expires_at IS NOT NULL)),
    CONSTRAINT mail_cause_check CHECK ((kind = 'REMINDER') = (lead_minutes IS NOT NULL)
        AND (kind IN ('REMINDER', 'OFFER')) = (position IS NULL))
) STRICT, WITHOUT ROWID;
";

const UP_POSTGRES: &str = "
CREATE TABLE mail_reader (
    id integer NOT NULL,
    -- All events up to here are mail, or are none that anybody is told of.
    position bigint NOT NULL,
    CONSTRAINT mail_reader_pkey PRIMARY KEY (id),
    CONSTRAINT mail_reader_id_check CHECK (id = 1)
);
INSERT INTO mail_reader SELECT 1, position FROM appointment_event_end;
CREATE TABLE mail (
    id uuid NOT NULL,
    kind text NOT NULL,
    -- The visit that it is about, and the event; or the offer, and whose.
    appointment_id uuid,
    position bigint,
    entry_id uuid,
    offer_id uuid,
    -- How long before the visit it reminds.
    lead_minutes integer,
    -- What is told, as it was then.
    provider_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    previous_starts_at timestamptz,
    expires_at timestamptz,
    at timestamptz NOT NULL,
    status text NOT NULL,
    -- What became of the last attempt, or why there was none.
    outcome text,
    attempts integer NOT NULL,
    tried_since timestamptz,
    next_attempt_at timestamptz,
    settled_at timestamptz,
    -- To whom it was sent.
    recipient text,
    leased_until timestamptz,
    lease uuid,
    CONSTRAINT mail_pkey PRIMARY KEY (id),
    CONSTRAINT mail_appointment_id_fkey FOREIGN KEY (appointment_id) REFERENCES appointment (id) ON DELETE CASCADE,
    CONSTRAINT mail_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES waitlist_entry (id) ON DELETE CASCADE,
    CONSTRAINT mail_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES provider (id),
    CONSTRAINT mail_pending_check CHECK ((status = 'PENDING') = (next_attempt_at IS NOT NULL) AND (status = 'PENDING') = (settled_at IS NULL)),
    CONSTRAINT mail_of_check CHECK ((kind = 'OFFER') = (appointment_id IS NULL) AND (kind = 'OFFER') = (entry_id IS NOT NULL)
        AND (kind = 'OFFER') = (offer_id IS NOT NULL) AND (kind = 'OFFER') = (expires_at IS NOT NULL)),
    CONSTRAINT mail_cause_check CHECK ((kind = 'REMINDER') = (lead_minutes IS NOT NULL)
        AND (kind IN ('REMINDER', 'OFFER')) = (position IS NULL)),
    CONSTRAINT mail_kind_check CHECK (kind IN ('CONFIRMATION', 'CHANGE', 'CANCELLATION', 'REMINDER', 'OFFER')),
    CONSTRAINT mail_status_check CHECK (status IN ('PENDING', 'SENT', 'KEPT', 'DROPPED', 'FAILED')),
    CONSTRAINT mail_outcome_check CHECK (outcome IN ('ACCEPTED', 'REFUSED', 'PUT_OFF', 'UNREACHABLE', 'TIMED_OUT', 'SUPERSEDED', 'TOO_LATE', 'UNSUBSCRIBED')),
    CONSTRAINT mail_attempts_check CHECK (attempts >= 0),
    CONSTRAINT mail_lead_minutes_check CHECK (lead_minutes >= 1)
);
";

/// Each event, each reminder of a visit at its time, and each offer is one mail, whoever looks. The fourth finds what
/// waits in the order in which it is sent, the fifth what of the same visit comes before it; and who is to be reminded is
/// found by when visits begin.
const INDEXES: &str = "
CREATE UNIQUE INDEX mail_event ON mail (position) WHERE position IS NOT NULL;
CREATE UNIQUE INDEX mail_reminder ON mail (appointment_id, starts_at, lead_minutes) WHERE kind = 'REMINDER';
CREATE UNIQUE INDEX mail_offer ON mail (offer_id) WHERE kind = 'OFFER';
CREATE INDEX mail_due ON mail (next_attempt_at, id) WHERE status = 'PENDING';
CREATE INDEX mail_waiting ON mail (appointment_id, position) WHERE status = 'PENDING';
CREATE INDEX mail_appointment ON mail (appointment_id, id);
CREATE INDEX mail_entry ON mail (entry_id);
CREATE INDEX mail_status ON mail (status, id);
CREATE INDEX appointment_upcoming ON appointment (starts_at) WHERE status = 'CONFIRMED';
";

/// A program of before can't read what was made under these keys.
const DOWN: &str = "
DROP INDEX appointment_upcoming;
DROP TABLE mail;
DROP TABLE mail_reader;
DELETE FROM idempotency_key WHERE made_id LIKE 'mai%';
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await?;
        execute(manager, INDEXES, INDEXES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, DOWN, DOWN).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes what patients are told by mail")
            .blocking_writes(&["appointment", "waitlist_entry", "provider"])
            .reading(&["appointment"])
            .reading_on_sqlite(&["appointment"])
    }
}
