//! From which to which day weekly hours are in effect, both included; null is open. Two rows of one
//! weekday may open at the same time now, in effect on other days: the day on which they begin to be so
//! is of the key, and may be open.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::{directory_triggers, execute};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "working_hours";

const UP_SQLITE: &str = "
ALTER TABLE working_hours RENAME TO weekly_hours;
CREATE TABLE working_hours (
    provider_id BLOB NOT NULL,
    weekday TEXT NOT NULL CHECK (weekday IN
        ('MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY')),
    opens_at TEXT NOT NULL CHECK (opens_at GLOB '[0-2][0-9]:[0-5][0-9]' AND opens_at < '24:00'),
    -- Not after opens_at: it closes on the next day.
    closes_at TEXT NOT NULL CHECK (closes_at GLOB '[0-2][0-9]:[0-5][0-9]' AND closes_at <= '24:00'),
    effective_from TEXT CHECK (effective_from IS strftime('%Y-%m-%d', effective_from)),
    effective_until TEXT CHECK (effective_until IS strftime('%Y-%m-%d', effective_until)),
    CONSTRAINT working_hours_effective_check CHECK (effective_from <= effective_until),
    CONSTRAINT working_hours_provider_id_fkey FOREIGN KEY (provider_id)
        REFERENCES provider (id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX working_hours_opening ON working_hours
    (provider_id, weekday, opens_at, ifnull(effective_from, ''));
INSERT INTO working_hours (provider_id, weekday, opens_at, closes_at)
    SELECT provider_id, weekday, opens_at, closes_at FROM weekly_hours;
DROP TABLE weekly_hours;
";

/// It keeps the name that it had: servers of before ask for a rule that is called so.
const UP_POSTGRES: &str = "
ALTER TABLE working_hours
    ADD COLUMN effective_from date,
    ADD COLUMN effective_until date,
    DROP CONSTRAINT working_hours_pkey,
    ADD CONSTRAINT working_hours_pkey UNIQUE NULLS NOT DISTINCT
        (provider_id, weekday, opens_at, effective_from),
    ADD CONSTRAINT working_hours_effective_check CHECK (effective_from <= effective_until);
";

/// Of hours that open at the same time on one weekday those stay that are in effect for longest.
const DOWN_SQLITE: &str = "
ALTER TABLE working_hours RENAME TO weekly_hours;
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
INSERT OR IGNORE INTO working_hours
    SELECT provider_id, weekday, opens_at, closes_at FROM weekly_hours
     ORDER BY ifnull(effective_until, '9999') DESC, effective_from;
DROP TABLE weekly_hours;
";

const DOWN_POSTGRES: &str = "
ALTER TABLE working_hours DROP CONSTRAINT working_hours_pkey;
DELETE FROM working_hours AS less USING working_hours AS more
 WHERE (less.provider_id, less.weekday, less.opens_at) = (more.provider_id, more.weekday, more.opens_at)
   AND (COALESCE(less.effective_until, DATE 'infinity'), less.ctid)
     < (COALESCE(more.effective_until, DATE 'infinity'), more.ctid);
ALTER TABLE working_hours
    DROP COLUMN effective_from,
    DROP COLUMN effective_until,
    ADD CONSTRAINT working_hours_pkey PRIMARY KEY (provider_id, weekday, opens_at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sqlite = format!("{UP_SQLITE}{}", directory_triggers::sqlite(TABLE));
        execute(manager, &sqlite, UP_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sqlite = format!("{DOWN_SQLITE}{}", directory_triggers::sqlite(TABLE));
        execute(manager, &sqlite, DOWN_POSTGRES).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("adds to weekly hours from when to when they are in effect")
            .blocking(&["working_hours"])
            .reading(&["working_hours"])
            .copying_on_sqlite(&["working_hours"])
    }
}
