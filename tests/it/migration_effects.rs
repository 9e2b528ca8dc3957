//! What each migration says that it locks and reads is what the engine locks and reads.

use std::collections::{BTreeMap, BTreeSet};

use clinic::db::{Db, integrity};
use migration::{Effect, Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, Statement, TransactionTrait,
};

use crate::support::{Engine, TestDatabase, on_both_engines};

type Names = BTreeSet<String>;

/// The rows that a query answers, as texts of their two columns.
async fn pairs(conn: &impl ConnectionTrait, sql: &str) -> Vec<(String, String)> {
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let rows = conn.query_all_raw(statement).await.unwrap();
    let pair = |row: &sea_orm::QueryResult| {
        (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())
    };
    rows.iter().map(pair).collect()
}

async fn map(conn: &impl ConnectionTrait, sql: &str) -> BTreeMap<String, String> {
    pairs(conn, sql).await.into_iter().collect()
}

/// What a migration did to the tables that were there before it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    blocks: Names,
    blocks_writes: Names,
    reads: Names,
    copies: Names,
}

fn names(declared: &[&str]) -> Names {
    declared.iter().map(|name| (*name).to_owned()).collect()
}

fn declared(effect: &Effect, engine: Engine) -> Seen {
    match engine {
        Engine::Postgres => Seen {
            blocks: names(effect.blocks),
            blocks_writes: names(effect.blocks_writes),
            reads: names(effect.reads),
            copies: Names::new(),
        },
        Engine::Sqlite => Seen {
            reads: names(effect.reads_on_sqlite),
            copies: names(effect.copies_on_sqlite),
            ..Seen::default()
        },
    }
}

/// One of each, in the tables that the first migrations make: later ones have something to read.
fn rows(engine: Engine) -> String {
    let id = |number: u8| match engine {
        Engine::Sqlite => format!("x'{number:032x}'"),
        Engine::Postgres => format!("'00000000-0000-0000-0000-{number:012}'"),
    };
    let (payer, provider, patient, visit) = (id(1), id(2), id(3), id(4));
    let at = "'2026-12-01T10:00:00+00:00'";
    format!(
        "INSERT INTO insurance VALUES ({payer}, 'Aetna');
         INSERT INTO provider VALUES ({provider}, 'r', 'n', 'MD', 'America/New_York');
         INSERT INTO working_hours VALUES ({provider}, 'MONDAY', '09:00', '17:00');
         INSERT INTO patient VALUES ({patient}, 'n', 'e', 'n', 'e', 'CT', {payer}, {at}, {at});
         INSERT INTO appointment (id, provider_id, patient_id, starts_at, ends_at, status, version, state,
             insurance_id, external_id, created_at, updated_at)
         VALUES ({visit}, {provider}, {patient}, {at}, '2026-12-01T10:30:00+00:00', 'CONFIRMED', 1, 'CT', {payer},
             'outside', {at}, {at});
         INSERT INTO outbox (appointment_id, attempts, due_at, created_at) VALUES ({visit}, 0, {at}, {at});
         INSERT INTO idempotency_key VALUES ('s', 'k', 'h', {visit}, {at});"
    )
}

const TABLES: &str = "SELECT relname::text, relfilenode::text FROM pg_class
    WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname <> 'seaql_migrations'";
const SCANS: &str =
    "SELECT relname::text, (seq_scan + n_tup_upd)::text FROM pg_stat_xact_user_tables
    WHERE relname <> 'seaql_migrations'";
const LOCKS: &str =
    "SELECT relname::text, mode FROM pg_locks JOIN pg_class ON pg_class.oid = relation
    WHERE pid = pg_backend_pid() AND relkind = 'r' AND mode IN
        ('AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock')";

/// Applies the next migration in that transaction, and looks at what it holds.
async fn on_postgres(tx: &DatabaseTransaction) -> Seen {
    let (tables, before) = (map(tx, TABLES).await, map(tx, SCANS).await);
    Migrator::up(tx, Some(1)).await.unwrap();
    let (mut seen, mut indexed) = (Seen::default(), Names::new());
    for (table, mode) in pairs(tx, LOCKS).await {
        if !tables.contains_key(&table) {
            continue;
        }
        match mode.as_str() {
            "AccessExclusiveLock" => seen.blocks.insert(table),
            mode => {
                if mode == "ShareLock" {
                    indexed.insert(table.clone());
                }
                seen.blocks_writes.insert(table)
            }
        };
    }
    seen.blocks_writes.retain(|table| !seen.blocks.contains(table));
    let after = map(tx, TABLES).await;
    for (table, scans) in map(tx, SCANS).await {
        let was_there = tables.contains_key(&table);
        let scanned = before.get(&table).map_or("0", String::as_str) != scans;
        // A table that is referred to is only looked up in.
        let is_own = seen.blocks.contains(&table) || indexed.contains(&table);
        if was_there && scanned && is_own {
            seen.reads.insert(table);
        }
    }
    for (table, file) in &tables {
        let written_anew = after.get(table).is_some_and(|now| now != file);
        assert!(!written_anew || seen.reads.contains(table), "{table} is written anew, unread");
    }
    seen
}

const FILES: &str = "SELECT name, CAST(rootpage AS text) FROM sqlite_schema WHERE type = 'table'
    AND name NOT LIKE 'sqlite_%' AND name <> 'seaql_migrations'";
const COLUMNS: &str =
    "SELECT t.name, CAST(count(*) AS text) FROM sqlite_schema AS t, pragma_table_info(t.name)
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' GROUP BY t.name";
const INDEXES: &str =
    "SELECT name || ' ' || rootpage || ' ' || ifnull(sql, ''), tbl_name FROM sqlite_schema
    WHERE type = 'index'";

/// The same on `SQLite`, which says nothing of what it reads: it reads every row to index it, and after a
/// column is added to or dropped from a table that is STRICT, as ours are.
async fn on_sqlite(tx: &DatabaseTransaction) -> Seen {
    let (files, columns) = (map(tx, FILES).await, map(tx, COLUMNS).await);
    let indexes = map(tx, INDEXES).await;
    Migrator::up(tx, Some(1)).await.unwrap();
    let mut seen = Seen::default();
    for (table, file) in map(tx, FILES).await {
        if files.get(&table).is_some_and(|was| *was != file) {
            seen.copies.insert(table);
        }
    }
    for (table, count) in map(tx, COLUMNS).await {
        if columns.get(&table).is_some_and(|was| *was != count) {
            seen.reads.insert(table);
        }
    }
    for (index, table) in map(tx, INDEXES).await {
        if !indexes.contains_key(&index) && files.contains_key(&table) {
            seen.reads.insert(table);
        }
    }
    seen.reads.retain(|table| !seen.copies.contains(table));
    seen
}

/// What a server of the version before compares the database with, by its name.
async fn rules(db: &Db) -> BTreeMap<String, String> {
    let list = integrity::listed_as_it_is(db).await.unwrap();
    let line = |line: &str| {
        let (name, definition) = line.rsplit_once('\t').unwrap();
        (name.to_owned(), definition.to_owned())
    };
    list.lines().map(line).collect()
}

/// The columns that have to be named by whoever adds a row.
async fn wanted(conn: &DatabaseConnection, engine: Engine) -> BTreeMap<String, String> {
    let sql = match engine {
        Engine::Postgres => {
            "SELECT table_name || '.' || column_name, table_name::text FROM information_schema.columns
              WHERE table_schema = current_schema() AND is_nullable = 'NO' AND column_default IS NULL
                AND is_identity = 'NO'"
        }
        Engine::Sqlite => {
            "SELECT t.name || '.' || c.name, t.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
              WHERE t.type = 'table' AND c.\"notnull\" = 1 AND c.dflt_value IS NULL"
        }
    };
    map(conn, sql).await
}

/// Whether servers of before go on: all that they compare is there, what keeps visits apart is as it was, and
/// rows that they add are taken.
fn go_on(
    before: (&BTreeMap<String, String>, &BTreeMap<String, String>),
    after: (&BTreeMap<String, String>, &BTreeMap<String, String>),
) -> bool {
    let kept = before.0.iter().all(|(name, definition)| match after.0.get(name) {
        Some(same) => same == definition || !name.contains("_no_overlap"),
        None => false,
    });
    let had: Names = before.1.values().cloned().collect();
    let asked =
        |(column, table): (&String, &String)| before.1.contains_key(column) || !had.contains(table);
    kept && after.1.iter().all(asked)
}

on_both_engines! {
    async fn each_migration_locks_and_reads_what_it_says(engine) {
        let database = TestDatabase::create(engine).await;
        let conn = database.connect().await;
        let db = Db::connect(&database.url, 2).await.unwrap();
        let mut wrong = Vec::new();
        for (number, step) in migration::steps().into_iter().enumerate() {
            let (known, asked) = (rules(&db).await, wanted(&conn, engine).await);
            let tx = conn.begin().await.unwrap();
            let seen = match engine {
                Engine::Postgres => on_postgres(&tx).await,
                Engine::Sqlite => on_sqlite(&tx).await,
            };
            tx.commit().await.unwrap();
            let effect = step.effect();
            if seen != declared(&effect, engine) {
                wrong.push(format!("{} does otherwise than it says: {seen:?}", step.name()));
            }
            let goes_on = go_on((&known, &asked), (&rules(&db).await, &wanted(&conn, engine).await));
            if goes_on == effect.ends_the_version_before {
                wrong.push(format!("{}: servers of before go on: {goes_on}", step.name()));
            }
            if step.name().ends_with("_idempotency_key") {
                conn.execute_unprepared(&rows(engine)).await.unwrap();
            }
            assert!(number < 10 || database.number("SELECT count(*) FROM appointment").await == 1);
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        db.close().await;
        conn.close().await.unwrap();
    }
}
