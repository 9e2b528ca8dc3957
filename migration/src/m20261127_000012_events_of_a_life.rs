//! What happens to a visit, told in the log with what is new in its life; and of a reassignment the other
//! provider, so that it is told to who follows either. A row in status `HELD` makes no event: it is nobody's
//! visit. What is held is read from the rows themselves, which are few, so that deleting one counts for
//! nothing either; and a visit that changes its provider is told now, and need not be counted.

use std::borrow::Cow;

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::{execute, sqlite_schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const KINDS: (&str, &str) = (
    "'RESCHEDULING', 'RESCHEDULED', 'RESCHEDULE_REFUSED'))",
    "'RESCHEDULING', 'RESCHEDULED', 'RESCHEDULE_REFUSED', 'CHECKED_IN', 'COMPLETED', 'NO_SHOW', 'REINSTATED',
    'REASSIGNING', 'REASSIGNED', 'REASSIGN_REFUSED', 'UPDATED'))",
);

const NEW_KINDS: &str =
    "('CHECKED_IN', 'COMPLETED', 'NO_SHOW', 'REINSTATED', 'REASSIGNING', 'REASSIGNED',
    'REASSIGN_REFUSED', 'UPDATED')";

/// Their types on `SQLite` and on `PostgreSQL`.
const COLUMNS: [(&str, &str, &str); 2] =
    [("other_provider_id", "BLOB", "uuid"), ("overruled", "TEXT", "text")];

const INDEX: &str = "CREATE INDEX appointment_event_other_provider ON appointment_event (other_provider_id, position)
    WHERE other_provider_id IS NOT NULL;";

/// What the log holds of a change, how one is named, and when a row is looked at.
pub(crate) struct Log {
    pub(crate) columns: Cow<'static, str>,
    pub(crate) of_insert: Cow<'static, str>,
    pub(crate) of_update: Cow<'static, str>,
    pub(crate) kind: &'static str,
    pub(crate) watched: &'static str,
    /// Whether the row is a visit.
    pub(crate) is_visit: &'static str,
}

pub(crate) const AFTER: Log = Log {
    columns: Cow::Borrowed(
        "appointment_id, provider_id, state, kind, at, version, from_status, to_status, from_starts_at,
        to_starts_at, from_provider_id, to_provider_id, reason, other_provider_id, overruled",
    ),
    of_insert: Cow::Borrowed(
        "NEW.version, NULL, NEW.status, NULL, NEW.starts_at, NULL, NEW.provider_id,
        CASE WHEN NEW.overruled_in = NEW.version THEN NEW.overrule_reason END, NULL,
        CASE WHEN NEW.overruled_in = NEW.version THEN NEW.overruled END",
    ),
    of_update: Cow::Borrowed(
        "NEW.version, nullif(OLD.status, 'HELD'), NEW.status, OLD.starts_at,
        coalesce(NEW.reassign_starts_at, NEW.move_starts_at, NEW.starts_at), OLD.provider_id,
        coalesce(NEW.reassign_provider_id, NEW.provider_id),
        CASE WHEN NEW.cancel_reason IS NOT NULL AND NOT coalesce(NEW.cancel_reason = OLD.cancel_reason, false)
             THEN NEW.cancel_reason
             WHEN NEW.overruled_in = NEW.version THEN NEW.overrule_reason END,
        CASE WHEN NEW.provider_id <> OLD.provider_id THEN OLD.provider_id
             ELSE coalesce(NEW.reassign_provider_id, OLD.reassign_provider_id) END,
        CASE WHEN NEW.overruled_in = NEW.version THEN NEW.overruled END",
    ),
    kind: "CASE
        WHEN NEW.status = 'HELD' THEN NULL
        WHEN NEW.status <> OLD.status THEN CASE
            WHEN NEW.status = 'PENDING' THEN 'BOOKED'
            WHEN NEW.status = 'CONFIRMED' AND OLD.status IN ('CHECKED_IN', 'COMPLETED', 'NO_SHOW') THEN 'REINSTATED'
            ELSE NEW.status END
        WHEN NEW.reassign_provider_id IS NOT NULL
            AND (NEW.reassign_provider_id IS DISTINCT FROM OLD.reassign_provider_id
                OR NEW.reassign_starts_at IS DISTINCT FROM OLD.reassign_starts_at
                OR NEW.reassign_ends_at IS DISTINCT FROM OLD.reassign_ends_at) THEN 'REASSIGNING'
        WHEN NEW.provider_id <> OLD.provider_id THEN 'REASSIGNED'
        WHEN OLD.reassign_provider_id IS NOT NULL AND NEW.reassign_provider_id IS NULL THEN 'REASSIGN_REFUSED'
        WHEN NEW.move_starts_at IS NOT NULL
            AND (NEW.move_starts_at IS DISTINCT FROM OLD.move_starts_at
                OR NEW.move_ends_at IS DISTINCT FROM OLD.move_ends_at) THEN 'RESCHEDULING'
        WHEN NEW.starts_at <> OLD.starts_at OR NEW.ends_at <> OLD.ends_at THEN 'RESCHEDULED'
        WHEN OLD.move_starts_at IS NOT NULL AND NEW.move_starts_at IS NULL THEN 'RESCHEDULE_REFUSED'
        WHEN NEW.reason IS DISTINCT FROM OLD.reason OR NEW.state <> OLD.state
            OR NEW.insurance_id <> OLD.insurance_id
            OR NEW.visit_type_id IS DISTINCT FROM OLD.visit_type_id THEN 'UPDATED'
        END",
    watched: "status, starts_at, ends_at, move_starts_at, move_ends_at, provider_id, reassign_provider_id,
        reassign_starts_at, reassign_ends_at, reason, state, insurance_id, visit_type_id",
    is_visit: "NEW.status <> 'HELD'",
};

/// As migrations 10 and 31 of before have it.
const BEFORE: Log = Log {
    columns: Cow::Borrowed(
        "appointment_id, provider_id, state, kind, at, version, from_status, to_status, from_starts_at, to_starts_at, from_provider_id, to_provider_id, reason",
    ),
    of_insert: Cow::Borrowed(
        "NEW.version, NULL, NEW.status, NULL, NEW.starts_at, NULL, NEW.provider_id, NULL",
    ),
    of_update: Cow::Borrowed(
        "NEW.version, OLD.status, NEW.status, OLD.starts_at,
    coalesce(NEW.move_starts_at, NEW.starts_at), OLD.provider_id, NEW.provider_id,
    CASE WHEN NEW.cancel_reason IS NOT NULL AND NOT coalesce(NEW.cancel_reason = OLD.cancel_reason, false)
         THEN NEW.cancel_reason END",
    ),
    kind: "CASE
    WHEN NEW.status <> OLD.status THEN CASE NEW.status WHEN 'PENDING' THEN 'BOOKED' ELSE NEW.status END
    WHEN NEW.move_starts_at IS NOT NULL
        AND (NEW.move_starts_at IS DISTINCT FROM OLD.move_starts_at
            OR NEW.move_ends_at IS DISTINCT FROM OLD.move_ends_at) THEN 'RESCHEDULING'
    WHEN NEW.starts_at <> OLD.starts_at OR NEW.ends_at <> OLD.ends_at THEN 'RESCHEDULED'
    WHEN OLD.move_starts_at IS NOT NULL AND NEW.move_starts_at IS NULL THEN 'RESCHEDULE_REFUSED'
    END",
    watched: "status, starts_at, ends_at, move_starts_at, move_ends_at",
    is_visit: "true",
};

impl Log {
    pub(crate) fn sqlite(&self) -> String {
        let Self { columns, of_insert, of_update, watched, is_visit, .. } = self;
        // `IS DISTINCT FROM` is younger than `STRICT`: an older sqlite3 could not read the file.
        let kind = &self.kind.replace("IS DISTINCT FROM", "IS NOT");
        let insert = |kind: &str, values: &str, condition: &str| {
            format!(
                "INSERT INTO appointment_event ({columns})
                SELECT NEW.id, NEW.provider_id, NEW.state, {kind}, NEW.updated_at, {values} WHERE {condition};"
            )
        };
        format!(
            "DROP TRIGGER appointment_event_insert;
            DROP TRIGGER appointment_event_update;
            CREATE TRIGGER appointment_event_insert AFTER INSERT ON appointment
            BEGIN {on_insert} END;
            CREATE TRIGGER appointment_event_update AFTER UPDATE OF {watched} ON appointment
            BEGIN {on_update} END;",
            on_insert = insert("'BOOKED'", of_insert, is_visit),
            on_update = insert(kind, of_update, &format!("({kind}) IS NOT NULL")),
        )
    }

    /// The function finds the log whatever the writer's search path is: one that is written anew forgets
    /// that.
    pub(crate) fn postgres(&self) -> String {
        let Self { columns, of_insert, of_update, kind, watched, is_visit } = self;
        format!(
            "CREATE OR REPLACE FUNCTION record_appointment_event() RETURNS trigger LANGUAGE plpgsql
                SECURITY DEFINER AS $$
            DECLARE
                what text;
            BEGIN
                IF TG_OP = 'INSERT' THEN
                    IF {is_visit} THEN
                        INSERT INTO appointment_event ({columns})
                        VALUES (NEW.id, NEW.provider_id, NEW.state, 'BOOKED', NEW.updated_at, {of_insert});
                    END IF;
                    RETURN NULL;
                END IF;
                what := {kind};
                IF what IS NOT NULL THEN
                    INSERT INTO appointment_event ({columns})
                    VALUES (NEW.id, NEW.provider_id, NEW.state, what, NEW.updated_at, {of_update});
                END IF;
                RETURN NULL;
            END $$;
            DO $$ BEGIN
                EXECUTE format('ALTER FUNCTION record_appointment_event() SET search_path = %I, pg_temp', current_schema());
            END $$;
            DROP TRIGGER appointment_event_update ON appointment;
            CREATE TRIGGER appointment_event_update AFTER UPDATE OF {watched} ON appointment
                FOR EACH ROW EXECUTE FUNCTION record_appointment_event();"
        )
    }
}

const COUNT_SQLITE: &str = "
DROP TRIGGER appointment_unlogged_delete;
DROP TRIGGER appointment_unlogged_update;
CREATE TRIGGER appointment_unlogged_delete AFTER DELETE ON appointment WHEN OLD.status <> 'HELD'
BEGIN UPDATE busy_version SET version = version + 1; END;
CREATE TRIGGER appointment_unlogged_update AFTER UPDATE OF id ON appointment WHEN NEW.id <> OLD.id
BEGIN UPDATE busy_version SET version = version + 1; END;
";

const COUNT_POSTGRES: &str = "
DROP TRIGGER appointment_unlogged_delete ON appointment;
DROP TRIGGER appointment_unlogged_update ON appointment;
CREATE TRIGGER appointment_unlogged_delete AFTER DELETE ON appointment FOR EACH ROW
    WHEN (OLD.status <> 'HELD') EXECUTE FUNCTION count_unlogged_change();
CREATE TRIGGER appointment_unlogged_truncate AFTER TRUNCATE ON appointment
    FOR EACH STATEMENT EXECUTE FUNCTION count_unlogged_change();
CREATE TRIGGER appointment_unlogged_update AFTER UPDATE ON appointment FOR EACH ROW
    WHEN (NEW.id <> OLD.id) EXECUTE FUNCTION count_unlogged_change();
";

const COUNT_SQLITE_BEFORE: &str = "
DROP TRIGGER appointment_unlogged_delete;
DROP TRIGGER appointment_unlogged_update;
CREATE TRIGGER appointment_unlogged_delete AFTER DELETE ON appointment
BEGIN UPDATE busy_version SET version = version + 1; END;
CREATE TRIGGER appointment_unlogged_update AFTER UPDATE OF id, provider_id ON appointment
WHEN NEW.id <> OLD.id OR NEW.provider_id <> OLD.provider_id
BEGIN UPDATE busy_version SET version = version + 1; END;
";

const COUNT_POSTGRES_BEFORE: &str = "
DROP TRIGGER appointment_unlogged_delete ON appointment;
DROP TRIGGER appointment_unlogged_truncate ON appointment;
DROP TRIGGER appointment_unlogged_update ON appointment;
CREATE TRIGGER appointment_unlogged_delete AFTER DELETE OR TRUNCATE ON appointment
    FOR EACH STATEMENT EXECUTE FUNCTION count_unlogged_change();
CREATE TRIGGER appointment_unlogged_update AFTER UPDATE ON appointment FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.provider_id <> OLD.provider_id)
    EXECUTE FUNCTION count_unlogged_change();
";

/// What `PostgreSQL` is told of the kinds: those that end so.
fn kinds_postgres(end: &str) -> String {
    format!(
        "ALTER TABLE appointment_event DROP CONSTRAINT appointment_event_kind_check,
            ADD CONSTRAINT appointment_event_kind_check CHECK (kind IN ('BOOKED', 'CONFIRMED', 'FAILED',
                'EXPIRED', 'CANCELLING', 'CANCELLED', {end};"
    )
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sqlite_schema::rewrite(manager, "appointment_event", [KINDS]).await?;
        execute(manager, "", &kinds_postgres(KINDS.1)).await?;
        let add = |sqlite: bool| {
            COLUMNS.map(|(name, on_sqlite, on_postgres)| {
                let kind = if sqlite { on_sqlite } else { on_postgres };
                format!("ALTER TABLE appointment_event ADD COLUMN {name} {kind};")
            })
        };
        execute(manager, &add(true).concat(), &add(false).concat()).await?;
        execute(manager, INDEX, INDEX).await?;
        execute(manager, &AFTER.sqlite(), &AFTER.postgres()).await?;
        execute(manager, COUNT_SQLITE, COUNT_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, COUNT_SQLITE_BEFORE, COUNT_POSTGRES_BEFORE).await?;
        execute(manager, &BEFORE.sqlite(), &BEFORE.postgres()).await?;
        let drop = COLUMNS
            .map(|(name, ..)| format!("ALTER TABLE appointment_event DROP COLUMN {name};"))
            .concat();
        let drop = format!(
            "DELETE FROM appointment_event WHERE kind IN {NEW_KINDS};
            DROP INDEX appointment_event_other_provider; {drop}"
        );
        execute(manager, &drop, &drop).await?;
        sqlite_schema::rewrite(manager, "appointment_event", [(KINDS.1, KINDS.0)]).await?;
        execute(manager, "", &kinds_postgres(KINDS.0)).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("adds the events of a visit's life to the log, written by triggers")
            .blocking(&["appointment", "appointment_event"])
            .reading(&["appointment_event"])
            .reading_on_sqlite(&["appointment_event"])
    }
}
