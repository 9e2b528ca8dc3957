//! Which provider a change of the directory was about, and at which version: a server that has read the
//! directory reads again what has changed since, and no more. The row of no provider at all is of what
//! is the clinic's: then everything is read again.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::{directory_triggers, execute};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What is of one provider, and the column that says of which.
const OF_PROVIDERS: [(&str, &str); 8] = [
    ("provider", "id"),
    ("provider_state", "provider_id"),
    ("provider_insurance", "provider_id"),
    ("provider_visit_type", "provider_id"),
    ("working_hours", "provider_id"),
    ("date_override", "provider_id"),
    ("date_override_hours", "provider_id"),
    ("time_off", "provider_id"),
];

/// What is the clinic's.
const OF_CLINIC: [&str; 5] =
    ["insurance", "insurance_alias", "visit_type", "clinic_rules", "closed_day"];

const EVENTS: [(&str, &[&str]); 3] =
    [("insert", &["NEW"]), ("update", &["OLD", "NEW"]), ("delete", &["OLD"])];

const TABLE_SQLITE: &str = "
CREATE TABLE provider_change (
    provider_id BLOB NOT NULL CHECK (length(provider_id) = 16),
    version INTEGER NOT NULL,
    CONSTRAINT provider_change_pkey PRIMARY KEY (provider_id)
) STRICT, WITHOUT ROWID;
";

/// On `PostgreSQL` the triggers act as their owner, for whoever may write the tables need not have rights
/// on this one. They fire after those that count the version, by their names.
const TABLE_POSTGRES: &str = "
CREATE TABLE provider_change (
    provider_id uuid NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT provider_change_pkey PRIMARY KEY (provider_id)
);
CREATE FUNCTION note_clinic_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO provider_change
    SELECT '00000000-0000-0000-0000-000000000000'::uuid, version FROM directory_version
    ON CONFLICT (provider_id) DO UPDATE SET version = excluded.version;
    RETURN NULL;
END $$;
CREATE FUNCTION note_provider_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO provider_change
    SELECT DISTINCT (to_jsonb(changed) ->> TG_ARGV[0])::uuid, counted.version
      FROM changed CROSS JOIN directory_version AS counted
    ON CONFLICT (provider_id) DO UPDATE SET version = excluded.version;
    RETURN NULL;
END $$;
DO $$ DECLARE name text; BEGIN
    FOREACH name IN ARRAY ARRAY['note_clinic_change', 'note_provider_change'] LOOP
        EXECUTE format('ALTER FUNCTION %I() SET search_path = %I, pg_temp', name, current_schema());
    END LOOP;
END $$;
";

fn note_sqlite(provider: &str) -> String {
    format!(
        "INSERT INTO provider_change SELECT {provider}, version FROM directory_version WHERE true
            ON CONFLICT (provider_id) DO UPDATE SET version = excluded.version;"
    )
}

/// Counts and notes in one trigger, for nobody says in which order two fire.
fn triggers_sqlite(table: &str, noted: impl Fn(&[&str]) -> String) -> String {
    let trigger = |(event, rows): (&str, &[&str])| {
        format!(
            "DROP TRIGGER {table}_directory_{event};
            CREATE TRIGGER {table}_directory_{event} AFTER {event} ON {table}
            BEGIN UPDATE directory_version SET version = version + 1; {} END;\n",
            noted(rows)
        )
    };
    EVENTS.map(trigger).concat()
}

fn of_provider_postgres((table, column): (&str, &str)) -> String {
    let trigger = |(event, rows): (&str, &[&str])| {
        // One transition table a trigger: what an update takes from one provider is noted for itself.
        let each = rows.iter().map(|row| {
            format!(
                "CREATE TRIGGER {table}_provider_{event}_{old_or_new} AFTER {event} ON {table}
                    REFERENCING {row} TABLE AS changed
                    FOR EACH STATEMENT EXECUTE FUNCTION note_provider_change('{column}');\n",
                old_or_new = row.to_lowercase()
            )
        });
        each.collect::<String>()
    };
    let emptied = format!(
        "CREATE TRIGGER {table}_provider_truncate AFTER TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION note_clinic_change();\n"
    );
    EVENTS.map(trigger).concat() + &emptied
}

fn of_clinic_postgres(table: &str) -> String {
    format!(
        "CREATE TRIGGER {table}_provider AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION note_clinic_change();\n"
    )
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let of_providers = OF_PROVIDERS.map(|(table, column)| {
            triggers_sqlite(table, |rows| {
                rows.iter().map(|row| note_sqlite(&format!("{row}.{column}"))).collect()
            })
        });
        let of_clinic =
            OF_CLINIC.map(|table| triggers_sqlite(table, |_rows| note_sqlite("zeroblob(16)")));
        let sqlite = format!("{TABLE_SQLITE}{}{}", of_providers.concat(), of_clinic.concat());
        let postgres = format!(
            "{TABLE_POSTGRES}{}{}",
            OF_PROVIDERS.map(of_provider_postgres).concat(),
            OF_CLINIC.map(of_clinic_postgres).concat()
        );
        execute(manager, &sqlite, &postgres).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = OF_PROVIDERS.iter().map(|(table, _)| *table).chain(OF_CLINIC);
        let again = tables.map(|table| {
            let dropped =
                EVENTS.map(|(event, _)| format!("DROP TRIGGER {table}_directory_{event};\n"));
            dropped.concat() + &directory_triggers::sqlite(table)
        });
        let sqlite = format!("{}DROP TABLE provider_change;", again.collect::<String>());
        let postgres = "DROP FUNCTION note_provider_change() CASCADE;
            DROP FUNCTION note_clinic_change() CASCADE;
            DROP TABLE provider_change;";
        execute(manager, &sqlite, postgres).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the table of which providers have changed, kept by triggers")
            .blocking_writes(&[
                "clinic_rules",
                "closed_day",
                "date_override",
                "date_override_hours",
                "insurance",
                "insurance_alias",
                "provider",
                "provider_insurance",
                "provider_state",
                "provider_visit_type",
                "time_off",
                "visit_type",
                "working_hours",
            ])
    }
}
