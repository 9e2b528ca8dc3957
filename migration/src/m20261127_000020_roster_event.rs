//! What happened to the roster, in order: who works here, when, and by which rules.
//!
//! Written by whoever changes the roster, in the transaction of the change. A position is taken from
//! the row that says where the log ends, which is the writer's until that transaction ends: positions
//! have no gap, and one that becomes visible later is never a lower one. Changes of the roster are
//! few and queue for the directory's version anyway, so this keeps nobody waiting.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
CREATE TABLE roster_event (
    position INTEGER NOT NULL,
    at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', at)),
    kind TEXT NOT NULL CHECK (kind <> ''),
    -- Null for what is the clinic's.
    provider_id BLOB,
    CONSTRAINT roster_event_pkey PRIMARY KEY (position),
    CONSTRAINT roster_event_provider_id_fkey FOREIGN KEY (provider_id)
        REFERENCES provider (id) ON DELETE CASCADE
) STRICT;
CREATE TABLE roster_event_end (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    position INTEGER NOT NULL
) STRICT;
INSERT INTO roster_event_end VALUES (1, 0);
";

const UP_POSTGRES: &str = "
CREATE TABLE roster_event (
    position bigint NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    -- Null for what is the clinic's.
    provider_id uuid,
    CONSTRAINT roster_event_pkey PRIMARY KEY (position),
    CONSTRAINT roster_event_kind_check CHECK (kind <> ''),
    CONSTRAINT roster_event_provider_id_fkey FOREIGN KEY (provider_id)
        REFERENCES provider (id) ON DELETE CASCADE
);
CREATE TABLE roster_event_end (
    id integer NOT NULL PRIMARY KEY CHECK (id = 1),
    position bigint NOT NULL
);
INSERT INTO roster_event_end VALUES (1, 0);
";

/// For the rows that go with a provider.
const INDEX: &str = "CREATE INDEX roster_event_provider_id ON roster_event (provider_id);";

const DOWN: &str = "DROP TABLE roster_event; DROP TABLE roster_event_end;";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await?;
        execute(manager, INDEX, INDEX).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, DOWN, DOWN).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the log of what happens to the roster").blocking_writes(&["provider"])
    }
}
