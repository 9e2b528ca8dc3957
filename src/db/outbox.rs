//! What is still to be settled with the external scheduling service: a row an appointment,
//! written with the change it belongs to, leased to whoever works on it.

use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DeleteMany, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::engine::{Engine, StoreError, from_db, to_db};
use super::entity::outbox;
use crate::domain::AppointmentId;

/// The right to work on an appointment until a moment, unless somebody takes it over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Tells this holder from the next.
    pub token: Uuid,
    /// When others may take over.
    pub until: Timestamp,
}

/// An appointment that is not settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Which.
    pub appointment_id: AppointmentId,
    /// Calls that may have reached the service; 0 when surely none did.
    pub attempts: i32,
    /// The key of a call that may have made an appointment outside, while its answer is unknown.
    pub unanswered_key: Option<String>,
    /// Who works on it.
    pub lease: Option<Lease>,
}

/// Writes the row of an appointment, or takes over the one that is there: then only the lease and
/// the due time change, because what may have been sent is known there alone.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn put(
    tx: &impl ConnectionTrait,
    unsettled: &OutboxEntry,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = outbox::ActiveModel {
        appointment_id: Set(unsettled.appointment_id.uuid()),
        attempts: Set(unsettled.attempts),
        unanswered_key: Set(unsettled.unanswered_key.clone()),
        due_at: Set(to_db(due_at)),
        lease_token: Set(unsettled.lease.map(|lease| lease.token)),
        leased_until: Set(unsettled.lease.map(|lease| to_db(lease.until))),
        last_error: Set(None),
        created_at: Set(to_db(now)),
    };
    let replace = OnConflict::column(outbox::Column::AppointmentId)
        .update_columns([
            outbox::Column::DueAt,
            outbox::Column::LeaseToken,
            outbox::Column::LeasedUntil,
        ])
        .to_owned();
    outbox::Entity::insert(row).on_conflict(replace).exec_without_returning(tx).await?;
    Ok(())
}

/// The row of an appointment, if it is not settled.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(
    conn: &impl ConnectionTrait,
    id: AppointmentId,
) -> Result<Option<OutboxEntry>, StoreError> {
    let row = outbox::Entity::find_by_id(id.uuid()).one(conn).await?;
    row.map(OutboxEntry::try_from).transpose()
}

/// Leases up to `limit` rows that are due and not leased, longest due first.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn lease_due(
    tx: &impl ConnectionTrait,
    now: Timestamp,
    lease: Lease,
    limit: usize,
) -> Result<Vec<AppointmentId>, StoreError> {
    let mut due = outbox::Entity::find()
        .filter(free_and_due(now))
        .order_by_asc(outbox::Column::DueAt)
        .limit(u64::try_from(limit).unwrap_or(u64::MAX));
    if Engine::of(tx) == Engine::Postgres {
        due = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let ids: Vec<Uuid> = due.all(tx).await?.into_iter().map(|row| row.appointment_id).collect();
    if !ids.is_empty() {
        outbox::Entity::update_many()
            .col_expr(outbox::Column::LeaseToken, lease.token.into())
            .col_expr(outbox::Column::LeasedUntil, to_db(lease.until).into())
            .filter(outbox::Column::AppointmentId.is_in(ids.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(ids.into_iter().map(AppointmentId::from).collect())
}

/// Notes, before a call is made, that it may reach the service, and under which key if it may
/// make an appointment there. `Ok(false)` when the lease was lost.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn about_to_call(
    tx: &impl ConnectionTrait,
    id: AppointmentId,
    lease: Lease,
    may_create_under: Option<&str>,
) -> Result<bool, StoreError> {
    let mut update = outbox::Entity::update_many()
        .col_expr(outbox::Column::Attempts, Expr::col(outbox::Column::Attempts).add(1));
    if let Some(key) = may_create_under {
        update = update.col_expr(outbox::Column::UnansweredKey, key.into());
    }
    let updated = update.filter(held_by(id, lease)).exec(tx).await?;
    Ok(updated.rows_affected == 1)
}

/// Gives the row back for another try at `due_at`. `Ok(false)` when the lease was lost.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn put_off(
    tx: &impl ConnectionTrait,
    id: AppointmentId,
    lease: Lease,
    due_at: Timestamp,
    why: &str,
) -> Result<bool, StoreError> {
    let updated = outbox::Entity::update_many()
        .col_expr(outbox::Column::DueAt, to_db(due_at).into())
        .col_expr(outbox::Column::LeaseToken, Expr::value(Option::<Uuid>::None))
        .col_expr(
            outbox::Column::LeasedUntil,
            Expr::value(Option::<sea_orm::prelude::DateTimeUtc>::None),
        )
        .col_expr(outbox::Column::LastError, why.into())
        .filter(held_by(id, lease))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Removes the row of an appointment that is settled. `Ok(false)` when the lease was lost.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn remove(
    tx: &impl ConnectionTrait,
    id: AppointmentId,
    lease: Lease,
) -> Result<bool, StoreError> {
    let deleted = removal(id, lease).exec(tx).await?;
    Ok(deleted.rows_affected == 1)
}

pub(super) fn removal(id: AppointmentId, lease: Lease) -> DeleteMany<outbox::Entity> {
    outbox::Entity::delete_many().filter(held_by(id, lease))
}

/// Forgets the key of a call that has been answered: it made nothing outside.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn answered(
    tx: &impl ConnectionTrait,
    id: AppointmentId,
    lease: Lease,
) -> Result<bool, StoreError> {
    let updated = outbox::Entity::update_many()
        .col_expr(outbox::Column::UnansweredKey, Expr::value(Option::<String>::None))
        .filter(held_by(id, lease))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Whether a row is due and not leased.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn any_due(conn: &impl ConnectionTrait, now: Timestamp) -> Result<bool, StoreError> {
    Ok(outbox::Entity::find().filter(free_and_due(now)).one(conn).await?.is_some())
}

/// Makes everything that waits due now: the service is back.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn make_all_due(tx: &impl ConnectionTrait, now: Timestamp) -> Result<u64, StoreError> {
    let updated = outbox::Entity::update_many()
        .col_expr(outbox::Column::DueAt, to_db(now).into())
        .filter(outbox::Column::DueAt.gt(to_db(now)))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected)
}

/// How many appointments are not settled, and since when the oldest of them is due.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn backlog(conn: &impl ConnectionTrait) -> Result<(u64, Option<Timestamp>), StoreError> {
    let count = outbox::Entity::find().count(conn).await?;
    let oldest = outbox::Entity::find().order_by_asc(outbox::Column::DueAt).one(conn).await?;
    Ok((count, oldest.map(|row| from_db(row.due_at)).transpose()?))
}

fn free_and_due(now: Timestamp) -> Condition {
    let free = Condition::any()
        .add(outbox::Column::LeasedUntil.is_null())
        .add(outbox::Column::LeasedUntil.lte(to_db(now)));
    Condition::all().add(outbox::Column::DueAt.lte(to_db(now))).add(free)
}

fn held_by(id: AppointmentId, lease: Lease) -> Condition {
    Condition::all()
        .add(outbox::Column::AppointmentId.eq(id.uuid()))
        .add(outbox::Column::LeaseToken.eq(lease.token))
}

impl TryFrom<outbox::Model> for OutboxEntry {
    type Error = StoreError;

    fn try_from(row: outbox::Model) -> Result<Self, Self::Error> {
        let lease = match (row.lease_token, row.leased_until) {
            (Some(token), Some(until)) => Some(Lease { token, until: from_db(until)? }),
            _ => None,
        };
        Ok(Self {
            appointment_id: row.appointment_id.into(),
            attempts: row.attempts,
            unanswered_key: row.unanswered_key,
            lease,
        })
    }
}
