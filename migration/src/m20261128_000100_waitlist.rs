//! Who waits for a time, and what they were offered. What an offer holds is a row of `appointment` in status `HELD`
//! of the same id, which is gone once the offer is over: nothing refers to it.
//!
//! Each change of an entry gives it the next position, from the row that says which was the last and is the writer's
//! until that transaction ends: whoever follows the changes reads on from the position that they have seen, and what
//! becomes visible later is never a lower one. Of an entry that has changed more than once only the last is told.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
CREATE TABLE waitlist_entry (
    id BLOB NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    status TEXT NOT NULL CHECK (status IN ('WAITING', 'OFFERED', 'BOOKED', 'LEFT', 'LAPSED')),
    patient_id BLOB NOT NULL,
    state TEXT NOT NULL,
    insurance_id BLOB NOT NULL,
    -- Null where anybody will do.
    provider_id BLOB,
    duration_minutes INTEGER NOT NULL CHECK (duration_minutes BETWEEN 5 AND 480),
    visit_type_id BLOB,
    -- The starts that will do, both included.
    earliest TEXT NOT NULL CHECK (earliest IS strftime('%Y-%m-%dT%H:%M:%S+00:00', earliest)),
    latest TEXT NOT NULL CHECK (latest IS strftime('%Y-%m-%dT%H:%M:%S+00:00', latest)),
    -- A bit a day, Monday the lowest.
    weekdays INTEGER NOT NULL CHECK (weekdays BETWEEN 1 AND 127),
    -- Minutes into the day on the patient's clock; the end does not belong to it.
    local_from INTEGER NOT NULL CHECK (local_from >= 0),
    local_until INTEGER NOT NULL CHECK (local_until <= 1440),
    -- The visit that moves to the time that is found.
    instead_of BLOB,
    -- The position at which they joined: whoever has the lower one comes first.
    joined INTEGER NOT NULL,
    position INTEGER NOT NULL,
    created_at TEXT NOT NULL CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at)),
    updated_at TEXT NOT NULL CHECK (updated_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', updated_at)),
    CONSTRAINT waitlist_entry_pkey PRIMARY KEY (id),
    CONSTRAINT waitlist_entry_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient (id),
    CONSTRAINT waitlist_entry_insurance_id_fkey FOREIGN KEY (insurance_id) REFERENCES insurance (id),
    CONSTRAINT waitlist_entry_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES provider (id),
    CONSTRAINT waitlist_entry_visit_type_id_fkey FOREIGN KEY (visit_type_id) REFERENCES visit_type (id),
    CONSTRAINT waitlist_entry_instead_of_fkey FOREIGN KEY (instead_of) REFERENCES appointment (id) ON DELETE CASCADE,
    CONSTRAINT waitlist_entry_window_check CHECK (earliest <= latest AND local_from < local_until)
) STRICT, WITHOUT ROWID;
CREATE TABLE waitlist_offer (
    id BLOB NOT NULL,
    entry_id BLOB NOT NULL,
    provider_id BLOB NOT NULL,
    starts_at TEXT NOT NULL CHECK (starts_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', starts_at)),
    ends_at TEXT NOT NULL CHECK (ends_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', ends_at)),
    offered_at TEXT NOT NULL CHECK (offered_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', offered_at)),
    expires_at TEXT NOT NULL CHECK (expires_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', expires_at)),
    -- Null while it is open.
    outcome TEXT CHECK (outcome IN ('ACCEPTED', 'DECLINED', 'LAPSED', 'REFUSED')),
    CONSTRAINT waitlist_offer_pkey PRIMARY KEY (id),
    CONSTRAINT waitlist_offer_entry_id_fkey FOREIGN KEY (entry_id)
        REFERENCES waitlist_entry (id) ON DELETE CASCADE,
    CONSTRAINT waitlist_offer_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES provider (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE waitlist_end (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    position INTEGER NOT NULL
) STRICT;
INSERT INTO waitlist_end VALUES (1, 0);
";

const UP_POSTGRES: &str = "
CREATE TABLE waitlist_entry (
    id uuid NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    patient_id uuid NOT NULL,
    state text NOT NULL,
    insurance_id uuid NOT NULL,
    -- Null where anybody will do.
    provider_id uuid,
    duration_minutes integer NOT NULL,
    visit_type_id uuid,
    -- The starts that will do, both included.
    earliest timestamptz NOT NULL,
    latest timestamptz NOT NULL,
    -- A bit a day, Monday the lowest.
    weekdays integer NOT NULL,
    -- Minutes into the day on the patient's clock; the end does not belong to it.
    local_from integer NOT NULL,
    local_until integer NOT NULL,
    -- The visit that moves to the time that is found.
    instead_of uuid,
    -- The position at which they joined: whoever has the lower one comes first.
    joined bigint NOT NULL,
    position bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT waitlist_entry_pkey PRIMARY KEY (id),
    CONSTRAINT waitlist_entry_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient (id),
    CONSTRAINT waitlist_entry_insurance_id_fkey FOREIGN KEY (insurance_id) REFERENCES insurance (id),
    CONSTRAINT waitlist_entry_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES provider (id),
    CONSTRAINT waitlist_entry_visit_type_id_fkey FOREIGN KEY (visit_type_id) REFERENCES visit_type (id),
    CONSTRAINT waitlist_entry_instead_of_fkey FOREIGN KEY (instead_of) REFERENCES appointment (id) ON DELETE CASCADE,
    CONSTRAINT waitlist_entry_version_check CHECK (version >= 1),
    CONSTRAINT waitlist_entry_status_check CHECK (status IN ('WAITING', 'OFFERED', 'BOOKED', 'LEFT', 'LAPSED')),
    CONSTRAINT waitlist_entry_duration_check CHECK (duration_minutes BETWEEN 5 AND 480),
    CONSTRAINT waitlist_entry_weekdays_check CHECK (weekdays BETWEEN 1 AND 127),
    CONSTRAINT waitlist_entry_hours_check CHECK (local_from >= 0 AND local_until <= 1440),
    CONSTRAINT waitlist_entry_window_check CHECK (earliest <= latest AND local_from < local_until)
);
CREATE TABLE waitlist_offer (
    id uuid NOT NULL,
    entry_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    offered_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    -- Null while it is open.
    outcome text,
    CONSTRAINT waitlist_offer_pkey PRIMARY KEY (id),
    CONSTRAINT waitlist_offer_entry_id_fkey FOREIGN KEY (entry_id)
        REFERENCES waitlist_entry (id) ON DELETE CASCADE,
    CONSTRAINT waitlist_offer_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES provider (id),
    CONSTRAINT waitlist_offer_outcome_check CHECK (outcome IN ('ACCEPTED', 'DECLINED', 'LAPSED', 'REFUSED'))
);
CREATE TABLE waitlist_end (
    id integer NOT NULL PRIMARY KEY CHECK (id = 1),
    position bigint NOT NULL
);
INSERT INTO waitlist_end VALUES (1, 0);
";

/// One open offer at most of each entry, whoever makes them.
const INDEXES: &str = "
CREATE UNIQUE INDEX waitlist_offer_open ON waitlist_offer (entry_id) WHERE outcome IS NULL;
CREATE INDEX waitlist_offer_entry_id ON waitlist_offer (entry_id);
CREATE INDEX waitlist_entry_position ON waitlist_entry (position);
CREATE UNIQUE INDEX waitlist_entry_joined ON waitlist_entry (joined);
CREATE INDEX waitlist_entry_status ON waitlist_entry (status, joined);
CREATE INDEX waitlist_entry_patient_id ON waitlist_entry (patient_id);
CREATE INDEX waitlist_entry_instead_of ON waitlist_entry (instead_of);
";

/// What is held for offers goes with them. A program of before can't read what was made under these keys.
const DOWN: &str = "
DELETE FROM appointment WHERE status = 'HELD' AND id IN (SELECT id FROM waitlist_offer);
DROP TABLE waitlist_offer;
DROP TABLE waitlist_entry;
DROP TABLE waitlist_end;
DELETE FROM idempotency_key WHERE made_id LIKE 'wle%';
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
        Effect::of("makes the waitlist: who waits for a time, and what they were offered")
            .blocking_writes(&["patient", "insurance", "provider", "visit_type", "appointment"])
    }
}
