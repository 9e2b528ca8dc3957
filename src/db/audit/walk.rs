//! Reading the whole trail, for whoever verifies it: a stretch at a time, and what can't be read as a
//! finding and not as an end.

use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use super::row::{entry_in, selected};
use super::seals::seal_in;
use crate::db::engine::{Engine, StoreError, from_db};
use crate::domain::audit::{AuditSeal, StoredAuditEntry};

/// A seal and its row. `Ok(None)` where there is no such row, an error where one of the two can't be
/// read.
pub struct Linked {
    /// The place of the seal.
    pub seq: i64,
    /// The seal.
    pub seal: Result<AuditSeal, StoreError>,
    /// The row.
    pub row: Result<Option<StoredAuditEntry>, StoreError>,
}

/// A row that has no seal.
pub struct Unsealed {
    /// Its number.
    pub number: i64,
    /// Its moment, where that can be read.
    pub at: Option<jiff::Timestamp>,
    /// The row; an error where it can't be read.
    pub row: Result<StoredAuditEntry, StoreError>,
}

/// The seals after that place with their rows, in order, at most so many.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn walk(
    conn: &impl ConnectionTrait,
    after: i64,
    limit: u32,
) -> Result<Vec<Linked>, StoreError> {
    let engine = Engine::of(conn);
    let sql = format!(
        "SELECT seal.seq, seal.event, seal.key_id, seal.mac, {}
           FROM audit_seal AS seal LEFT JOIN audit_event AS event ON event.number = seal.event
          WHERE seal.seq > $1 ORDER BY seal.seq LIMIT {limit}",
        selected("event")
    );
    let statement =
        Statement::from_sql_and_values(conn.get_database_backend(), sql, [after.into()]);
    let rows = conn.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| {
            let number: Option<i64> = row.try_get_by_index(4)?;
            Ok(Linked {
                seq: row.try_get_by_index(0)?,
                seal: seal_in(row),
                row: number.map(|_there| entry_in(row, 4, engine)).transpose(),
            })
        })
        .collect()
}

/// The seal at that place.
///
/// # Errors
///
/// [`StoreError`] when the database fails or it can't be read.
pub async fn seal_at(
    conn: &impl ConnectionTrait,
    seq: i64,
) -> Result<Option<AuditSeal>, StoreError> {
    let sql = "SELECT seq, event, key_id, mac FROM audit_seal WHERE seq = $1";
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, [seq.into()]);
    conn.query_one_raw(statement).await?.map(|row| seal_in(&row)).transpose()
}

/// The highest number of a row that has a seal.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn highest_sealed(conn: &impl ConnectionTrait) -> Result<i64, StoreError> {
    let sql = "SELECT coalesce(max(event), 0) FROM audit_seal";
    let row = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), sql)).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("highest sealed number"))?;
    Ok(row.try_get_by_index(0)?)
}

/// Whether the trail has not begun: no row, no seal, and nothing says that it is written with a key.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn has_not_begun(conn: &impl ConnectionTrait) -> Result<bool, StoreError> {
    let sql = "SELECT (SELECT count(*) FROM audit_head WHERE seq = 0 AND length(key_id) = 0) = 1
                  AND NOT EXISTS (SELECT 1 FROM audit_event) AND NOT EXISTS (SELECT 1 FROM audit_seal)";
    let row = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), sql)).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("beginning of the audit trail"))?;
    Ok(row.try_get_by_index(0)?)
}

/// Of the rows numbered after `after`, a stretch of so many numbers: those that have no seal; and the last
/// number of the stretch, if rows come at or after it.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn unsealed_within(
    conn: &impl ConnectionTrait,
    after: i64,
    stretch: i64,
) -> Result<(Vec<Unsealed>, Option<i64>), StoreError> {
    let backend = conn.get_database_backend();
    let next = "SELECT min(number) FROM audit_event WHERE number > $1";
    let row =
        conn.query_one_raw(Statement::from_sql_and_values(backend, next, [after.into()])).await?;
    let first: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
    let Some(first) = first else { return Ok((Vec::new(), None)) };
    let last = first.saturating_add(stretch);
    let sql = format!(
        "SELECT event.at, {} FROM audit_event AS event
          WHERE event.number BETWEEN $1 AND $2
            AND NOT EXISTS (SELECT 1 FROM audit_seal WHERE audit_seal.event = event.number)
          ORDER BY event.number",
        selected("event")
    );
    let values = [first.into(), last.into()];
    let rows = conn.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    let found = rows.iter().map(|row| {
        let at = row.try_get_by_index(0).map_err(StoreError::from).and_then(from_db).ok();
        let number = row.try_get_by_index(1)?;
        Ok::<_, StoreError>(Unsealed { number, at, row: entry_in(row, 1, Engine::of(conn)) })
    });
    Ok((found.collect::<Result<_, _>>()?, Some(last)))
}

/// Who occurs in which block of seals, after that one, in order, at most so many.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn subjects_after(
    conn: &impl ConnectionTrait,
    (subject, block): (Uuid, i64),
    limit: u32,
) -> Result<Vec<(Uuid, i64)>, StoreError> {
    let sql = format!(
        "SELECT subject, block FROM audit_subject WHERE (subject, block) > ($1, $2)
          ORDER BY subject, block LIMIT {limit}"
    );
    let values = [subject.into(), block.into()];
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    let rows = conn.query_all_raw(statement).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}
