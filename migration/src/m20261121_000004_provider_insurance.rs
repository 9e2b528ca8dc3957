//! Which payers a provider takes.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = r"
CREATE TABLE provider_insurance (
    provider_id BLOB NOT NULL,
    insurance_id BLOB NOT NULL,
    CONSTRAINT provider_insurance_pkey PRIMARY KEY (provider_id, insurance_id),
    CONSTRAINT provider_insurance_provider_id_fkey FOREIGN KEY (provider_id)
        REFERENCES provider (id) ON DELETE CASCADE,
    CONSTRAINT provider_insurance_insurance_id_fkey FOREIGN KEY (insurance_id)
        REFERENCES insurance (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX provider_insurance_insurance_id ON provider_insurance (insurance_id, provider_id);
";

const UP_POSTGRES: &str = r"
CREATE TABLE provider_insurance (
    provider_id uuid NOT NULL,
    insurance_id uuid NOT NULL,
    CONSTRAINT provider_insurance_pkey PRIMARY KEY (provider_id, insurance_id),
    CONSTRAINT provider_insurance_provider_id_fkey FOREIGN KEY (provider_id)
        REFERENCES provider (id) ON DELETE CASCADE,
    CONSTRAINT provider_insurance_insurance_id_fkey FOREIGN KEY (insurance_id)
        REFERENCES insurance (id)
);
CREATE INDEX provider_insurance_insurance_id ON provider_insurance (insurance_id, provider_id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = "DROP TABLE provider_insurance;";
        execute(manager, down, down).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the table of which payers a provider takes")
            .blocking_writes(&["insurance", "provider"])
    }
}
