//! Who is the same patient, by meaning: a name without case, accents, apostrophes and hyphens, which
//! the program writes (no engine can), and what a search looks through. Rows of before and those of an
//! older server beside have neither until a start of the program adds it.
//!
//! The old key stays unique for older servers. The new one is not: patients who were doubles before
//! stay, each with their visits, until somebody merges them. One who was merged into another is no row
//! of `patient` any more; the id, and the name and address they were known by, lead to the kept one.
//!
//! A key of a request may have been used for a patient instead of an appointment.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
ALTER TABLE patient ADD COLUMN folded_name TEXT;
ALTER TABLE patient ADD COLUMN search_text TEXT;
CREATE TABLE merged_patient (
    id BLOB NOT NULL CHECK (length(id) = 16),
    kept_id BLOB NOT NULL,
    email_key TEXT NOT NULL,
    folded_name TEXT NOT NULL,
    merged_at TEXT NOT NULL CHECK (merged_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', merged_at)),
    CONSTRAINT merged_patient_pkey PRIMARY KEY (id),
    CONSTRAINT merged_patient_kept_id_fkey FOREIGN KEY (kept_id)
        REFERENCES patient (id) ON DELETE CASCADE
) STRICT;
CREATE TABLE idempotency_key_new (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    appointment_id BLOB,
    created_at TEXT NOT NULL CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at)),
    appointment_version INTEGER,
    refusal TEXT CHECK (refusal IN ('REFUSED', 'UNANSWERED')),
    patient_id BLOB,
    CONSTRAINT idempotency_key_pkey PRIMARY KEY (scope, key),
    CONSTRAINT idempotency_key_appointment_id_fkey FOREIGN KEY (appointment_id)
        REFERENCES appointment (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT idempotency_key_patient_id_fkey FOREIGN KEY (patient_id)
        REFERENCES patient (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT idempotency_key_made_check CHECK ((appointment_id IS NULL) <> (patient_id IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO idempotency_key_new
    SELECT scope, key, request_hash, appointment_id, created_at, appointment_version, refusal, NULL
      FROM idempotency_key;
DROP TABLE idempotency_key;
ALTER TABLE idempotency_key_new RENAME TO idempotency_key;
CREATE INDEX idempotency_key_created_at ON idempotency_key (created_at);
CREATE INDEX idempotency_key_appointment_id ON idempotency_key (appointment_id);
";

const UP_POSTGRES: &str = "
ALTER TABLE patient ADD COLUMN folded_name text, ADD COLUMN search_text text;
CREATE TABLE merged_patient (
    id uuid NOT NULL,
    kept_id uuid NOT NULL,
    email_key text NOT NULL,
    folded_name text NOT NULL,
    merged_at timestamptz NOT NULL,
    CONSTRAINT merged_patient_pkey PRIMARY KEY (id),
    CONSTRAINT merged_patient_kept_id_fkey FOREIGN KEY (kept_id)
        REFERENCES patient (id) ON DELETE CASCADE
);
ALTER TABLE idempotency_key
    ALTER COLUMN appointment_id DROP NOT NULL,
    ADD COLUMN patient_id uuid,
    ADD CONSTRAINT idempotency_key_patient_id_fkey FOREIGN KEY (patient_id)
        REFERENCES patient (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT idempotency_key_made_check CHECK ((appointment_id IS NULL) <> (patient_id IS NULL));
";

const INDEXES: &str = "
CREATE INDEX patient_same ON patient (email_key, folded_name);
CREATE INDEX patient_same_elsewhere ON patient (folded_name, birth_date) WHERE birth_date IS NOT NULL;
CREATE INDEX patient_not_folded ON patient (id) WHERE folded_name IS NULL;
CREATE INDEX merged_patient_same ON merged_patient (email_key, folded_name);
CREATE INDEX merged_patient_kept_id ON merged_patient (kept_id);
CREATE INDEX idempotency_key_patient_id ON idempotency_key (patient_id) WHERE patient_id IS NOT NULL;
";

const DOWN_SQLITE: &str = "
CREATE TABLE idempotency_key_old (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    appointment_id BLOB NOT NULL,
    created_at TEXT NOT NULL CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at)),
    appointment_version INTEGER,
    refusal TEXT CHECK (refusal IN ('REFUSED', 'UNANSWERED')),
    CONSTRAINT idempotency_key_pkey PRIMARY KEY (scope, key),
    CONSTRAINT idempotency_key_appointment_id_fkey FOREIGN KEY (appointment_id)
        REFERENCES appointment (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;
INSERT INTO idempotency_key_old
    SELECT scope, key, request_hash, appointment_id, created_at, appointment_version, refusal
      FROM idempotency_key WHERE appointment_id IS NOT NULL;
DROP TABLE idempotency_key;
ALTER TABLE idempotency_key_old RENAME TO idempotency_key;
CREATE INDEX idempotency_key_created_at ON idempotency_key (created_at);
CREATE INDEX idempotency_key_appointment_id ON idempotency_key (appointment_id);
";

const DOWN_POSTGRES: &str = "
DELETE FROM idempotency_key WHERE appointment_id IS NULL;
ALTER TABLE idempotency_key
    DROP CONSTRAINT idempotency_key_made_check,
    DROP COLUMN patient_id,
    ALTER COLUMN appointment_id SET NOT NULL;
";

const DOWN: &str = "
DROP TABLE merged_patient;
DROP INDEX patient_not_folded;
DROP INDEX patient_same_elsewhere;
DROP INDEX patient_same;
ALTER TABLE patient DROP COLUMN search_text;
ALTER TABLE patient DROP COLUMN folded_name;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await?;
        execute(manager, INDEXES, INDEXES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, DOWN_SQLITE, DOWN_POSTGRES).await?;
        execute(manager, DOWN, DOWN).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("adds what patients are known again by, and who was merged into whom")
            .blocking(&["idempotency_key", "patient"])
            .reading(&["idempotency_key", "patient"])
            .reading_on_sqlite(&["patient"])
            .copying_on_sqlite(&["idempotency_key"])
    }
}
