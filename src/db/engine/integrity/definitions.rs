//! Reading what there is: each rule with its definition, as the database writes it.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{ConnectionTrait, Statement};

use crate::db::engine::error::StoreError;
use crate::db::engine::kind::Engine;

/// What tells the constraints and triggers of a session on `PostgreSQL` from any others, and from the
/// same that are not in force: one that was dropped and made anew is another. A query for one text.
pub(in crate::db::engine) const MARK: &str = "
    SELECT current_setting('session_replication_role') || string_agg(con.oid::text ||
               CASE WHEN i.indisvalid AND i.indisready OR i.indisvalid IS NULL THEN '' ELSE ' off' END,
               ',' ORDER BY con.oid) ||
           (SELECT string_agg(oid::text || tgenabled::text, ',' ORDER BY oid)
              FROM pg_trigger WHERE tgrelid = to_regclass('appointment'))
      FROM pg_constraint con LEFT JOIN pg_index i ON i.indexrelid = con.conindid
     WHERE conrelid = to_regclass('appointment') AND contype IN ('x', 'c')";

/// The same on `SQLite`: a number that goes up with every change of what there is.
const SQLITE_MARK: &str = "SELECT CAST(schema_version AS TEXT) FROM pragma_schema_version";

/// What a connection to `SQLite` must be set to at least.
pub(super) const PRAGMAS: [(&str, i64); 3] =
    [("foreign_keys", 1), ("synchronous", 2), ("busy_timeout", 1)];

/// At the end of the definition of what is there and not in force.
pub(super) const SWITCHED_OFF: &str = "(switched off)";

/// A rule, a trigger, a table or a column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct What {
    kind: String,
    table: String,
    name: String,
}

impl What {
    /// Whether it is one of the rules that let no two visits overlap.
    pub(super) fn keeps_apart(&self) -> bool {
        self.name.contains("_no_overlap")
    }

    /// What is the matter with it, in words.
    pub(super) fn told(&self, matter: &str) -> String {
        let Self { kind, table, name } = self;
        let on = if table == name { String::new() } else { format!(" (on {table})") };
        format!("{kind} {name} {matter}{on}")
    }
}

/// Rules with their definitions.
#[derive(Debug, Default)]
pub(in crate::db::engine) struct Definitions(BTreeMap<What, String>);

/// All that was read.
pub(super) struct Found {
    pub(super) definitions: Definitions,
    pub(super) settings: HashMap<String, String>,
    pub(super) mark: Option<String>,
}

impl Definitions {
    /// What the migrations make, as one version of each engine writes it.
    pub(super) fn listed(engine: Engine) -> Self {
        let list = match engine {
            Engine::Postgres => include_str!("postgres.tsv"),
            Engine::Sqlite => include_str!("sqlite.tsv"),
        };
        let row = |line: &str| {
            let mut cells = line.splitn(4, '\t').map(str::to_owned);
            let what = What { kind: cells.next()?, table: cells.next()?, name: cells.next()? };
            Some((what, cells.next()?))
        };
        Self(list.lines().filter_map(row).collect())
    }

    pub(super) fn to_list(&self) -> String {
        let row = |(What { kind, table, name }, definition): (&What, &String)| {
            format!("{kind}\t{table}\t{name}\t{definition}\n")
        };
        self.0.iter().map(row).collect()
    }

    /// The names of the tables.
    pub(super) fn tables(&self) -> impl Iterator<Item = &str> {
        self.0.keys().filter(|what| what.kind == "table").map(|what| what.name.as_str())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&What, &String)> {
        self.0.iter()
    }

    pub(super) fn of(&self, what: &What) -> Option<&String> {
        self.0.get(what)
    }
}

/// All in one statement: a start waits for this. Of the schema in which the appointments are.
const POSTGRES: &str = "
    WITH tables AS (
        SELECT oid, relname, relpersistence FROM pg_class
         WHERE relkind = 'r' AND relname <> 'seaql_migrations' AND relnamespace =
               (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('appointment')))
    SELECT 'table', relname::text, relname::text,
           CASE relpersistence WHEN 'p' THEN 'logged' ELSE 'not logged' END
      FROM tables
    UNION ALL
    SELECT 'column', relname::text, attname::text, format_type(atttypid, atttypmod) ||
           CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
      FROM tables JOIN pg_attribute ON attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT CASE contype WHEN 'x' THEN 'exclusion constraint' WHEN 'c' THEN 'check constraint'
                        WHEN 'f' THEN 'foreign key' ELSE 'unique constraint' END,
           relname::text, conname::text, pg_get_constraintdef(con.oid, true) ||
           CASE WHEN NOT coalesce(i.indisvalid AND i.indisready, true)
                  OR EXISTS (SELECT 1 FROM pg_trigger WHERE tgconstraint = con.oid
                                AND tgenabled NOT IN ('O', 'A'))
                THEN ' (switched off)' ELSE '' END
      FROM tables JOIN pg_constraint con ON conrelid = tables.oid
      LEFT JOIN pg_index i ON i.indexrelid = con.conindid AND contype IN ('x', 'p', 'u')
     WHERE contype IN ('x', 'c', 'f', 'p', 'u')
    UNION ALL
    SELECT 'unique index', tables.relname::text, c.relname::text, pg_get_indexdef(i.indexrelid, 0, true) ||
           CASE WHEN i.indisvalid AND i.indisready THEN '' ELSE ' (switched off)' END
      FROM tables JOIN pg_index i ON i.indrelid = tables.oid JOIN pg_class c ON c.oid = i.indexrelid
     WHERE i.indisunique AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid)
    UNION ALL
    SELECT 'trigger', relname::text, tgname::text, pg_get_triggerdef(t.oid, true) || ' ' || prosrc ||
           CASE WHEN tgenabled IN ('O', 'A') THEN '' ELSE ' (switched off)' END
      FROM tables JOIN pg_trigger t ON tgrelid = tables.oid JOIN pg_proc p ON p.oid = tgfoid
     WHERE NOT tgisinternal
    UNION ALL
    SELECT 'setting', '', name, setting FROM pg_settings
     WHERE name IN ('synchronous_commit', 'session_replication_role')
    UNION ALL
    SELECT 'mark', '', '', ";

const SQLITE: &str = "
    SELECT type, tbl_name, name, sql FROM sqlite_schema
     WHERE tbl_name <> 'seaql_migrations' AND name NOT LIKE 'sqlite_%'
       AND (type IN ('table', 'trigger') OR type = 'index' AND sql LIKE 'CREATE UNIQUE%')";

fn sql(engine: Engine) -> String {
    match engine {
        Engine::Postgres => format!("{POSTGRES} ({MARK})"),
        Engine::Sqlite => {
            let pragmas = PRAGMAS.map(|(pragma, _least)| {
                let column = if pragma == "busy_timeout" { "timeout" } else { pragma };
                format!(
                    " UNION ALL SELECT 'setting', '', '{pragma}', CAST({column} AS TEXT) \
                     FROM pragma_{pragma}"
                )
            });
            format!("{SQLITE}{} UNION ALL SELECT 'mark', '', '', ({SQLITE_MARK})", pragmas.concat())
        }
    }
}

/// The mark of what there is on `SQLite`.
pub(super) async fn sqlite_mark(conn: &impl ConnectionTrait) -> Result<String, StoreError> {
    let statement = Statement::from_string(conn.get_database_backend(), SQLITE_MARK);
    let row = conn.query_one_raw(statement).await?;
    Ok(row.ok_or_else(|| StoreError::unreadable("schema"))?.try_get_by_index(0)?)
}

/// Reads all there is.
pub(super) async fn read(conn: &impl ConnectionTrait) -> Result<Found, StoreError> {
    let sql = sql(Engine::of(conn));
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let mut found =
        Found { definitions: Definitions::default(), settings: HashMap::new(), mark: None };
    for row in conn.query_all_raw(statement).await? {
        let kind: String = row.try_get_by_index(0)?;
        let (table, name) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let definition: Option<String> = row.try_get_by_index(3)?;
        match kind.as_str() {
            "mark" => found.mark = definition,
            "setting" => drop(found.settings.insert(name, definition.unwrap_or_default())),
            _ => {
                let kind = if kind == "index" { "unique index".to_owned() } else { kind };
                let definition = in_one_line(&definition.unwrap_or_default());
                found.definitions.0.insert(What { kind, table, name }, definition);
            }
        }
    }
    Ok(found)
}

/// `SQLite` keeps the text that was written, and puts quotes around a table that was renamed.
fn in_one_line(definition: &str) -> String {
    let words: Vec<&str> = definition.split_whitespace().collect();
    words.join(" ").replace('"', "")
}
