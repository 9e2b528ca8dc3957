//! Licences: in which states a provider may treat patients, and when.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = r"
CREATE TABLE provider_state (
    id BLOB NOT NULL CHECK (length(id) = 16),
    provider_id BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state GLOB '[A-Z][A-Z]'),
    licence_number TEXT NOT NULL,
    valid_from TEXT CHECK (valid_from IS strftime('%Y-%m-%d', valid_from)),
    valid_until TEXT CHECK (valid_until IS strftime('%Y-%m-%d', valid_until)),
    CONSTRAINT provider_state_pkey PRIMARY KEY (id),
    CONSTRAINT provider_state_licence_key UNIQUE (provider_id, state, licence_number),
    CONSTRAINT provider_state_valid_check CHECK (valid_from <= valid_until),
    CONSTRAINT provider_state_provider_id_fkey FOREIGN KEY (provider_id)
        REFERENCES provider (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX provider_state_state ON provider_state (state, provider_id);
";

const UP_POSTGRES: &str = r"
CREATE TABLE provider_state (
    id uuid NOT NULL,
    provider_id uuid NOT NULL,
    state text NOT NULL,
    licence_number text NOT NULL,
    valid_from date,
    valid_until date,
    CONSTRAINT provider_state_pkey PRIMARY KEY (id),
    CONSTRAINT provider_state_licence_key UNIQUE (provider_id, state, licence_number),
    CONSTRAINT provider_state_state_check CHECK (state ~ '^[A-Z][A-Z]$'),
    CONSTRAINT provider_state_valid_check CHECK (valid_from <= valid_until),
    CONSTRAINT provider_state_provider_id_fkey FOREIGN KEY (provider_id)
        REFERENCES provider (id) ON DELETE CASCADE
);
CREATE INDEX provider_state_state ON provider_state (state, provider_id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = "DROP TABLE provider_state;";
        execute(manager, down, down).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the table of licences").blocking_writes(&["provider"])
    }
}
