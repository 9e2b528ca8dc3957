//! Changing what `SQLite` can't change: a CHECK, or whether a column may be NULL. What it says of a table is
//! written anew, as its manual tells (`lang_altertable`, "Making Other Kinds Of Table Schema Changes"): a
//! copy of the table would take the rows of all tables that refer to it along, when the old one is dropped.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};

/// Replaces each first text by the second in what is said of a table; each must be there. A column that is
/// added or dropped in the same migration has the other connections read the schema again. Nothing on
/// another engine.
pub(crate) async fn rewrite(
    manager: &SchemaManager<'_>,
    table: &str,
    changes: impl IntoIterator<Item = (&str, &str)>,
) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    let conn = manager.get_connection();
    conn.execute_unprepared("PRAGMA writable_schema = ON").await?;
    let mut rewritten = Ok(());
    for (from, to) in changes {
        let sql = "UPDATE sqlite_schema SET sql = replace(sql, $1, $2)
                    WHERE type = 'table' AND name = $3 AND instr(sql, $1) > 0";
        let values = [from.into(), to.into(), table.into()];
        let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
        rewritten = match conn.execute_raw(statement).await {
            Ok(done) if done.rows_affected() == 1 => continue,
            Ok(_) => {
                let message = format!("table {table} is not as expected: it has no {from}");
                Err(DbErr::Migration(message))
            }
            Err(error) => Err(error),
        };
        break;
    }
    // Whatever came of it, this connection writes no schema from here on.
    conn.execute_unprepared("PRAGMA writable_schema = RESET").await?;
    rewritten
}
