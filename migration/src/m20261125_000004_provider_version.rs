//! A count of what changed about a provider, as appointments and patients have theirs.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = "ALTER TABLE provider ADD COLUMN version integer NOT NULL DEFAULT 1;";
const DOWN: &str = "ALTER TABLE provider DROP COLUMN version;";

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
        Effect::of("adds a version to providers")
            .blocking(&["provider"])
            .reading_on_sqlite(&["provider"])
    }
}
