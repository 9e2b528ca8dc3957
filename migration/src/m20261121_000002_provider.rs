//! Providers (FHIR: Practitioner).

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = r"
CREATE TABLE provider (
    id BLOB NOT NULL CHECK (length(id) = 16),
    reference TEXT NOT NULL,
    name TEXT NOT NULL,
    credentials TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    CONSTRAINT provider_pkey PRIMARY KEY (id),
    CONSTRAINT provider_reference_key UNIQUE (reference)
) STRICT;
";

const UP_POSTGRES: &str = r"
CREATE TABLE provider (
    id uuid NOT NULL,
    reference text NOT NULL,
    name text NOT NULL,
    credentials text NOT NULL,
    time_zone text NOT NULL,
    CONSTRAINT provider_pkey PRIMARY KEY (id),
    CONSTRAINT provider_reference_key UNIQUE (reference)
);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = "DROP TABLE provider;";
        execute(manager, down, down).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the table of providers")
    }
}
