//! Series of visits that were booked together, and which visits each has. Apart from the visits, which are
//! booked, moved and cancelled as any other: only whoever changes a series looks here.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
CREATE TABLE series (
    id BLOB NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    rule TEXT,
    accepts_part INTEGER NOT NULL CHECK (accepts_part IN (0, 1)),
    refused_visit BLOB,
    created_at TEXT NOT NULL CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at)),
    updated_at TEXT NOT NULL CHECK (updated_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', updated_at)),
    CONSTRAINT series_pkey PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE series_visit (
    appointment_id BLOB NOT NULL,
    series_id BLOB NOT NULL,
    CONSTRAINT series_visit_pkey PRIMARY KEY (appointment_id),
    CONSTRAINT series_visit_appointment_id_fkey FOREIGN KEY (appointment_id)
        REFERENCES appointment (id) ON DELETE CASCADE,
    CONSTRAINT series_visit_series_id_fkey FOREIGN KEY (series_id) REFERENCES series (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX series_visit_series_id ON series_visit (series_id);
";

const UP_POSTGRES: &str = "
CREATE TABLE series (
    id uuid NOT NULL,
    version integer NOT NULL,
    rule text,
    accepts_part boolean NOT NULL,
    refused_visit uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT series_pkey PRIMARY KEY (id),
    CONSTRAINT series_version_check CHECK (version >= 1)
);
CREATE TABLE series_visit (
    appointment_id uuid NOT NULL,
    series_id uuid NOT NULL,
    CONSTRAINT series_visit_pkey PRIMARY KEY (appointment_id),
    CONSTRAINT series_visit_appointment_id_fkey FOREIGN KEY (appointment_id)
        REFERENCES appointment (id) ON DELETE CASCADE,
    CONSTRAINT series_visit_series_id_fkey FOREIGN KEY (series_id) REFERENCES series (id) ON DELETE CASCADE
);
CREATE INDEX series_visit_series_id ON series_visit (series_id);
";

/// The visits stay, each by itself. A program of before can't read what was made under these keys.
const DOWN: &str = "
DROP TABLE series_visit;
DROP TABLE series;
DELETE FROM idempotency_key WHERE made_id LIKE 'ser%';
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, DOWN, DOWN).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("adds series of visits, and which visits each has")
            .blocking_writes(&["appointment"])
    }
}
