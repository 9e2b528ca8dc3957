//! What has no seal yet, and how far rows may still come.

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::row::{entry_in, instant_in, selected};
use crate::db::engine::{Engine, StoreError};
use crate::domain::audit::StoredAuditEntry;

/// So many rows that wait are counted; more are too many anyway.
const COUNTED: u32 = 10_000;
/// On `PostgreSQL` a row that was numbered earlier may be committed later: it is looked for among so many before the
/// last that is sealed. Where more came meanwhile, the sealer finds it within seconds all the same.
const LATE: i64 = 1_000;

/// What waits for its seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingForSeal {
    /// How many rows, up to 10,000.
    pub count: u64,
    /// Since when the oldest of them does.
    pub since: Option<Timestamp>,
}

/// What waits for its seal: by the indexes of the numbers, of rows that came last.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn waiting_for_seal(conn: &impl ConnectionTrait) -> Result<WaitingForSeal, StoreError> {
    let engine = Engine::of(conn);
    let after = match engine {
        Engine::Sqlite => last_sealed(conn).await?,
        Engine::Postgres => last_sealed(conn).await?.saturating_sub(LATE),
    };
    let sql = format!(
        "WITH waiting AS ({})
         SELECT (SELECT count(*) FROM waiting), at FROM audit_event
          WHERE number = (SELECT min(number) FROM waiting)",
        unsealed_numbers(COUNTED)
    );
    let statement =
        Statement::from_sql_and_values(conn.get_database_backend(), sql, [after.into()]);
    let Some(row) = conn.query_one_raw(statement).await? else {
        return Ok(WaitingForSeal { count: 0, since: None });
    };
    let count: i64 = row.try_get_by_index(0)?;
    let count = u64::try_from(count).unwrap_or_default();
    Ok(WaitingForSeal { count, since: Some(instant_in(&row, 1, engine)?) })
}

/// The numbers after `$1` of rows that have no seal, in order, at most so many.
fn unsealed_numbers(limit: u32) -> String {
    format!(
        "SELECT fresh.number FROM audit_event AS fresh WHERE fresh.number > $1
            AND NOT EXISTS (SELECT 1 FROM audit_seal WHERE audit_seal.event = fresh.number)
          ORDER BY fresh.number LIMIT {limit}"
    )
}

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
    let numbers = unsealed_numbers(limit);
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
