//! The payer that stands for patients who pay themselves, which is what `cash` or `uninsured` mean:
//! at most one.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
ALTER TABLE insurance ADD COLUMN self_pay INTEGER NOT NULL DEFAULT 0 CHECK (self_pay IN (0, 1));
CREATE UNIQUE INDEX insurance_one_self_pay ON insurance (self_pay) WHERE self_pay = 1;
";

const UP_POSTGRES: &str = "
ALTER TABLE insurance ADD COLUMN self_pay boolean NOT NULL DEFAULT false;
CREATE UNIQUE INDEX insurance_one_self_pay ON insurance (self_pay) WHERE self_pay;
";

const DOWN: &str = "
DROP INDEX insurance_one_self_pay;
ALTER TABLE insurance DROP COLUMN self_pay;
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
        Effect::of("marks the payer that stands for patients who pay themselves")
            .blocking(&["insurance"])
            .reading(&["insurance"])
            .reading_on_sqlite(&["insurance"])
    }
}
