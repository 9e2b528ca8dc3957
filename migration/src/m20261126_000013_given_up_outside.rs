//! What a scheduling service still has of visits that were moved or cancelled while no service was named:
//! the comparison with its book goes by it, if it is named again.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
CREATE TABLE given_up_outside (
    appointment_id BLOB NOT NULL CHECK (length(appointment_id) = 16)
        REFERENCES appointment (id) ON DELETE CASCADE,
    -- The id under which the service has it.
    external_id TEXT NOT NULL,
    given_up_at TEXT NOT NULL CHECK (given_up_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', given_up_at)),
    CONSTRAINT given_up_outside_pkey PRIMARY KEY (appointment_id)
) STRICT, WITHOUT ROWID;
";

const UP_POSTGRES: &str = "
CREATE TABLE given_up_outside (
    appointment_id uuid NOT NULL REFERENCES appointment (id) ON DELETE CASCADE,
    -- The id under which the service has it.
    external_id text NOT NULL,
    given_up_at timestamptz NOT NULL,
    CONSTRAINT given_up_outside_pkey PRIMARY KEY (appointment_id)
);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = "DROP TABLE given_up_outside;";
        execute(manager, down, down).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the table of what the scheduling service may still have")
            .blocking_writes(&["appointment"])
    }
}
