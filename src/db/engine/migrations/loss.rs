//! What would be lost by taking migrations back: tried, counted, and undone.

use std::collections::BTreeMap;

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Statement};

use super::library::told;
use crate::db::engine::error::StoreError;
use crate::db::engine::kind::Engine;
use crate::db::engine::tx::Tx;

/// How many rows would be lost, table by table.
#[derive(Debug, PartialEq, Eq)]
pub struct Loss(BTreeMap<String, u64>);

impl Loss {
    /// Of all tables.
    pub fn rows(&self) -> u64 {
        self.0.values().sum()
    }

    /// Each table that loses any.
    pub fn tables(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(table, rows)| (table.as_str(), *rows))
    }
}

/// Takes back the latest `steps` migrations, or all, applies them again, counts what has not come
/// back by that, and undoes it all. Nobody else can write meanwhile, nor until `tx` ends.
pub(super) async fn measure(tx: &Tx, steps: Option<u32>) -> Result<Loss, StoreError> {
    let tables = tables(tx).await?;
    if Engine::of(tx) == Engine::Postgres && !tables.is_empty() {
        let all = tables.join(", ");
        tx.execute_unprepared(&format!("LOCK TABLE {all} IN ACCESS EXCLUSIVE MODE")).await?;
    }
    let before = counts(tx, &tables).await?;
    tx.execute_unprepared("SAVEPOINT trial").await?;
    Migrator::down(tx.conn()?, steps).await.map_err(told)?;
    Migrator::up(tx.conn()?, None).await.map_err(told)?;
    let still_there = self::tables(tx).await?;
    let after = counts(tx, &still_there).await?;
    tx.execute_unprepared("ROLLBACK TO trial; RELEASE trial").await?;
    let lost = before.into_iter().filter_map(|(table, rows)| {
        let kept = after.get(&table).copied().unwrap_or_default();
        Some((table, rows.saturating_sub(kept))).filter(|(_, lost)| *lost > 0)
    });
    Ok(Loss(lost.collect()))
}

/// Their names, quoted; not the one in which the migrations are noted.
async fn tables(tx: &Tx) -> Result<Vec<String>, StoreError> {
    let sql = match Engine::of(tx) {
        Engine::Postgres => {
            "SELECT quote_ident(tablename::text) FROM pg_tables
              WHERE schemaname = current_schema() AND tablename <> 'seaql_migrations'"
        }
        Engine::Sqlite => {
            "SELECT '\"' || name || '\"' FROM sqlite_schema WHERE type = 'table'
                AND name <> 'seaql_migrations' AND name NOT LIKE 'sqlite_%'"
        }
    };
    let statement = Statement::from_string(tx.get_database_backend(), sql);
    let rows = tx.query_all_raw(statement).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

async fn counts(tx: &Tx, tables: &[String]) -> Result<BTreeMap<String, u64>, StoreError> {
    let mut counts = BTreeMap::new();
    for table in tables {
        let sql = format!("SELECT count(*) FROM {table}");
        let statement = Statement::from_string(tx.get_database_backend(), sql);
        let row = tx.query_one_raw(statement).await?;
        let row = row.ok_or_else(|| StoreError::unreadable("count"))?;
        let count: i64 = row.try_get_by_index(0)?;
        counts.insert(table.trim_matches('"').to_owned(), u64::try_from(count).unwrap_or(0));
    }
    Ok(counts)
}
