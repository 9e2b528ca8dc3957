//! What became of the request that claimed a key, where the appointment does not tell: a move that
//! the scheduling service refused leaves it as it was. The request is known by the version of the
//! appointment that it made; both columns are null in rows of before.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
ALTER TABLE idempotency_key ADD COLUMN appointment_version INTEGER;
ALTER TABLE idempotency_key ADD COLUMN refusal TEXT
    CHECK (refusal IN ('REFUSED', 'UNANSWERED'));
";

const UP_POSTGRES: &str = "
ALTER TABLE idempotency_key ADD COLUMN appointment_version integer,
    ADD COLUMN refusal text
        CONSTRAINT idempotency_key_refusal_check CHECK (refusal IN ('REFUSED', 'UNANSWERED'));
";

const DOWN: &str = "
ALTER TABLE idempotency_key DROP COLUMN refusal;
ALTER TABLE idempotency_key DROP COLUMN appointment_version;
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
        Effect::of("adds to the keys of requests what became of one that was refused")
            .blocking(&["idempotency_key"])
            .reading(&["idempotency_key"])
            .reading_on_sqlite(&["idempotency_key"])
    }
}
