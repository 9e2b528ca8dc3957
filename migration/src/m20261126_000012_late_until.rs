//! Until when the scheduling service may act on a call for a row of the outbox that it has not answered:
//! what is not there by then never comes.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
ALTER TABLE outbox ADD COLUMN late_until TEXT CHECK (late_until IS strftime('%Y-%m-%dT%H:%M:%S+00:00', late_until));
";

const UP_POSTGRES: &str = "
ALTER TABLE outbox ADD COLUMN late_until timestamptz;
";

const DOWN: &str = "
ALTER TABLE outbox DROP COLUMN late_until;
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
        Effect::of("adds to the outbox until when the scheduling service may act on a call")
            .blocking(&["outbox"])
            .reading_on_sqlite(&["outbox"])
    }
}
