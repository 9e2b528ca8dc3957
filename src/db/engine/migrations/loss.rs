//! What would be lost by taking migrations back: tried, counted, and undone.

use std::collections::BTreeMap;

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Statement};

use super::library::told;
use crate::db::engine::error::StoreError;
use crate::db::engine::kind::Engine;
use crate::db::engine::tx::Tx;

/// What the program makes anew of what stays: nothing is lost with it.
const MADE_ANEW: [&str; 2] = ["folded_name", "search_text"];

/// How many rows would be lost, table by table.
#[derive(Debug, PartialEq, Eq)]
pub struct Loss(BTreeMap<String, LostRows>);

/// What one table would lose.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct LostRows {
    /// How many rows would be gone, or be without a value that they had.
    pub rows: u64,
    /// The columns that go with their values, where the rows stay.
    pub columns: Vec<String>,
}

impl Loss {
    /// Of all tables.
    pub fn rows(&self) -> u64 {
        self.0.values().map(|lost| lost.rows).sum()
    }

    /// Each table that loses any.
    pub fn tables(&self) -> impl Iterator<Item = (&str, &LostRows)> {
        self.0.iter().map(|(table, lost)| (table.as_str(), lost))
    }
}

/// A table as it is.
#[derive(Debug)]
struct Table {
    rows: u64,
    columns: Vec<String>,
}

/// By their names, which are quoted, as those of the columns are.
type Tables = BTreeMap<String, Table>;

/// Takes back the latest `steps` migrations, or all, applies them again, counts what has not come
/// back by that, and undoes it all. Nobody else can write meanwhile, nor until `tx` ends.
pub(super) async fn measure(tx: &Tx, steps: Option<u32>) -> Result<Loss, StoreError> {
    if Engine::of(tx) == Engine::Postgres {
        let all = names(tx).await?.join(", ");
        if !all.is_empty() {
            tx.execute_unprepared(&format!("LOCK TABLE {all} IN ACCESS EXCLUSIVE MODE")).await?;
        }
    }
    let before = tables(tx).await?;
    tx.execute_unprepared("SAVEPOINT trial").await?;
    Migrator::down(tx.conn()?, steps).await.map_err(told)?;
    let between = tables(tx).await?;
    tx.execute_unprepared("ROLLBACK TO trial").await?;
    let thinned = thinned(&before, &between);
    for Thinned { table, kept, stays, goes } in &thinned {
        let columns = [stays.as_slice(), goes.as_slice()].concat().join(", ");
        let copy = format!("CREATE TABLE {kept} AS SELECT {columns} FROM {table}");
        tx.execute_unprepared(&copy).await?;
    }
    Migrator::down(tx.conn()?, steps).await.map_err(told)?;
    Migrator::up(tx.conn()?, None).await.map_err(told)?;
    let after = tables(tx).await?;
    let mut lost = BTreeMap::new();
    for (name, table) in &before {
        let rows = table.rows.saturating_sub(after.get(name).map_or(0, |table| table.rows));
        lost.insert(name.clone(), LostRows { rows, columns: Vec::new() });
    }
    for thinned in &thinned {
        lost.insert(thinned.table.clone(), thinned.lost(tx).await?);
    }
    tx.execute_unprepared("ROLLBACK TO trial; RELEASE trial").await?;
    let lost = lost.into_iter().filter(|(_, lost)| lost.rows > 0);
    Ok(Loss(lost.map(|(table, lost)| (table.trim_matches('"').to_owned(), lost)).collect()))
}

/// A table that stays and loses columns, and where a copy of it is kept to compare with.
struct Thinned {
    table: String,
    kept: String,
    stays: Vec<String>,
    goes: Vec<String>,
}

fn thinned(before: &Tables, after: &Tables) -> Vec<Thinned> {
    let losing = before.iter().enumerate().filter_map(|(number, (table, was))| {
        let is = after.get(table)?;
        let columns = was.columns.iter().cloned();
        let columns = columns.filter(|it| !MADE_ANEW.contains(&it.trim_matches('"')));
        let (stays, goes): (Vec<_>, Vec<_>) = columns.partition(|it| is.columns.contains(it));
        let kept = format!("clinic_kept_{number}");
        Some(Thinned { table: table.clone(), kept, stays, goes })
    });
    losing.filter(|it| !it.goes.is_empty()).collect()
}

impl Thinned {
    /// The rows that are not there again as they were: each has its key among its columns.
    async fn lost(&self, tx: &Tx) -> Result<LostRows, StoreError> {
        let rows = self.differ(tx, &self.goes).await?;
        let mut columns = Vec::new();
        for column in &self.goes {
            if self.differ(tx, std::slice::from_ref(column)).await? > 0 {
                columns.push(column.trim_matches('"').to_owned());
            }
        }
        Ok(LostRows { rows, columns })
    }

    async fn differ(&self, tx: &Tx, goes: &[String]) -> Result<u64, StoreError> {
        let Self { table, kept, stays, .. } = self;
        let columns = [stays.as_slice(), goes].concat().join(", ");
        let rows = format!("SELECT {columns} FROM {kept} EXCEPT SELECT {columns} FROM {table}");
        number(tx, &format!("SELECT count(*) FROM ({rows}) gone")).await
    }
}

async fn tables(tx: &Tx) -> Result<Tables, StoreError> {
    let mut tables = BTreeMap::new();
    for name in names(tx).await? {
        let rows = number(tx, &format!("SELECT count(*) FROM {name}")).await?;
        let sql = match Engine::of(tx) {
            Engine::Postgres => {
                "SELECT quote_ident(attname::text) FROM pg_attribute
                  WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped"
            }
            Engine::Sqlite => "SELECT '\"' || name || '\"' FROM pragma_table_info(trim($1, '\"'))",
        };
        let engine = tx.get_database_backend();
        let statement = Statement::from_sql_and_values(engine, sql, [name.as_str().into()]);
        let columns = tx.query_all_raw(statement).await?;
        let columns = columns.iter().map(|row| Ok(row.try_get_by_index(0)?));
        let columns = columns.collect::<Result<_, StoreError>>()?;
        tables.insert(name, Table { rows, columns });
    }
    Ok(tables)
}

/// The names of the tables; not of the one in which the migrations are noted.
async fn names(tx: &Tx) -> Result<Vec<String>, StoreError> {
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

async fn number(tx: &Tx, sql: &str) -> Result<u64, StoreError> {
    let statement = Statement::from_string(tx.get_database_backend(), sql);
    let row = tx.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("count"))?;
    let number: i64 = row.try_get_by_index(0)?;
    Ok(u64::try_from(number).unwrap_or(0))
}
