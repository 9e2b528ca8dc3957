//! Locks that last until the transaction ends.
//!
//! Every transaction that writes a span of time takes the patient's lock and then the provider's,
//! one provider a transaction: in one order there is no deadlock. Whoever moves a series takes its row before
//! them, and the providers of its visits in the order of their ids. They are advisory and only keep
//! writers from wasting work; what keeps the book right is the constraint. On `SQLite` the write
//! lock of the transaction is the lock. Whoever takes them is told whether the constraint is there.

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};
use uuid::Uuid;

use super::error::StoreError;
use super::integrity::{self, MARK};
use super::kind::Engine;
use super::tx::Tx;
use crate::domain::name_and_address::email_key;
use crate::domain::{PatientId, ProviderId};

/// Keeps the locks of addresses apart from all others, which have one number ("addr" in ASCII).
const ADDRESS_LOCKS: i32 = 0x6164_6472;

/// Those of the people, and of the accounts that somebody tries to sign in to ("peop", "sign").
const PEOPLE_LOCKS: i32 = 0x7065_6f70;
const SIGN_IN_LOCKS: i32 = 0x7369_676e;

/// That of the webhook endpoints ("hook").
const WEBHOOK_LOCKS: i32 = 0x686f_6f6b;

/// Those of whoever holds times ("hold").
const HOLDER_LOCKS: i32 = 0x686f_6c64;

/// That of the roster ("rost").
const ROSTER_LOCKS: i32 = 0x726f_7374;

/// Waits for the patient's lock, and then for the provider's.
///
/// # Errors
///
/// [`StoreError::Unavailable`] after the lock time-out, and when what keeps the book right is not
/// what was read of it.
pub async fn wait(tx: &Tx, patient: PatientId, provider: ProviderId) -> Result<(), StoreError> {
    match Engine::of(tx) {
        Engine::Postgres => {
            claim(tx, "pg_advisory_xact_lock", of_patient(patient), provider).await.map(drop)
        }
        Engine::Sqlite => integrity::check_claim(tx).await,
    }
}

/// Waits for the patient's lock, and then takes the provider's if it is free.
///
/// # Errors
///
/// [`StoreError::Unavailable`] as [`wait`].
pub async fn try_provider(
    tx: &Tx,
    patient: PatientId,
    provider: ProviderId,
) -> Result<bool, StoreError> {
    if Engine::of(tx) == Engine::Sqlite {
        return integrity::check_claim(tx).await.map(|()| true);
    }
    let first = of_patient(patient);
    let row = claim(tx, "pg_try_advisory_xact_lock", first, provider).await?;
    Ok(row.try_get_by_index(1)?)
}

/// Waits for the lock of whoever holds times, in place of a patient's, and then for the provider's.
///
/// # Errors
///
/// [`StoreError::Unavailable`] as [`wait`].
pub async fn wait_as_holder(tx: &Tx, holder: &str, provider: ProviderId) -> Result<(), StoreError> {
    match Engine::of(tx) {
        Engine::Postgres => {
            let first = ("$2, hashtext($3)", vec![HOLDER_LOCKS.into(), holder.into()]);
            claim(tx, "pg_advisory_xact_lock", first, provider).await.map(drop)
        }
        Engine::Sqlite => integrity::check_claim(tx).await,
    }
}

/// Waits until nobody else makes a patient at that address. Whoever takes it takes it before all
/// others.
///
/// # Errors
///
/// [`StoreError::Unavailable`] after the lock time-out.
pub async fn address(tx: &impl ConnectionTrait, email: &str) -> Result<(), StoreError> {
    if Engine::of(tx) == Engine::Postgres {
        let sql = "SELECT pg_advisory_xact_lock($1, hashtext($2))";
        let keys = [ADDRESS_LOCKS.into(), email_key(email).into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, keys);
        tx.query_one_raw(statement).await?;
    }
    Ok(())
}

/// Waits until nobody else changes who may come in.
///
/// # Errors
///
/// [`StoreError::Unavailable`] after the lock time-out.
pub async fn people(tx: &impl ConnectionTrait) -> Result<(), StoreError> {
    alone(tx, PEOPLE_LOCKS).await
}

/// Waits until nobody else makes a webhook endpoint.
///
/// # Errors
///
/// [`StoreError::Unavailable`] after the lock time-out.
pub async fn webhooks(tx: &impl ConnectionTrait) -> Result<(), StoreError> {
    alone(tx, WEBHOOK_LOCKS).await
}

async fn alone(tx: &impl ConnectionTrait, lock: i32) -> Result<(), StoreError> {
    if Engine::of(tx) == Engine::Postgres {
        let sql = "SELECT pg_advisory_xact_lock($1, 0)";
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [lock.into()]);
        tx.query_one_raw(statement).await?;
    }
    Ok(())
}

/// Waits for the provider's lock, as bookings with them do, alone: whoever takes it takes no patient's after
/// it.
///
/// # Errors
///
/// [`StoreError::Unavailable`] after the lock time-out.
pub async fn provider(tx: &impl ConnectionTrait, id: ProviderId) -> Result<(), StoreError> {
    if Engine::of(tx) == Engine::Postgres {
        let sql = "SELECT pg_advisory_xact_lock($1)";
        let keys = [key(id.uuid()).into()];
        tx.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, keys)).await?;
    }
    Ok(())
}

/// Waits until nobody else changes what is the clinic's in the roster. Whoever takes it takes it before any
/// provider's.
///
/// # Errors
///
/// [`StoreError::Unavailable`] after the lock time-out.
pub async fn roster(tx: &impl ConnectionTrait) -> Result<(), StoreError> {
    if Engine::of(tx) == Engine::Postgres {
        let sql = "SELECT pg_advisory_xact_lock($1, 0)";
        let keys = [ROSTER_LOCKS.into()];
        tx.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, keys)).await?;
    }
    Ok(())
}

/// Waits until nobody else counts the tries to sign in to that account.
///
/// # Errors
///
/// [`StoreError::Unavailable`] after the lock time-out.
pub async fn sign_in(tx: &impl ConnectionTrait, account: &[u8]) -> Result<(), StoreError> {
    if Engine::of(tx) == Engine::Postgres {
        let sql = "SELECT pg_advisory_xact_lock($1, hashtext(encode($2, 'hex')))";
        let keys = [SIGN_IN_LOCKS.into(), account.to_vec().into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, keys);
        tx.query_one_raw(statement).await?;
    }
    Ok(())
}

/// The lock that comes before the provider's, by the placeholders of its keys from the second on.
type FirstLock = (&'static str, Vec<Value>);

fn of_patient(patient: PatientId) -> FirstLock {
    ("$2", vec![key(patient.uuid()).into()])
}

/// One statement, whose order is that of its parts: what is materialized comes first. It also asks
/// whether the rules are still in force that the claim rests on.
async fn claim(
    tx: &Tx,
    lock: &str,
    (first, first_keys): FirstLock,
    provider: ProviderId,
) -> Result<QueryResult, StoreError> {
    let sql = format!(
        "WITH first AS MATERIALIZED (SELECT pg_advisory_xact_lock({first}))
         SELECT ({MARK}), {lock}($1) FROM first"
    );
    let keys = [vec![key(provider.uuid()).into()], first_keys].concat();
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, keys);
    let row = tx.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("lock"))?;
    let mark: Option<String> = row.try_get_by_index(0)?;
    tx.check_rules(mark.as_deref())?;
    Ok(row)
}

/// The last 8 bytes of a `UUIDv7` are random: two owners share a lock once in 2^62.
fn key(owner: Uuid) -> i64 {
    let (_, random) = owner.as_u64_pair();
    random.cast_signed()
}
