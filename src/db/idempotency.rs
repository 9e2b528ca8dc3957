//! Idempotency keys, claimed in the transaction that commits the effect: a request that
//! committed nothing keeps no key.

use jiff::{SignedDuration, Timestamp};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, TryInsertResult};

use super::StoreError;
use super::entity::idempotency_key;
use super::time::to_db;
use crate::domain::AppointmentId;

/// How long a key is kept: 30 days.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a key was used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Tells one request from another.
    pub request_hash: String,
    /// The appointment that the request wrote.
    pub appointment_id: AppointmentId,
}

/// What the key was used for, if it was.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(
    conn: &impl ConnectionTrait,
    scope: &str,
    key: &str,
) -> Result<Option<Claim>, StoreError> {
    let row =
        idempotency_key::Entity::find_by_id((scope.to_owned(), key.to_owned())).one(conn).await?;
    Ok(row.map(|row| Claim {
        request_hash: row.request_hash,
        appointment_id: row.appointment_id.into(),
    }))
}

/// Claims the key. `Ok(false)` when a committed request has it; one that is about to commit is
/// waited for, up to the lock time-out.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn claim(
    tx: &impl ConnectionTrait,
    scope: &str,
    key: &str,
    claim: &Claim,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let row = idempotency_key::ActiveModel {
        scope: Set(scope.to_owned()),
        key: Set(key.to_owned()),
        request_hash: Set(claim.request_hash.clone()),
        appointment_id: Set(claim.appointment_id.uuid()),
        created_at: Set(to_db(now)),
    };
    let inserted = idempotency_key::Entity::insert(row)
        .on_conflict_do_nothing()
        .exec_without_returning(tx)
        .await?;
    Ok(matches!(inserted, TryInsertResult::Inserted(1)))
}

/// Lets a key that this request has claimed point to another appointment.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn point_to(
    tx: &impl ConnectionTrait,
    scope: &str,
    key: &str,
    appointment_id: AppointmentId,
) -> Result<(), StoreError> {
    idempotency_key::Entity::update_many()
        .col_expr(idempotency_key::Column::AppointmentId, appointment_id.uuid().into())
        .filter(idempotency_key::Column::Scope.eq(scope))
        .filter(idempotency_key::Column::Key.eq(key))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forgets the keys that are older than 30 days.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn forget_old(tx: &impl ConnectionTrait, now: Timestamp) -> Result<u64, StoreError> {
    let before = now.saturating_sub(KEPT_FOR).unwrap_or(Timestamp::MIN);
    let deleted = idempotency_key::Entity::delete_many()
        .filter(idempotency_key::Column::CreatedAt.lt(to_db(before)))
        .exec(tx)
        .await?;
    Ok(deleted.rows_affected)
}
