//! Who holds a time, and by which token it is booked: of a row of `appointment` in status `HELD` that has an
//! end. Apart from it, so that no report of visits shows a token's hash, and gone with it or once it is a
//! visit. Of a token that is to be told again under its idempotency key the seed is kept as well: with the key
//! it makes the token, alone it makes nothing.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
CREATE TABLE hold (
    appointment_id BLOB NOT NULL,
    holder TEXT NOT NULL,
    token_hash BLOB NOT NULL CHECK (length(token_hash) = 32),
    token_seed BLOB CHECK (length(token_seed) = 32),
    CONSTRAINT hold_pkey PRIMARY KEY (appointment_id),
    CONSTRAINT hold_token_hash_key UNIQUE (token_hash),
    CONSTRAINT hold_appointment_id_fkey FOREIGN KEY (appointment_id)
        REFERENCES appointment (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX hold_holder ON hold (holder);
";

const UP_POSTGRES: &str = "
CREATE TABLE hold (
    appointment_id uuid NOT NULL,
    holder text NOT NULL,
    token_hash bytea NOT NULL,
    token_seed bytea,
    CONSTRAINT hold_pkey PRIMARY KEY (appointment_id),
    CONSTRAINT hold_token_hash_key UNIQUE (token_hash),
    CONSTRAINT hold_token_hash_check CHECK (octet_length(token_hash) = 32),
    CONSTRAINT hold_token_seed_check CHECK (octet_length(token_seed) = 32),
    CONSTRAINT hold_appointment_id_fkey FOREIGN KEY (appointment_id)
        REFERENCES appointment (id) ON DELETE CASCADE
);
CREATE INDEX hold_holder ON hold (holder);
";

/// Without its token nobody can book what is held, and a program of before can't read what was made under
/// these keys.
const DOWN: &str = "
DROP TABLE hold;
DELETE FROM idempotency_key WHERE made_id LIKE 'apt%';
DELETE FROM appointment WHERE status = 'HELD' AND hold_expires_at IS NOT NULL;
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
        Effect::of("adds who holds a time, and by which token it is booked")
            .blocking_writes(&["appointment"])
    }
}
