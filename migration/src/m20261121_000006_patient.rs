//! Patients: one row for each pair of normalised e-mail and name.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = r"
CREATE TABLE patient (
    id BLOB NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    name_key TEXT NOT NULL,
    email_key TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state GLOB '[A-Z][A-Z]'),
    insurance_id BLOB NOT NULL,
    created_at TEXT NOT NULL CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at)),
    updated_at TEXT NOT NULL CHECK (updated_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', updated_at)),
    CONSTRAINT patient_pkey PRIMARY KEY (id),
    CONSTRAINT patient_identity_key UNIQUE (email_key, name_key),
    CONSTRAINT patient_insurance_id_fkey FOREIGN KEY (insurance_id) REFERENCES insurance (id)
) STRICT;
";

const UP_POSTGRES: &str = r"
CREATE TABLE patient (
    id uuid NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    name_key text NOT NULL,
    email_key text NOT NULL,
    state text NOT NULL,
    insurance_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT patient_pkey PRIMARY KEY (id),
    CONSTRAINT patient_identity_key UNIQUE (email_key, name_key),
    CONSTRAINT patient_state_check CHECK (state ~ '^[A-Z][A-Z]$'),
    CONSTRAINT patient_insurance_id_fkey FOREIGN KEY (insurance_id) REFERENCES insurance (id)
);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = "DROP TABLE patient;";
        execute(manager, down, down).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the table of patients").blocking_writes(&["insurance"])
    }
}
