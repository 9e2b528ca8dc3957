//! Locks that last until the transaction ends.
//!
//! Every transaction that writes a span of time takes the patient's lock and then the provider's,
//! one provider a transaction: in one order there is no deadlock. They are advisory and only keep
//! writers from wasting work; what keeps the book right is the constraint. On `SQLite` the write
//! lock of the transaction is the lock.

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

use super::{Engine, StoreError};
use crate::domain::{PatientId, ProviderId};

/// Waits for the patient's lock.
///
/// # Errors
///
/// [`StoreError::Unavailable`] after the lock time-out.
pub async fn patient(tx: &impl ConnectionTrait, id: PatientId) -> Result<(), StoreError> {
    wait_for(tx, id.uuid()).await
}

/// Waits for the provider's lock.
///
/// # Errors
///
/// [`StoreError::Unavailable`] after the lock time-out.
pub async fn provider(tx: &impl ConnectionTrait, id: ProviderId) -> Result<(), StoreError> {
    wait_for(tx, id.uuid()).await
}

/// Takes the provider's lock if it is free.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn try_provider(tx: &impl ConnectionTrait, id: ProviderId) -> Result<bool, StoreError> {
    if Engine::of(tx) == Engine::Sqlite {
        return Ok(true);
    }
    let statement = postgres("SELECT pg_try_advisory_xact_lock($1)", id.uuid());
    let row = tx.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("lock"))?;
    Ok(row.try_get_by_index(0)?)
}

async fn wait_for(tx: &impl ConnectionTrait, owner: Uuid) -> Result<(), StoreError> {
    if Engine::of(tx) == Engine::Postgres {
        tx.query_one_raw(postgres("SELECT pg_advisory_xact_lock($1)", owner)).await?;
    }
    Ok(())
}

fn postgres(sql: &str, owner: Uuid) -> Statement {
    // The last 8 bytes of a UUIDv7 are random: two owners share a lock once in 2^62.
    let (_, random) = owner.as_u64_pair();
    let key = random.cast_signed();
    Statement::from_sql_and_values(DbBackend::Postgres, sql, [key.into()])
}
