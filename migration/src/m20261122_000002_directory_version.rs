//! A number that changes whenever the provider directory does: who works here, when, for which
//! states and payers. Servers keep the directory in memory and read it again when the number is
//! another. The database counts, so that no writer can forget to; from the time of its making, in
//! milliseconds, so that a database that was made anew does not come to the same number.
//!
//! On `PostgreSQL` the trigger acts as its owner, for whoever may write the six tables need not have
//! rights on this one.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What the directory is made of.
const TABLES: [&str; 6] = [
    "insurance",
    "insurance_alias",
    "provider",
    "provider_state",
    "provider_insurance",
    "working_hours",
];

const TABLE_SQLITE: &str = "
CREATE TABLE directory_version (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO directory_version VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER));
";

const TABLE_POSTGRES: &str = "
CREATE TABLE directory_version (
    id integer NOT NULL PRIMARY KEY CHECK (id = 1),
    version bigint NOT NULL
);
INSERT INTO directory_version VALUES (1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint);
CREATE FUNCTION count_directory_change() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER AS $$
BEGIN
    UPDATE directory_version SET version = version + 1;
    RETURN NULL;
END $$;
DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION count_directory_change() SET search_path = %I, pg_temp', current_schema());
END $$;
";

fn trigger_sqlite(table: &str) -> String {
    ["insert", "update", "delete"]
        .map(|event| {
            format!(
                "CREATE TRIGGER {table}_directory_{event} AFTER {event} ON {table}
                BEGIN UPDATE directory_version SET version = version + 1; END;\n"
            )
        })
        .concat()
}

fn trigger_postgres(table: &str) -> String {
    format!(
        "CREATE TRIGGER {table}_directory AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION count_directory_change();\n"
    )
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sqlite: String = TABLES.map(trigger_sqlite).concat();
        let postgres: String = TABLES.map(trigger_postgres).concat();
        execute(manager, TABLE_SQLITE, TABLE_POSTGRES).await?;
        execute(manager, &sqlite, &postgres).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop_sqlite = |table: &str| {
            ["insert", "update", "delete"]
                .map(|event| format!("DROP TRIGGER {table}_directory_{event};\n"))
                .concat()
        };
        let drop_postgres = |table: &str| format!("DROP TRIGGER {table}_directory ON {table};\n");
        let sqlite = format!("{}DROP TABLE directory_version;", TABLES.map(drop_sqlite).concat());
        let postgres = format!(
            "{}DROP FUNCTION count_directory_change(); DROP TABLE directory_version;",
            TABLES.map(drop_postgres).concat()
        );
        execute(manager, &sqlite, &postgres).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the count of changes of the provider directory, kept by triggers")
            .blocking_writes(&[
                "insurance",
                "insurance_alias",
                "provider",
                "provider_insurance",
                "provider_state",
                "working_hours",
            ])
    }
}
