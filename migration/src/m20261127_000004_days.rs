//! What is not as it is every week: a day on which a provider works other hours or none, time off,
//! and days on which the clinic is closed.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::{directory_triggers, execute};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: [&str; 4] = ["date_override", "date_override_hours", "time_off", "closed_day"];

const UP_SQLITE: &str = "
-- One without hours is a day without work.
CREATE TABLE date_override (
    provider_id BLOB NOT NULL,
    date TEXT NOT NULL CHECK (date IS strftime('%Y-%m-%d', date)),
    CONSTRAINT date_override_pkey PRIMARY KEY (provider_id, date),
    CONSTRAINT date_override_provider_id_fkey FOREIGN KEY (provider_id)
        REFERENCES provider (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE date_override_hours (
    provider_id BLOB NOT NULL,
    date TEXT NOT NULL,
    opens_at TEXT NOT NULL CHECK (opens_at GLOB '[0-2][0-9]:[0-5][0-9]' AND opens_at < '24:00'),
    -- Not after opens_at: it closes on the next day.
    closes_at TEXT NOT NULL CHECK (closes_at GLOB '[0-2][0-9]:[0-5][0-9]' AND closes_at <= '24:00'),
    CONSTRAINT date_override_hours_pkey PRIMARY KEY (provider_id, date, opens_at),
    CONSTRAINT date_override_hours_override_fkey FOREIGN KEY (provider_id, date)
        REFERENCES date_override (provider_id, date) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE time_off (
    id BLOB NOT NULL CHECK (length(id) = 16),
    provider_id BLOB NOT NULL,
    starts_at TEXT NOT NULL CHECK (starts_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', starts_at)),
    ends_at TEXT NOT NULL CHECK (ends_at IS strftime('%Y-%m-%dT%H:%M:%S+00:00', ends_at)),
    reason TEXT,
    CONSTRAINT time_off_pkey PRIMARY KEY (id),
    CONSTRAINT time_off_span_check CHECK (starts_at < ends_at),
    CONSTRAINT time_off_provider_id_fkey FOREIGN KEY (provider_id)
        REFERENCES provider (id) ON DELETE CASCADE
) STRICT;
-- Of the clinic; on the local day of each provider.
CREATE TABLE closed_day (
    date TEXT NOT NULL CHECK (date IS strftime('%Y-%m-%d', date)),
    name TEXT NOT NULL,
    CONSTRAINT closed_day_pkey PRIMARY KEY (date)
) STRICT, WITHOUT ROWID;
";

const UP_POSTGRES: &str = "
-- One without hours is a day without work.
CREATE TABLE date_override (
    provider_id uuid NOT NULL,
    date date NOT NULL,
    CONSTRAINT date_override_pkey PRIMARY KEY (provider_id, date),
    CONSTRAINT date_override_provider_id_fkey FOREIGN KEY (provider_id)
        REFERENCES provider (id) ON DELETE CASCADE
);
CREATE TABLE date_override_hours (
    provider_id uuid NOT NULL,
    date date NOT NULL,
    opens_at text NOT NULL,
    -- Not after opens_at: it closes on the next day.
    closes_at text NOT NULL,
    CONSTRAINT date_override_hours_pkey PRIMARY KEY (provider_id, date, opens_at),
    CONSTRAINT date_override_hours_opens_at_check
        CHECK (opens_at ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    CONSTRAINT date_override_hours_closes_at_check
        CHECK (closes_at ~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$'),
    CONSTRAINT date_override_hours_override_fkey FOREIGN KEY (provider_id, date)
        REFERENCES date_override (provider_id, date) ON DELETE CASCADE
);
CREATE TABLE time_off (
    id uuid NOT NULL,
    provider_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    reason text,
    CONSTRAINT time_off_pkey PRIMARY KEY (id),
    CONSTRAINT time_off_span_check CHECK (starts_at < ends_at),
    CONSTRAINT time_off_provider_id_fkey FOREIGN KEY (provider_id)
        REFERENCES provider (id) ON DELETE CASCADE
);
-- Of the clinic; on the local day of each provider.
CREATE TABLE closed_day (
    date date NOT NULL,
    name text NOT NULL,
    CONSTRAINT closed_day_pkey PRIMARY KEY (date)
);
";

const INDEX: &str = "CREATE INDEX time_off_provider_id ON time_off (provider_id, ends_at);";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await?;
        execute(manager, INDEX, INDEX).await?;
        let sqlite = TABLES.map(directory_triggers::sqlite).concat();
        let postgres = TABLES.map(directory_triggers::postgres).concat();
        execute(manager, &sqlite, &postgres).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = "DROP TABLE closed_day; DROP TABLE time_off; DROP TABLE date_override_hours; DROP TABLE date_override;";
        execute(manager, down, down).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the tables of single days, time off and closed days")
            .blocking_writes(&["provider"])
    }
}
