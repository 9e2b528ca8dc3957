//! Marks the visits that have ended here before the scheduling service had answered: something may
//! stand there still.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
ALTER TABLE appointment ADD COLUMN unsettled_outside INTEGER NOT NULL DEFAULT 0
    CHECK (unsettled_outside IN (0, 1));
";

const UP_POSTGRES: &str = "
ALTER TABLE appointment ADD COLUMN unsettled_outside boolean NOT NULL DEFAULT false;
";

const DOWN: &str = "
ALTER TABLE appointment DROP COLUMN unsettled_outside;
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
        Effect::of("marks visits that ended before the scheduling service had answered")
            .blocking(&["appointment"])
            .reading_on_sqlite(&["appointment"])
    }
}
