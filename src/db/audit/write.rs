//! Writing rows. Nothing here changes or removes one.

use sea_orm::{ConnectionTrait, Statement, Value};

use super::row::{COLUMNS, no_values, values};
use crate::db::engine::{Engine, StoreError};
use crate::domain::audit::{AuditEntry, Mac};

/// How many rows one statement writes at most: more parameters than these need no database takes.
const LARGEST: usize = 128;

/// Writes rows in a transaction, by one statement as long as there are at most 128.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    rows: &[(AuditEntry, Mac)],
) -> Result<(), StoreError> {
    for some in rows.chunks(LARGEST) {
        tx.execute_raw(statement(tx, some, "")).await?;
    }
    Ok(())
}

/// Writes rows that nobody's transaction has: outside one, which saves `PostgreSQL` two ways to the server
/// and back, or in one. What is stored already is left: it may be said again when it is not known whether
/// it was.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn insert_by_themselves(
    conn: &impl ConnectionTrait,
    rows: &[(AuditEntry, Mac)],
) -> Result<(), StoreError> {
    for some in rows.chunks(LARGEST) {
        conn.execute_raw(statement(conn, some, "ON CONFLICT (id) DO NOTHING")).await?;
    }
    Ok(())
}

/// A statement for as many rows as the next power of two, so that there are few to be prepared: those
/// that are too many are NULL and left out.
fn statement(conn: &impl ConnectionTrait, rows: &[(AuditEntry, Mac)], more: &str) -> Statement {
    let mut bound: Vec<Vec<Value>> = rows.iter().map(|(entry, mac)| values(entry, mac)).collect();
    bound.resize_with(rows.len().next_power_of_two(), no_values);
    insert_statement(
        conn,
        "audit_event",
        &COLUMNS.map(|column| (column, type_of(column))),
        bound,
        more,
    )
}

/// The type of a column of rows on `PostgreSQL`.
fn type_of(column: &str) -> &'static str {
    match column {
        "id" | "changed_appointment" => "uuid",
        "at" => "timestamptz",
        "patients" | "appointments" | "mac" => "bytea",
        "version_before" | "version_after" => "integer",
        _ => "text",
    }
}

/// `INSERT` of rows whose first value is not NULL.
pub(super) fn insert_statement(
    conn: &impl ConnectionTrait,
    table: &str,
    columns: &[(&str, &str)],
    rows: Vec<Vec<Value>>,
    more: &str,
) -> Statement {
    let width = columns.len();
    let place = |(number, ty): (usize, &str)| match Engine::of(conn) {
        Engine::Postgres => format!("${number}::{ty}"),
        Engine::Sqlite => format!("?{number}"),
    };
    let row = |row: usize| {
        let numbered = columns.iter().enumerate();
        let places = numbered.map(|(column, (_, ty))| place((row * width + column + 1, ty)));
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    let places: Vec<String> = (0..rows.len()).map(row).collect();
    let named: Vec<String> = (1..=width).map(|column| format!("column{column}")).collect();
    let sql = format!(
        "INSERT INTO {table} ({}) SELECT {} FROM (VALUES {}) AS bound WHERE column1 IS NOT NULL {more}",
        columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "),
        named.join(", "),
        places.join(", "),
    );
    let values: Vec<Value> = rows.into_iter().flatten().collect();
    Statement::from_sql_and_values(conn.get_database_backend(), sql, values)
}
