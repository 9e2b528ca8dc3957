//! Which person or token a row of the audit trail tells of. Rows of before have none, and their codes are
//! as they were; the code of a row that has one is made of it too, so that without the column these are
//! not as they were written.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = "ALTER TABLE audit_event ADD COLUMN object_id text;";
const DOWN: &str = "ALTER TABLE audit_event DROP COLUMN object_id;";

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
        Effect::of("adds to the audit trail which person or token a row is about")
            .blocking(&["audit_event"])
            .reading_on_sqlite(&["audit_event"])
    }
}
