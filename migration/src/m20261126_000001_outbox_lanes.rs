//! What is tried in vain again and again waits in a lane of its own, and each row knows when it ends
//! whatever the scheduling service says.
//!
//! An index a lane: then what is due is found without a look at what is not, however much waits.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
ALTER TABLE outbox ADD COLUMN failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0);
ALTER TABLE outbox ADD COLUMN failing INTEGER NOT NULL DEFAULT 0 CHECK (failing IN (0, 1));
ALTER TABLE outbox ADD COLUMN ends_at TEXT CHECK (ends_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', ends_at));
";

const UP_POSTGRES: &str = "
ALTER TABLE outbox
    -- Tries in a row that were in vain, and whether there were so many that it waits apart.
    ADD COLUMN failures integer NOT NULL DEFAULT 0 CONSTRAINT outbox_failures_check CHECK (failures >= 0),
    ADD COLUMN failing boolean NOT NULL DEFAULT false,
    -- When it is to be looked at though the service be silent; null when there is nothing to end.
    ADD COLUMN ends_at timestamptz;
";

const UP: &str = "
-- When theirs is follows from settings; the first look at them says.
UPDATE outbox SET ends_at = created_at;
CREATE INDEX outbox_lane ON outbox (failing, due_at);
CREATE INDEX outbox_ends_at ON outbox (ends_at);
DROP INDEX outbox_due_at;
";

const DOWN: &str = "
CREATE INDEX outbox_due_at ON outbox (due_at);
DROP INDEX outbox_ends_at;
DROP INDEX outbox_lane;
ALTER TABLE outbox DROP COLUMN ends_at;
ALTER TABLE outbox DROP COLUMN failing;
ALTER TABLE outbox DROP COLUMN failures;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await?;
        execute(manager, UP, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, DOWN, DOWN).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("adds a lane for what is tried in vain, and when each row of the outbox ends")
            .blocking(&["outbox"])
            .reading(&["outbox"])
            .reading_on_sqlite(&["outbox"])
    }
}
