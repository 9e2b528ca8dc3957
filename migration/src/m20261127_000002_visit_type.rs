//! The kinds of visits that the clinic offers, and which of them a provider offers: all that are
//! active, unless some are set.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::{directory_triggers, execute};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: [&str; 2] = ["visit_type", "provider_visit_type"];

const UP_SQLITE: &str = "
CREATE TABLE visit_type (
    id BLOB NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL,
    -- By its letters and digits in lower case: no two are called the same.
    name_key TEXT NOT NULL,
    duration_minutes INTEGER NOT NULL CHECK (duration_minutes BETWEEN 5 AND 480),
    buffer_before_minutes INTEGER NOT NULL DEFAULT 0 CHECK (buffer_before_minutes BETWEEN 0 AND 480),
    buffer_after_minutes INTEGER NOT NULL DEFAULT 0 CHECK (buffer_after_minutes BETWEEN 0 AND 480),
    active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    version INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT visit_type_pkey PRIMARY KEY (id),
    CONSTRAINT visit_type_name_key UNIQUE (name_key)
) STRICT;
CREATE TABLE provider_visit_type (
    provider_id BLOB NOT NULL,
    visit_type_id BLOB NOT NULL,
    CONSTRAINT provider_visit_type_pkey PRIMARY KEY (provider_id, visit_type_id),
    CONSTRAINT provider_visit_type_provider_id_fkey FOREIGN KEY (provider_id)
        REFERENCES provider (id) ON DELETE CASCADE,
    CONSTRAINT provider_visit_type_visit_type_id_fkey FOREIGN KEY (visit_type_id)
        REFERENCES visit_type (id)
) STRICT, WITHOUT ROWID;
";

const UP_POSTGRES: &str = "
CREATE TABLE visit_type (
    id uuid NOT NULL,
    name text NOT NULL,
    -- By its letters and digits in lower case: no two are called the same.
    name_key text NOT NULL,
    duration_minutes integer NOT NULL,
    buffer_before_minutes integer NOT NULL DEFAULT 0,
    buffer_after_minutes integer NOT NULL DEFAULT 0,
    active boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT visit_type_pkey PRIMARY KEY (id),
    CONSTRAINT visit_type_name_key UNIQUE (name_key),
    CONSTRAINT visit_type_duration_check CHECK (duration_minutes BETWEEN 5 AND 480),
    CONSTRAINT visit_type_buffer_before_check CHECK (buffer_before_minutes BETWEEN 0 AND 480),
    CONSTRAINT visit_type_buffer_after_check CHECK (buffer_after_minutes BETWEEN 0 AND 480)
);
CREATE TABLE provider_visit_type (
    provider_id uuid NOT NULL,
    visit_type_id uuid NOT NULL,
    CONSTRAINT provider_visit_type_pkey PRIMARY KEY (provider_id, visit_type_id),
    CONSTRAINT provider_visit_type_provider_id_fkey FOREIGN KEY (provider_id)
        REFERENCES provider (id) ON DELETE CASCADE,
    CONSTRAINT provider_visit_type_visit_type_id_fkey FOREIGN KEY (visit_type_id)
        REFERENCES visit_type (id)
);
";

const INDEX: &str = "
CREATE INDEX provider_visit_type_visit_type_id ON provider_visit_type (visit_type_id, provider_id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await?;
        execute(manager, INDEX, INDEX).await?;
        let sqlite = TABLES.map(directory_triggers::sqlite).concat();
        let postgres = TABLES.map(directory_triggers::postgres).concat();
        execute(manager, &sqlite, &postgres).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = "DROP TABLE provider_visit_type; DROP TABLE visit_type;";
        execute(manager, down, down).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the tables of visit types and of which a provider offers")
            .blocking_writes(&["provider"])
    }
}
