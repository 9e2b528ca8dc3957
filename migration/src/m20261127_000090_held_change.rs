//! Which held times have changed: a row of `appointment` in status `HELD` that was made, changed, became a visit or
//! is gone. Such rows are in no event, and a server that keeps busy time in memory reads those again that are noted
//! here since it last looked, and not all that is held.
//!
//! With whom it was is noted as well, for the row may be gone. On `SQLite`, where one writes at a time, the number
//! says what came later. On `PostgreSQL` it is the transaction: what a snapshot did not see yet is what one of those
//! noted that it does not count as ended. When it was noted says what nobody asks for any more.
//!
//! And on `PostgreSQL` a held row that is gone counts for no change of the log: with each of them the foreign key
//! deletes its events, of which it has none, and a trigger for each statement counted that.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
CREATE TABLE held_change (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    appointment_id BLOB NOT NULL,
    provider_id BLOB NOT NULL,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now'))
) STRICT;
CREATE TRIGGER appointment_held_insert AFTER INSERT ON appointment WHEN NEW.status = 'HELD'
BEGIN INSERT INTO held_change (appointment_id, provider_id) VALUES (NEW.id, NEW.provider_id); END;
CREATE TRIGGER appointment_held_update AFTER UPDATE ON appointment
WHEN OLD.status = 'HELD' OR NEW.status = 'HELD'
BEGIN
    INSERT INTO held_change (appointment_id, provider_id) VALUES (OLD.id, OLD.provider_id);
    INSERT INTO held_change (appointment_id, provider_id) SELECT NEW.id, NEW.provider_id
     WHERE NEW.id <> OLD.id OR NEW.provider_id <> OLD.provider_id;
END;
CREATE TRIGGER appointment_held_delete AFTER DELETE ON appointment WHEN OLD.status = 'HELD'
BEGIN INSERT INTO held_change (appointment_id, provider_id) VALUES (OLD.id, OLD.provider_id); END;
";

/// The function acts as its owner, for whoever may write appointments need not have rights on this table, and finds
/// that whatever the writer's search path is. All of them at once have a trigger of their own
/// (`appointment_unlogged_truncate`).
const UP_POSTGRES: &str = "
CREATE TABLE held_change (
    made_by xid8 NOT NULL DEFAULT pg_current_xact_id(),
    appointment_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT held_change_pkey PRIMARY KEY (made_by, appointment_id, provider_id)
);
CREATE FUNCTION note_held_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO held_change (appointment_id, provider_id) VALUES (OLD.id, OLD.provider_id)
        ON CONFLICT DO NOTHING;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO held_change (appointment_id, provider_id) VALUES (NEW.id, NEW.provider_id)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION note_held_change() SET search_path = %I, pg_temp', current_schema());
END $$;
CREATE TRIGGER appointment_held_insert AFTER INSERT ON appointment FOR EACH ROW
    WHEN (NEW.status = 'HELD') EXECUTE FUNCTION note_held_change();
CREATE TRIGGER appointment_held_update AFTER UPDATE ON appointment FOR EACH ROW
    WHEN (OLD.status = 'HELD' OR NEW.status = 'HELD') EXECUTE FUNCTION note_held_change();
CREATE TRIGGER appointment_held_delete AFTER DELETE ON appointment FOR EACH ROW
    WHEN (OLD.status = 'HELD') EXECUTE FUNCTION note_held_change();
DROP TRIGGER appointment_event_unlogged_delete ON appointment_event;
CREATE FUNCTION count_deleted_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM deleted) THEN
        UPDATE busy_version SET version = version + 1;
    END IF;
    RETURN NULL;
END $$;
DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION count_deleted_events() SET search_path = %I, pg_temp', current_schema());
END $$;
CREATE TRIGGER appointment_event_unlogged_delete AFTER DELETE ON appointment_event
    REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION count_deleted_events();
CREATE TRIGGER appointment_event_unlogged_truncate AFTER TRUNCATE ON appointment_event
    FOR EACH STATEMENT EXECUTE FUNCTION count_unlogged_change();
";

const DOWN_SQLITE: &str = "
DROP TRIGGER appointment_held_insert;
DROP TRIGGER appointment_held_update;
DROP TRIGGER appointment_held_delete;
DROP TABLE held_change;
";

const DOWN_POSTGRES: &str = "
DROP TRIGGER appointment_event_unlogged_truncate ON appointment_event;
DROP TRIGGER appointment_event_unlogged_delete ON appointment_event;
DROP FUNCTION count_deleted_events();
CREATE TRIGGER appointment_event_unlogged_delete AFTER DELETE OR TRUNCATE ON appointment_event
    FOR EACH STATEMENT EXECUTE FUNCTION count_unlogged_change();
DROP TRIGGER appointment_held_insert ON appointment;
DROP TRIGGER appointment_held_update ON appointment;
DROP TRIGGER appointment_held_delete ON appointment;
DROP FUNCTION note_held_change();
DROP TABLE held_change;
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
        Effect::of("makes the table of which held times have changed, kept by triggers")
            .blocking(&["appointment_event"])
            .blocking_writes(&["appointment"])
    }
}
