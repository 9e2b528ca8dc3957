//! A count of its own for what changes busy time and leaves no event in the log: an appointment
//! deleted by hand, or given to another provider, an event deleted. Servers keep busy time in memory
//! and follow it by the log; when this count is another, they read all of it anew. It was counted
//! with the provider directory before, so that every edit of the roster cost them the same.
//!
//! On `PostgreSQL` the trigger acts as its owner, for whoever may delete an appointment need not have
//! rights on this table.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
CREATE TABLE busy_version (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO busy_version VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER));
DROP TRIGGER appointment_unlogged_delete;
DROP TRIGGER appointment_unlogged_update;
DROP TRIGGER appointment_event_unlogged_delete;
CREATE TRIGGER appointment_unlogged_delete AFTER DELETE ON appointment
BEGIN UPDATE busy_version SET version = version + 1; END;
CREATE TRIGGER appointment_unlogged_update AFTER UPDATE OF id, provider_id ON appointment
WHEN NEW.id <> OLD.id OR NEW.provider_id <> OLD.provider_id
BEGIN UPDATE busy_version SET version = version + 1; END;
CREATE TRIGGER appointment_event_unlogged_delete AFTER DELETE ON appointment_event
BEGIN UPDATE busy_version SET version = version + 1; END;
";

const UP_POSTGRES: &str = "
CREATE TABLE busy_version (
    id integer NOT NULL PRIMARY KEY CHECK (id = 1),
    version bigint NOT NULL
);
INSERT INTO busy_version VALUES (1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint);
CREATE FUNCTION count_unlogged_change() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER AS $$
BEGIN
    UPDATE busy_version SET version = version + 1;
    RETURN NULL;
END $$;
DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION count_unlogged_change() SET search_path = %I, pg_temp', current_schema());
END $$;
DROP TRIGGER appointment_unlogged_delete ON appointment;
DROP TRIGGER appointment_unlogged_update ON appointment;
DROP TRIGGER appointment_event_unlogged_delete ON appointment_event;
CREATE TRIGGER appointment_unlogged_delete AFTER DELETE OR TRUNCATE ON appointment
    FOR EACH STATEMENT EXECUTE FUNCTION count_unlogged_change();
CREATE TRIGGER appointment_unlogged_update AFTER UPDATE ON appointment FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.provider_id <> OLD.provider_id)
    EXECUTE FUNCTION count_unlogged_change();
CREATE TRIGGER appointment_event_unlogged_delete AFTER DELETE OR TRUNCATE ON appointment_event
    FOR EACH STATEMENT EXECUTE FUNCTION count_unlogged_change();
";

const DOWN_SQLITE: &str = "
DROP TRIGGER appointment_unlogged_delete;
DROP TRIGGER appointment_unlogged_update;
DROP TRIGGER appointment_event_unlogged_delete;
CREATE TRIGGER appointment_unlogged_delete AFTER DELETE ON appointment
BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER appointment_unlogged_update AFTER UPDATE OF id, provider_id ON appointment
WHEN NEW.id <> OLD.id OR NEW.provider_id <> OLD.provider_id
BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER appointment_event_unlogged_delete AFTER DELETE ON appointment_event
BEGIN UPDATE directory_version SET version = version + 1; END;
DROP TABLE busy_version;
";

const DOWN_POSTGRES: &str = "
DROP TRIGGER appointment_unlogged_delete ON appointment;
DROP TRIGGER appointment_unlogged_update ON appointment;
DROP TRIGGER appointment_event_unlogged_delete ON appointment_event;
CREATE TRIGGER appointment_unlogged_delete AFTER DELETE OR TRUNCATE ON appointment
    FOR EACH STATEMENT EXECUTE FUNCTION count_directory_change();
CREATE TRIGGER appointment_unlogged_update AFTER UPDATE ON appointment FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.provider_id <> OLD.provider_id)
    EXECUTE FUNCTION count_directory_change();
CREATE TRIGGER appointment_event_unlogged_delete AFTER DELETE OR TRUNCATE ON appointment_event
    FOR EACH STATEMENT EXECUTE FUNCTION count_directory_change();
DROP FUNCTION count_unlogged_change();
DROP TABLE busy_version;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, DOWN_SQLITE, DOWN_POSTGRES).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the count of unlogged changes of busy time, kept by triggers")
            .blocking(&["appointment", "appointment_event"])
    }
}
