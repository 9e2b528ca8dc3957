//! Keys under which callers repeat a request without repeating its effect.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = r"
CREATE TABLE idempotency_key (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    appointment_id BLOB NOT NULL,
    created_at TEXT NOT NULL CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at)),
    CONSTRAINT idempotency_key_pkey PRIMARY KEY (scope, key),
    CONSTRAINT idempotency_key_appointment_id_fkey FOREIGN KEY (appointment_id)
        REFERENCES appointment (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_key_created_at ON idempotency_key (created_at);
CREATE INDEX idempotency_key_appointment_id ON idempotency_key (appointment_id);
";

const UP_POSTGRES: &str = r"
-- The key is claimed before its appointment is written, so the reference is checked at commit.
CREATE TABLE idempotency_key (
    scope text NOT NULL,
    key text NOT NULL,
    request_hash text NOT NULL,
    appointment_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_key_pkey PRIMARY KEY (scope, key),
    CONSTRAINT idempotency_key_appointment_id_fkey FOREIGN KEY (appointment_id)
        REFERENCES appointment (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX idempotency_key_created_at ON idempotency_key (created_at);
CREATE INDEX idempotency_key_appointment_id ON idempotency_key (appointment_id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = "DROP TABLE idempotency_key;";
        execute(manager, down, down).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the table of the keys under which requests are repeated")
            .blocking_writes(&["appointment"])
    }
}
