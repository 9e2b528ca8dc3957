//! The life of a visit: that the patient has come, was seen, or never came; its type; by which door it was
//! booked; what policy was overruled for it; and that it is on its way to another provider.
//!
//! While it is, the visit keeps its provider and its time, and the other provider's time is a row of its
//! own in status `HELD`, without a patient. A hold that anybody may ask for is such a row as well, with an
//! end: it need not say for whom, from where or under which insurance.
//!
//! The two rules against overlapping visits that there are know nothing of it, and stay as they are: an
//! older server books on no others. Wider ones are beside them (the next migration).

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::{execute, sqlite_schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const BEFORE_AND_AFTER: [(&str, &str); 5] = [
    ("patient_id BLOB NOT NULL,", "patient_id BLOB,"),
    (
        "state TEXT NOT NULL CHECK (state GLOB '[A-Z][A-Z]'),",
        "state TEXT CHECK (state GLOB '[A-Z][A-Z]'),",
    ),
    ("insurance_id BLOB NOT NULL,", "insurance_id BLOB,"),
    (
        "(status IN ('PENDING', 'CONFIRMED', 'CANCELLING', 'CANCELLED', 'FAILED', 'EXPIRED')),",
        "(status IN ('PENDING', 'CONFIRMED', 'CANCELLING', 'CANCELLED', 'FAILED', 'EXPIRED', 'HELD', 'CHECKED_IN', 'COMPLETED', 'NO_SHOW')),",
    ),
    (
        "CHECK (status <> 'CONFIRMED' OR kept_here = 1 OR external_id IS NOT NULL)",
        "CHECK (status NOT IN ('CONFIRMED', 'CHECKED_IN', 'COMPLETED', 'NO_SHOW') OR kept_here = 1 OR external_id IS NOT NULL)",
    ),
];

/// The checks of the whole row go with the last column that they name.
const ADD_SQLITE: &str = "
ALTER TABLE appointment ADD COLUMN visit_type_id BLOB
    CONSTRAINT appointment_visit_type_id_fkey REFERENCES visit_type (id);
ALTER TABLE appointment ADD COLUMN provenance TEXT CONSTRAINT appointment_provenance_check
    CHECK (provenance IN ('GRAPHQL', 'REST', 'DESK', 'PATIENT_LINK', 'WAITLIST', 'SERIES'));
ALTER TABLE appointment ADD COLUMN hold_expires_at TEXT
    CHECK (hold_expires_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', hold_expires_at));
ALTER TABLE appointment ADD COLUMN hold_for BLOB
    CONSTRAINT appointment_hold_for_fkey REFERENCES appointment (id) ON DELETE CASCADE
    CONSTRAINT appointment_held_check CHECK (CASE status
        WHEN 'HELD' THEN (hold_expires_at IS NULL) <> (hold_for IS NULL)
        ELSE patient_id IS NOT NULL AND state IS NOT NULL AND insurance_id IS NOT NULL
            AND hold_expires_at IS NULL AND hold_for IS NULL END);
ALTER TABLE appointment ADD COLUMN reassign_provider_id BLOB
    CONSTRAINT appointment_reassign_provider_id_fkey REFERENCES provider (id);
ALTER TABLE appointment ADD COLUMN reassign_starts_at TEXT
    CHECK (reassign_starts_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', reassign_starts_at));
ALTER TABLE appointment ADD COLUMN reassign_ends_at TEXT
    CHECK (reassign_ends_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', reassign_ends_at))
    CONSTRAINT appointment_reassign_check CHECK (
        (reassign_provider_id IS NULL AND reassign_starts_at IS NULL AND reassign_ends_at IS NULL) OR
        (reassign_provider_id IS NOT NULL AND reassign_starts_at IS NOT NULL AND reassign_ends_at IS NOT NULL
            AND reassign_provider_id <> provider_id AND reassign_ends_at > reassign_starts_at
            AND julianday(reassign_ends_at) - julianday(reassign_starts_at) <= 1
            AND move_starts_at IS NULL AND status IN ('CONFIRMED', 'CANCELLING')));
ALTER TABLE appointment ADD COLUMN overruled TEXT;
ALTER TABLE appointment ADD COLUMN overrule_reason TEXT;
ALTER TABLE appointment ADD COLUMN overruled_in INTEGER CONSTRAINT appointment_overruled_check
    CHECK ((overruled IS NULL) = (overruled_in IS NULL) AND (overruled IS NOT NULL OR overrule_reason IS NULL));
";

const UP_POSTGRES: &str = "
ALTER TABLE appointment
    ALTER COLUMN patient_id DROP NOT NULL,
    ALTER COLUMN state DROP NOT NULL,
    ALTER COLUMN insurance_id DROP NOT NULL,
    ADD COLUMN visit_type_id uuid,
    ADD COLUMN provenance text,
    ADD COLUMN hold_expires_at timestamptz,
    ADD COLUMN hold_for uuid,
    ADD COLUMN reassign_provider_id uuid,
    ADD COLUMN reassign_starts_at timestamptz,
    ADD COLUMN reassign_ends_at timestamptz,
    ADD COLUMN overruled text,
    ADD COLUMN overrule_reason text,
    ADD COLUMN overruled_in integer,
    DROP CONSTRAINT appointment_status_check,
    ADD CONSTRAINT appointment_status_check CHECK
        (status IN ('PENDING', 'CONFIRMED', 'CANCELLING', 'CANCELLED', 'FAILED', 'EXPIRED',
            'HELD', 'CHECKED_IN', 'COMPLETED', 'NO_SHOW')),
    DROP CONSTRAINT appointment_confirmed_check,
    ADD CONSTRAINT appointment_confirmed_check CHECK
        (status NOT IN ('CONFIRMED', 'CHECKED_IN', 'COMPLETED', 'NO_SHOW') OR kept_here OR external_id IS NOT NULL),
    ADD CONSTRAINT appointment_visit_type_id_fkey FOREIGN KEY (visit_type_id) REFERENCES visit_type (id),
    ADD CONSTRAINT appointment_hold_for_fkey FOREIGN KEY (hold_for)
        REFERENCES appointment (id) ON DELETE CASCADE,
    ADD CONSTRAINT appointment_reassign_provider_id_fkey FOREIGN KEY (reassign_provider_id)
        REFERENCES provider (id),
    ADD CONSTRAINT appointment_provenance_check CHECK
        (provenance IN ('GRAPHQL', 'REST', 'DESK', 'PATIENT_LINK', 'WAITLIST', 'SERIES')),
    ADD CONSTRAINT appointment_held_check CHECK (CASE status
        WHEN 'HELD' THEN (hold_expires_at IS NULL) <> (hold_for IS NULL)
        ELSE patient_id IS NOT NULL AND state IS NOT NULL AND insurance_id IS NOT NULL
            AND hold_expires_at IS NULL AND hold_for IS NULL END),
    ADD CONSTRAINT appointment_reassign_check CHECK (
        (reassign_provider_id IS NULL AND reassign_starts_at IS NULL AND reassign_ends_at IS NULL) OR
        (reassign_provider_id IS NOT NULL AND reassign_starts_at IS NOT NULL AND reassign_ends_at IS NOT NULL
            AND reassign_provider_id <> provider_id AND reassign_ends_at > reassign_starts_at
            AND reassign_ends_at <= reassign_starts_at + interval '24 hours'
            AND move_starts_at IS NULL AND status IN ('CONFIRMED', 'CANCELLING'))),
    ADD CONSTRAINT appointment_overruled_check CHECK
        ((overruled IS NULL) = (overruled_in IS NULL) AND (overruled IS NOT NULL OR overrule_reason IS NULL));
";

/// Of the few that are held, and those of whom a visit is on its way to another provider.
const INDEXES: &str = "
CREATE INDEX appointment_held ON appointment (provider_id, starts_at) WHERE status = 'HELD';
CREATE INDEX appointment_hold_for ON appointment (hold_for) WHERE hold_for IS NOT NULL;
CREATE INDEX appointment_reassign ON appointment (reassign_starts_at) WHERE reassign_provider_id IS NOT NULL;
";

/// A program of before knows of confirmed visits alone, and of none that is on its way to somebody else.
const AS_BEFORE: &str = "
DROP INDEX appointment_held;
DROP INDEX appointment_hold_for;
DROP INDEX appointment_reassign;
DELETE FROM appointment WHERE status = 'HELD';
UPDATE appointment SET reassign_provider_id = NULL, reassign_starts_at = NULL, reassign_ends_at = NULL
 WHERE reassign_provider_id IS NOT NULL;
UPDATE appointment SET status = 'CONFIRMED' WHERE status IN ('CHECKED_IN', 'COMPLETED', 'NO_SHOW');
";

const DROP_SQLITE: &str = "
ALTER TABLE appointment DROP COLUMN overruled_in;
ALTER TABLE appointment DROP COLUMN overrule_reason;
ALTER TABLE appointment DROP COLUMN overruled;
ALTER TABLE appointment DROP COLUMN reassign_ends_at;
ALTER TABLE appointment DROP COLUMN reassign_starts_at;
ALTER TABLE appointment DROP COLUMN reassign_provider_id;
ALTER TABLE appointment DROP COLUMN hold_for;
ALTER TABLE appointment DROP COLUMN hold_expires_at;
ALTER TABLE appointment DROP COLUMN provenance;
ALTER TABLE appointment DROP COLUMN visit_type_id;
";

const DOWN_POSTGRES: &str = "
ALTER TABLE appointment
    DROP CONSTRAINT appointment_overruled_check,
    DROP CONSTRAINT appointment_reassign_check,
    DROP CONSTRAINT appointment_held_check,
    DROP COLUMN overruled_in, DROP COLUMN overrule_reason, DROP COLUMN overruled,
    DROP COLUMN reassign_ends_at, DROP COLUMN reassign_starts_at, DROP COLUMN reassign_provider_id,
    DROP COLUMN hold_for, DROP COLUMN hold_expires_at, DROP COLUMN provenance, DROP COLUMN visit_type_id,
    DROP CONSTRAINT appointment_confirmed_check,
    ADD CONSTRAINT appointment_confirmed_check
        CHECK (status <> 'CONFIRMED' OR kept_here OR external_id IS NOT NULL),
    DROP CONSTRAINT appointment_status_check,
    ADD CONSTRAINT appointment_status_check CHECK
        (status IN ('PENDING', 'CONFIRMED', 'CANCELLING', 'CANCELLED', 'FAILED', 'EXPIRED')),
    ALTER COLUMN insurance_id SET NOT NULL,
    ALTER COLUMN state SET NOT NULL,
    ALTER COLUMN patient_id SET NOT NULL;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sqlite_schema::rewrite(manager, "appointment", BEFORE_AND_AFTER).await?;
        execute(manager, ADD_SQLITE, UP_POSTGRES).await?;
        execute(manager, INDEXES, INDEXES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, AS_BEFORE, AS_BEFORE).await?;
        execute(manager, DROP_SQLITE, DOWN_POSTGRES).await?;
        let back = BEFORE_AND_AFTER.map(|(before, after)| (after, before));
        sqlite_schema::rewrite(manager, "appointment", back).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("adds what becomes of a visit, holds, visit types and reassignments")
            .blocking(&["appointment"])
            .blocking_writes(&["provider", "visit_type"])
            .reading(&["appointment"])
            .reading_on_sqlite(&["appointment"])
    }
}
