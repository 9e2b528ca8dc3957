//! Where a row of the outbox stands in a trace: a try hours later belongs to what asked for it.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = "
ALTER TABLE outbox ADD COLUMN trace_parent TEXT;
";

const DOWN: &str = "
ALTER TABLE outbox DROP COLUMN trace_parent;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, DOWN, DOWN).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("adds to the outbox where a row stands in a trace")
            .blocking(&["outbox"])
            .reading_on_sqlite(&["outbox"])
    }
}
