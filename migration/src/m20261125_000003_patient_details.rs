//! What a patient may be told from others by, and reached at: telephone, birth date, time zone; and a
//! count of what changed about them, so that whoever has seen an older state changes nothing. Rows
//! of servers of before begin at 1 too.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
ALTER TABLE patient ADD COLUMN phone TEXT;
ALTER TABLE patient ADD COLUMN birth_date TEXT CHECK (birth_date IS strftime('%Y-%m-%d', birth_date));
ALTER TABLE patient ADD COLUMN time_zone TEXT;
ALTER TABLE patient ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
";

const UP_POSTGRES: &str = "
ALTER TABLE patient
    ADD COLUMN phone text,
    ADD COLUMN birth_date date,
    ADD COLUMN time_zone text,
    ADD COLUMN version integer NOT NULL DEFAULT 1;
";

const DOWN: &str = "
ALTER TABLE patient DROP COLUMN version;
ALTER TABLE patient DROP COLUMN time_zone;
ALTER TABLE patient DROP COLUMN birth_date;
ALTER TABLE patient DROP COLUMN phone;
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
        Effect::of("adds telephone, birth date, time zone and version to patients")
            .blocking(&["patient"])
            .reading_on_sqlite(&["patient"])
    }
}
