//! Which rows are to be worked on now, lane by lane.

use jiff::Timestamp;
use sea_orm::sea_query::{ExprTrait as _, LockBehavior, LockType, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::super::engine::{Engine, StoreError, to_db};
use super::super::entity::outbox;
use super::Lease;
use crate::domain::AppointmentId;

/// Why a row is to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Its next try is due.
    Fresh,
    /// Its next try is due, and many were in vain.
    Failing,
    /// It ends now, though the service be silent.
    Ending,
}

/// Which rows of a lane are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taking {
    /// Of which lane.
    pub lane: Lane,
    /// At most so many.
    pub limit: usize,
    /// Those that came last, not those that wait longest.
    pub newest: bool,
}

/// Whether a row of the lane is there for the taking.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn any_due(
    conn: &impl ConnectionTrait,
    lane: Lane,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let due = outbox::Entity::find().filter(free_and_due(lane, now));
    // In order, for then it is plain that the index is the way to the first.
    Ok(due.order_by_asc(clock_of(lane)).one(conn).await?.is_some())
}

/// Leases rows that nobody else has.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn lease_due(
    tx: &impl ConnectionTrait,
    taking: Taking,
    now: Timestamp,
    lease: Lease,
) -> Result<Vec<AppointmentId>, StoreError> {
    let order = if taking.newest { Order::Desc } else { Order::Asc };
    let mut due = outbox::Entity::find()
        .filter(free_and_due(taking.lane, now))
        .order_by(clock_of(taking.lane), order)
        .limit(u64::try_from(taking.limit).unwrap_or(u64::MAX));
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

/// Makes what waits due now, but for what fails again and again: the service is back.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn make_fresh_due(tx: &impl ConnectionTrait, now: Timestamp) -> Result<u64, StoreError> {
    let updated = outbox::Entity::update_many()
        .col_expr(outbox::Column::DueAt, to_db(now).into())
        .filter(outbox::Column::Failing.eq(false))
        .filter(outbox::Column::DueAt.gt(to_db(now)))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected)
}

/// Makes up to `limit` of what fails again and again due now, the next ones first.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn invite_failing(
    tx: &impl ConnectionTrait,
    now: Timestamp,
    limit: usize,
) -> Result<u64, StoreError> {
    let next = outbox::Entity::find()
        .filter(outbox::Column::Failing.eq(true))
        .filter(outbox::Column::DueAt.gt(to_db(now)))
        .order_by_asc(outbox::Column::DueAt)
        .limit(u64::try_from(limit).unwrap_or(u64::MAX))
        .all(tx)
        .await?;
    if next.is_empty() {
        return Ok(0);
    }
    let updated = outbox::Entity::update_many()
        .col_expr(outbox::Column::DueAt, to_db(now).into())
        .filter(outbox::Column::AppointmentId.is_in(next.into_iter().map(|row| row.appointment_id)))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected)
}

fn clock_of(lane: Lane) -> outbox::Column {
    match lane {
        Lane::Fresh | Lane::Failing => outbox::Column::DueAt,
        Lane::Ending => outbox::Column::EndsAt,
    }
}

fn free_and_due(lane: Lane, now: Timestamp) -> Condition {
    let of_lane = |failing: bool| -> SimpleExpr { outbox::Column::Failing.eq(failing) };
    let free =
        outbox::Column::LeasedUntil.is_null().or(outbox::Column::LeasedUntil.lte(to_db(now)));
    let due = Condition::all().add(clock_of(lane).lte(to_db(now))).add(free);
    match lane {
        Lane::Fresh => due.add(of_lane(false)),
        Lane::Failing => due.add(of_lane(true)),
        Lane::Ending => due,
    }
}
