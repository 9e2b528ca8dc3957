//! What has no seal yet, and how far rows may still come.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::row::{entry_in, selected};
use crate::db::engine::{Engine, StoreError};
use crate::domain::audit::StoredAuditEntry;

/// The rows after that number that have no seal, in order, at most so many.
///
/// # Errors
///
/// [`StoreError`] when the database fails or a row can't be read.
pub async fn unsealed(
    conn: &impl ConnectionTrait,
    after: i64,
    limit: u32,
) -> Result<Vec<StoredAuditEntry>, StoreError> {
    let numbers = format!(
        "SELECT fresh.number FROM audit_event AS fresh WHERE fresh.number > $1
            AND NOT EXISTS (SELECT 1 FROM audit_seal WHERE audit_seal.event = fresh.number)
          ORDER BY fresh.number LIMIT {limit}"
    );
    // The numbers by themselves, which an index holds: rows are wide, and nearly all are sealed.
    let among = match Engine::of(conn) {
        Engine::Postgres => format!("= ANY (ARRAY ({numbers}))"),
        Engine::Sqlite => format!("IN ({numbers})"),
    };
    let sql = format!(
        "SELECT {} FROM audit_event AS event WHERE event.number {among} ORDER BY event.number",
        selected("event")
    );
    let statement =
        Statement::from_sql_and_values(conn.get_database_backend(), sql, [after.into()]);
    let rows = conn.query_all_raw(statement).await?;
    rows.iter().map(|row| entry_in(row, 0, Engine::of(conn))).collect()
}

/// The number of the row that is sealed last, in the order of the seals.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn last_sealed(conn: &impl ConnectionTrait) -> Result<i64, StoreError> {
    let sql = "SELECT event FROM audit_seal ORDER BY seq DESC LIMIT 1";
    let row = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), sql)).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default())
}

/// How far rows may still come: what every number that was given has to do with transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// The last number that was given to a row.
    pub last_number: i64,
    /// Every transaction before this one has ended.
    pub oldest_open: i64,
    /// No transaction has this number yet.
    pub next: i64,
}

/// How far rows may still come on `PostgreSQL`, where one that was numbered earlier may be committed
/// later.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn horizon(conn: &impl ConnectionTrait) -> Result<Horizon, StoreError> {
    let sql = "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('audit_event', 'number')::regclass), 0),
                      pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
                      pg_snapshot_xmax(pg_current_snapshot())::text::bigint";
    let row = conn.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("snapshot"))?;
    Ok(Horizon {
        last_number: row.try_get_by_index(0)?,
        oldest_open: row.try_get_by_index(1)?,
        next: row.try_get_by_index(2)?,
    })
}
