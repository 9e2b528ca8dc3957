//! Times of providers that the scheduling service has refused of late: somebody has them there whom
//! nobody here knows of. A search passes over them for some minutes, on whichever replica.
//!
//! A note, not a part of the book: nothing refers to it, it refers to nothing, and it may be emptied at
//! any time.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
CREATE TABLE refused_time (
    provider_id BLOB NOT NULL CHECK (length(provider_id) = 16),
    starts_at TEXT NOT NULL CHECK (starts_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', starts_at)),
    ends_at TEXT NOT NULL CHECK (ends_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', ends_at)),
    refused_at TEXT NOT NULL CHECK (refused_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', refused_at)),
    CONSTRAINT refused_time_pkey PRIMARY KEY (provider_id, starts_at, ends_at),
    CONSTRAINT refused_time_span_check CHECK
        (ends_at > starts_at AND julianday(ends_at) - julianday(starts_at) <= 1)
) STRICT, WITHOUT ROWID;
";

const UP_POSTGRES: &str = "
CREATE TABLE refused_time (
    provider_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    refused_at timestamptz NOT NULL,
    CONSTRAINT refused_time_pkey PRIMARY KEY (provider_id, starts_at, ends_at),
    CONSTRAINT refused_time_span_check CHECK
        (ends_at > starts_at AND ends_at <= starts_at + interval '24 hours')
);
";

const INDEX: &str = "CREATE INDEX refused_time_refused_at ON refused_time (refused_at);";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await?;
        execute(manager, INDEX, INDEX).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = "DROP TABLE refused_time;";
        execute(manager, down, down).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the table of times that the scheduling service refused of late")
    }
}
