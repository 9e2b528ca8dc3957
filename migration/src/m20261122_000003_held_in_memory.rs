//! Servers keep held time in memory and follow it by the log of events. What changes held time and
//! leaves no event there (an appointment deleted by hand, or given to another provider) is
//! counted with the provider directory instead: then everything in memory is read anew. So is
//! what is deleted from the log, for a server may not have read it yet.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
CREATE TRIGGER appointment_unlogged_delete AFTER DELETE ON appointment
BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER appointment_unlogged_update AFTER UPDATE OF id, provider_id ON appointment
WHEN NEW.id <> OLD.id OR NEW.provider_id <> OLD.provider_id
BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER appointment_event_unlogged_delete AFTER DELETE ON appointment_event
BEGIN UPDATE directory_version SET version = version + 1; END;
";

/// By row where it is an update, which the server itself does with every change and which never
/// changes these two columns.
const UP_POSTGRES: &str = "
CREATE TRIGGER appointment_unlogged_delete AFTER DELETE OR TRUNCATE ON appointment
    FOR EACH STATEMENT EXECUTE FUNCTION count_directory_change();
CREATE TRIGGER appointment_unlogged_update AFTER UPDATE ON appointment FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.provider_id <> OLD.provider_id)
    EXECUTE FUNCTION count_directory_change();
CREATE TRIGGER appointment_event_unlogged_delete AFTER DELETE OR TRUNCATE ON appointment_event
    FOR EACH STATEMENT EXECUTE FUNCTION count_directory_change();
";

const DOWN_SQLITE: &str = "
DROP TRIGGER appointment_unlogged_delete;
DROP TRIGGER appointment_unlogged_update;
DROP TRIGGER appointment_event_unlogged_delete;
";

const DOWN_POSTGRES: &str = "
DROP TRIGGER appointment_unlogged_delete ON appointment;
DROP TRIGGER appointment_unlogged_update ON appointment;
DROP TRIGGER appointment_event_unlogged_delete ON appointment_event;
";

/// What is moved to a day, whoever's it is.
const INDEX: &str = "CREATE INDEX appointment_move ON appointment (move_starts_at)
    WHERE move_starts_at IS NOT NULL;";
const DROP_INDEX: &str = "DROP INDEX appointment_move;";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await?;
        execute(manager, INDEX, INDEX).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, DROP_INDEX, DROP_INDEX).await?;
        execute(manager, DOWN_SQLITE, DOWN_POSTGRES).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("has triggers count what changes held time unlogged, and indexes moves")
            .blocking_writes(&["appointment", "appointment_event"])
            .reading(&["appointment"])
            .reading_on_sqlite(&["appointment"])
    }
}
