//! Sealing: the chain's seals, its end, and where it may begin.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};
use uuid::Uuid;

use super::row::{instant_in, mac_in, unreadable};
use super::write::insert_statement;
use crate::db::engine::{Engine, StoreError, to_db};
use crate::domain::audit::{AuditMark, AuditSeal, SEALS_A_BLOCK};

/// Any number that nothing else locks: it keeps sealers one at a time.
const SEALER_LOCK: i64 = 0x636c_696e_6963_0002;
/// How many rows of a few columns one statement writes at most.
const LARGEST: usize = 512;

/// Takes the turn to seal until the transaction ends, unless another replica has it. On `SQLite` the
/// write lock is the turn.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn take_turn(tx: &impl ConnectionTrait) -> Result<bool, StoreError> {
    if Engine::of(tx) == Engine::Sqlite {
        return Ok(true);
    }
    let sql = format!("SELECT pg_try_advisory_xact_lock({SEALER_LOCK})");
    let row = tx.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(row.ok_or_else(|| StoreError::unreadable("lock"))?.try_get_by_index(0)?)
}

/// Where the chain ends.
///
/// # Errors
///
/// [`StoreError`] when the database fails or it can't be read.
pub async fn head(conn: &impl ConnectionTrait) -> Result<Option<AuditMark>, StoreError> {
    let sql = "SELECT seq, at, key_id, mac, signature FROM audit_head";
    let row = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), sql)).await?;
    row.map(|row| mark_in(&row, Engine::of(conn))).transpose()
}

/// The last checkpoint, below which rows may be gone.
///
/// # Errors
///
/// [`StoreError`] when the database fails or it can't be read.
pub async fn last_checkpoint(conn: &impl ConnectionTrait) -> Result<Option<AuditMark>, StoreError> {
    let sql =
        "SELECT seq, at, key_id, mac, signature FROM audit_checkpoint ORDER BY seq DESC LIMIT 1";
    let row = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), sql)).await?;
    row.map(|row| mark_in(&row, Engine::of(conn))).transpose()
}

fn mark_in(row: &QueryResult, engine: Engine) -> Result<AuditMark, StoreError> {
    let (mac, signature): (Vec<u8>, Vec<u8>) = (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
    Ok(AuditMark {
        seq: row.try_get_by_index(0)?,
        at: instant_in(row, 1, engine)?,
        key_id: row.try_get_by_index(2)?,
        mac: mac_in(&mac)?,
        signature: mac_in(&signature)?,
    })
}

fn mark_values(mark: &AuditMark) -> [Value; 5] {
    [
        mark.seq.into(),
        to_db(mark.at).into(),
        mark.key_id.clone().into(),
        mark.mac.to_vec().into(),
        mark.signature.to_vec().into(),
    ]
}

/// Lets the chain end there, unless it has moved on from `before`: then false.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn move_head(
    tx: &impl ConnectionTrait,
    before: i64,
    head: &AuditMark,
) -> Result<bool, StoreError> {
    let sql = "UPDATE audit_head SET seq = $1, at = $2, key_id = $3, mac = $4, signature = $5
                WHERE id = 1 AND seq = $6";
    let values = mark_values(head).into_iter().chain([before.into()]);
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.execute_raw(statement).await?.rows_affected() == 1)
}

/// Writes seals.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn put_seals(tx: &impl ConnectionTrait, seals: &[AuditSeal]) -> Result<(), StoreError> {
    let none = || {
        let bytes = || Value::from(None::<Vec<u8>>);
        vec![Value::from(None::<i64>), Value::from(None::<i64>), bytes(), bytes()]
    };
    for some in seals.chunks(LARGEST) {
        let row = |seal: &AuditSeal| {
            vec![
                seal.seq.into(),
                seal.event.into(),
                seal.key_id.clone().into(),
                seal.mac.to_vec().into(),
            ]
        };
        let mut rows: Vec<Vec<Value>> = some.iter().map(row).collect();
        rows.resize_with(some.len().next_power_of_two(), none);
        let columns =
            [("seq", "bigint"), ("event", "bigint"), ("key_id", "bytea"), ("mac", "bytea")];
        tx.execute_raw(insert_statement(tx, "audit_seal", &columns, rows, "")).await?;
    }
    Ok(())
}

/// Notes in which blocks of seals whom a row is about occurs.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn put_subjects(
    tx: &impl ConnectionTrait,
    subjects: &BTreeSet<(Uuid, i64)>,
) -> Result<(), StoreError> {
    let subjects: Vec<&(Uuid, i64)> = subjects.iter().collect();
    let none = || vec![Value::from(None::<Uuid>), Value::from(None::<i64>)];
    for some in subjects.chunks(LARGEST) {
        let row = |(subject, block): &&(Uuid, i64)| vec![(*subject).into(), (*block).into()];
        let mut rows: Vec<Vec<Value>> = some.iter().map(row).collect();
        rows.resize_with(some.len().next_power_of_two(), none);
        let (columns, more) =
            ([("subject", "uuid"), ("block", "bigint")], "ON CONFLICT DO NOTHING");
        tx.execute_raw(insert_statement(tx, "audit_subject", &columns, rows, more)).await?;
    }
    Ok(())
}

/// Where a checkpoint may stand so that all before that moment goes and no more: the last seal of a
/// whole block below the first row that is not older, if there is one above the last checkpoint.
///
/// # Errors
///
/// [`StoreError`] when the database fails or it can't be read.
pub async fn forgettable(
    conn: &impl ConnectionTrait,
    before: jiff::Timestamp,
) -> Result<Option<AuditSeal>, StoreError> {
    let sql = format!(
        "SELECT seq, event, key_id, mac FROM audit_seal
          WHERE seq % {SEALS_A_BLOCK} = {SEALS_A_BLOCK} - 1
            AND seq > (SELECT coalesce(max(seq), 0) FROM audit_checkpoint)
            AND seq < (SELECT coalesce(min(seal.seq), (SELECT seq + 1 FROM audit_head))
                         FROM (SELECT number FROM audit_event WHERE at >= $1
                                ORDER BY at, number LIMIT 10000) AS kept
                         JOIN audit_seal AS seal ON seal.event = kept.number)
          ORDER BY seq DESC LIMIT 1"
    );
    let values = [to_db(before).into()];
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    conn.query_one_raw(statement).await?.map(|row| seal_in(&row)).transpose()
}

pub(super) fn seal_in(row: &QueryResult) -> Result<AuditSeal, StoreError> {
    let mac: Vec<u8> = row.try_get_by_index(3)?;
    Ok(AuditSeal {
        seq: row.try_get_by_index(0)?,
        event: row.try_get_by_index(1)?,
        key_id: row.try_get_by_index(2)?,
        mac: mac_in(&mac)?,
    })
}

/// Writes a checkpoint.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn put_checkpoint(
    tx: &impl ConnectionTrait,
    checkpoint: &AuditMark,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO audit_checkpoint (seq, at, key_id, mac, signature) VALUES ($1, $2, $3, $4, $5)";
    let values = mark_values(checkpoint);
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// Removes what stands below the last checkpoint: rows with their seals, about so many; says how many
/// rows went.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn forget_below(db: &impl ConnectionTrait, limit: i64) -> Result<u64, StoreError> {
    let backend = db.get_database_backend();
    let sql = String::from(
        "SELECT min(audit_seal.seq), mark.seq FROM audit_seal,
                (SELECT coalesce(max(seq), 0) AS seq FROM audit_checkpoint) AS mark
          WHERE audit_seal.seq <= mark.seq GROUP BY mark.seq",
    );
    let Some(row) = db.query_one_raw(Statement::from_string(backend, sql)).await? else {
        return Ok(0);
    };
    let (first, last): (Option<i64>, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let first = first.ok_or_else(unreadable)?;
    let up_to = last.min(first.saturating_add(limit));
    let run = async |sql: &str, value: i64| {
        let statement = Statement::from_sql_and_values(backend, sql, [value.into()]);
        db.execute_raw(statement).await.map(|done| done.rows_affected())
    };
    // The seal last: it is what allows a row to go.
    let rows =
        "DELETE FROM audit_event WHERE number IN (SELECT event FROM audit_seal WHERE seq <= $1)";
    let gone = run(rows, up_to).await?;
    run("DELETE FROM audit_seal WHERE seq <= $1", up_to).await?;
    let whole_blocks = (up_to + 1).div_euclid(SEALS_A_BLOCK);
    run("DELETE FROM audit_subject WHERE block < $1", whole_blocks).await?;
    Ok(gone)
}
