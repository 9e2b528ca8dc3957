//! Calendars that are subscribed to: whose visits each shows, whose rights it has, and the SHA-256 of what opens it.
//! The secret is 256 random bits, which nobody guesses.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
CREATE TABLE calendar_feed (
    id BLOB NOT NULL CHECK (length(id) = 16),
    secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
    provider_id BLOB NOT NULL,
    name TEXT,
    with_patients INTEGER NOT NULL CHECK (with_patients IN (0, 1)),
    owner TEXT NOT NULL CHECK (owner IN ('PERSON', 'TOKEN', 'API_TOKEN', 'EVERYBODY')),
    person_id BLOB,
    token_id BLOB,
    created_at TEXT NOT NULL CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at)),
    revoked_at TEXT CHECK (revoked_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', revoked_at)),
    last_read_at TEXT CHECK (last_read_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', last_read_at)),
    CONSTRAINT calendar_feed_pkey PRIMARY KEY (id),
    CONSTRAINT calendar_feed_secret_hash_key UNIQUE (secret_hash),
    CONSTRAINT calendar_feed_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES provider (id),
    CONSTRAINT calendar_feed_person_id_fkey FOREIGN KEY (person_id) REFERENCES person (id),
    CONSTRAINT calendar_feed_token_id_fkey FOREIGN KEY (token_id) REFERENCES api_token (id),
    CONSTRAINT calendar_feed_owner_check
        CHECK ((person_id IS NOT NULL) = (owner = 'PERSON') AND (token_id IS NOT NULL) = (owner = 'TOKEN'))
) STRICT;
";

const UP_POSTGRES: &str = "
CREATE TABLE calendar_feed (
    id uuid NOT NULL,
    secret_hash bytea NOT NULL,
    provider_id uuid NOT NULL,
    name text,
    with_patients boolean NOT NULL,
    owner text NOT NULL,
    person_id uuid,
    token_id uuid,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    last_read_at timestamptz,
    CONSTRAINT calendar_feed_pkey PRIMARY KEY (id),
    CONSTRAINT calendar_feed_secret_hash_key UNIQUE (secret_hash),
    CONSTRAINT calendar_feed_secret_hash_check CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT calendar_feed_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES provider (id),
    CONSTRAINT calendar_feed_person_id_fkey FOREIGN KEY (person_id) REFERENCES person (id),
    CONSTRAINT calendar_feed_token_id_fkey FOREIGN KEY (token_id) REFERENCES api_token (id),
    CONSTRAINT calendar_feed_owner_kind_check CHECK (owner IN ('PERSON', 'TOKEN', 'API_TOKEN', 'EVERYBODY')),
    CONSTRAINT calendar_feed_owner_check
        CHECK ((person_id IS NOT NULL) = (owner = 'PERSON') AND (token_id IS NOT NULL) = (owner = 'TOKEN'))
);
";

/// A program of before can't read what was made under these keys.
const DOWN: &str = "
DROP TABLE calendar_feed;
DELETE FROM idempotency_key WHERE made_id LIKE 'cal%';
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
        Effect::of("adds the calendars that are subscribed to").blocking_writes(&[
            "provider",
            "person",
            "api_token",
        ])
    }
}
