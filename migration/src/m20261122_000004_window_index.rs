//! A window shows what began before it and still runs, and nothing says how long before but that no
//! appointment is longer than a day. So a day's worth of appointments is looked at only to be left out:
//! with their end in the index that needs no look at the table.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = r"
DROP INDEX appointment_time;
CREATE INDEX appointment_time ON appointment (starts_at, id, ends_at);
";

const DOWN: &str = r"
DROP INDEX appointment_time;
CREATE INDEX appointment_time ON appointment (starts_at, id);
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
        Effect::of("makes the index of appointments by time anew, with their end in it")
            .blocking(&["appointment"])
            .reading(&["appointment"])
            .reading_on_sqlite(&["appointment"])
    }
}
