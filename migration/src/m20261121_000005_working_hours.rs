//! Working hours: local times that repeat every week, in the provider's zone.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = r"
CREATE TABLE working_hours (
    provider_id BLOB NOT NULL,
    weekday TEXT NOT NULL CHECK (weekday IN
        ('MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY')),
    opens_at TEXT NOT NULL CHECK (opens_at GLOB '[0-2][0-9]:[0-5][0-9]' AND opens_at < '24:00'),
    -- Not after opens_at: it closes on the next day.
    closes_at TEXT NOT NULL CHECK (closes_at GLOB '[0-2][0-9]:[0-5][0-9]' AND closes_at <= '24:00'),
    CONSTRAINT working_hours_pkey PRIMARY KEY (provider_id, weekday, opens_at),
    CONSTRAINT working_hours_provider_id_fkey FOREIGN KEY (provider_id)
        REFERENCES provider (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
";

const UP_POSTGRES: &str = r"
CREATE TABLE working_hours (
    provider_id uuid NOT NULL,
    weekday text NOT NULL,
    opens_at text NOT NULL,
    -- Not after opens_at: it closes on the next day.
    closes_at text NOT NULL,
    CONSTRAINT working_hours_pkey PRIMARY KEY (provider_id, weekday, opens_at),
    CONSTRAINT working_hours_weekday_check CHECK (weekday IN
        ('MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY')),
    CONSTRAINT working_hours_opens_at_check CHECK (opens_at ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    CONSTRAINT working_hours_closes_at_check
        CHECK (closes_at ~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$'),
    CONSTRAINT working_hours_provider_id_fkey FOREIGN KEY (provider_id)
        REFERENCES provider (id) ON DELETE CASCADE
);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = "DROP TABLE working_hours;";
        execute(manager, down, down).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the table of weekly hours").blocking_writes(&["provider"])
    }
}
