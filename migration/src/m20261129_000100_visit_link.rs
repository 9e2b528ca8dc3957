//! What a patient's link opens: a visit or an offer of the waitlist, by the SHA-256 of the link's token, and that of
//! the address it was made for. The token is 256 random bits, which nobody guesses. And whether a patient is reminded
//! of visits, which they say on the page that the link opens.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
ALTER TABLE patient ADD COLUMN reminders INTEGER NOT NULL DEFAULT 1 CHECK (reminders IN (0, 1));
CREATE TABLE visit_link (
    id BLOB NOT NULL CHECK (length(id) = 16),
    token_hash BLOB NOT NULL CHECK (length(token_hash) = 32),
    appointment_id BLOB,
    offer_id BLOB,
    address_hash BLOB NOT NULL CHECK (length(address_hash) = 32),
    created_at TEXT NOT NULL CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at)),
    revoked_at TEXT CHECK (revoked_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', revoked_at)),
    CONSTRAINT visit_link_pkey PRIMARY KEY (id),
    CONSTRAINT visit_link_token_hash_key UNIQUE (token_hash),
    CONSTRAINT visit_link_appointment_id_fkey FOREIGN KEY (appointment_id)
        REFERENCES appointment (id) ON DELETE CASCADE,
    CONSTRAINT visit_link_offer_id_fkey FOREIGN KEY (offer_id) REFERENCES waitlist_offer (id) ON DELETE CASCADE,
    CONSTRAINT visit_link_one_check CHECK ((appointment_id IS NULL) <> (offer_id IS NULL))
) STRICT;
";

const UP_POSTGRES: &str = "
ALTER TABLE patient ADD COLUMN reminders boolean NOT NULL DEFAULT true;
CREATE TABLE visit_link (
    id uuid NOT NULL,
    token_hash bytea NOT NULL,
    appointment_id uuid,
    offer_id uuid,
    address_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT visit_link_pkey PRIMARY KEY (id),
    CONSTRAINT visit_link_token_hash_key UNIQUE (token_hash),
    CONSTRAINT visit_link_token_hash_check CHECK (octet_length(token_hash) = 32),
    CONSTRAINT visit_link_address_hash_check CHECK (octet_length(address_hash) = 32),
    CONSTRAINT visit_link_appointment_id_fkey FOREIGN KEY (appointment_id)
        REFERENCES appointment (id) ON DELETE CASCADE,
    CONSTRAINT visit_link_offer_id_fkey FOREIGN KEY (offer_id) REFERENCES waitlist_offer (id) ON DELETE CASCADE,
    CONSTRAINT visit_link_one_check CHECK ((appointment_id IS NULL) <> (offer_id IS NULL))
);
";

/// The database removes a visit, or an offer, with its links.
const INDEXES: &str = "
CREATE INDEX visit_link_appointment_id ON visit_link (appointment_id);
CREATE INDEX visit_link_offer_id ON visit_link (offer_id);
";

const DOWN: &str = "
DROP TABLE visit_link;
ALTER TABLE patient DROP COLUMN reminders;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await?;
        execute(manager, INDEXES, INDEXES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, DOWN, DOWN).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes patients' links, and says of each patient whether they are reminded")
            .blocking(&["patient"])
            .blocking_writes(&["appointment", "waitlist_offer"])
            .reading_on_sqlite(&["patient"])
    }
}
