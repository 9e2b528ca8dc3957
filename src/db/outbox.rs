//! What is still to be settled with the external scheduling service: a row an appointment,
//! written with the change it belongs to, leased to whoever works on it.

mod due;
mod placing;
mod waiting;

pub use due::{Lane, Taking, any_due, invite_failing, lease_due, make_fresh_due};
pub use placing::put;
pub(super) use placing::{placing, placing_for_each};
pub use waiting::{Backlog, Waiting, backlog, failing_providers, list, release};

use jiff::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DeleteMany, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::engine::{StoreError, from_db, to_db};
use super::entity::outbox;
use crate::domain::AppointmentId;
use crate::traces::TraceParent;

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
    /// Tries in a row that were in vain.
    pub failures: i32,
    /// What asked for it, where that is traced.
    pub asked_for_by: Option<TraceParent>,
    /// When it ends, though the service be silent; `None` when there is nothing to end.
    pub ends_at: Option<Timestamp>,
    /// Until when the service may act on a call whose outcome is not known; `None` when there is none.
    pub late_until: Option<Timestamp>,
}

/// How a row is given back.
#[derive(Debug, Clone, Copy)]
pub struct PutOff<'a> {
    /// When it is tried again.
    pub due_at: Timestamp,
    /// When it ends, though the service be silent.
    pub ends_at: Option<Timestamp>,
    /// Tries in a row that were in vain.
    pub failures: i32,
    /// Until when the service may act on a call whose outcome is not known.
    pub late_until: Option<Timestamp>,
    /// What the last one came to; `None` where none was made.
    pub why: Option<&'a str>,
}

/// So many tries in vain, and a row waits apart from the others.
const FAILING_FROM: i32 = 3;

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

/// Notes, before a call is made, that it may reach the service, which may act on it until `late_until`,
/// and under which key if it may make an appointment there. `Ok(false)` when the lease was lost.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn about_to_call(
    tx: &impl ConnectionTrait,
    id: AppointmentId,
    lease: Lease,
    may_create_under: Option<&str>,
    late_until: Timestamp,
) -> Result<bool, StoreError> {
    let mut update = outbox::Entity::update_many()
        .col_expr(outbox::Column::LateUntil, to_db(late_until).into())
        .col_expr(outbox::Column::Attempts, Expr::col(outbox::Column::Attempts).add(1));
    if let Some(key) = may_create_under {
        update = update.col_expr(outbox::Column::UnansweredKey, key.into());
    }
    let updated = update.filter(held_by(id, lease)).exec(tx).await?;
    Ok(updated.rows_affected == 1)
}

/// Gives the row back for another try. `Ok(false)` when the lease was lost.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn put_off(
    tx: &impl ConnectionTrait,
    id: AppointmentId,
    lease: Lease,
    how: PutOff<'_>,
) -> Result<bool, StoreError> {
    let nobody = (Option::<Uuid>::None, Option::<sea_orm::prelude::DateTimeUtc>::None);
    let mut update = outbox::Entity::update_many()
        .col_expr(outbox::Column::DueAt, to_db(how.due_at).into())
        .col_expr(outbox::Column::LeaseToken, Expr::value(nobody.0))
        .col_expr(outbox::Column::LeasedUntil, Expr::value(nobody.1))
        .col_expr(outbox::Column::Failures, how.failures.into())
        .col_expr(outbox::Column::Failing, (how.failures >= FAILING_FROM).into())
        .col_expr(outbox::Column::EndsAt, Expr::value(how.ends_at.map(to_db)))
        .col_expr(outbox::Column::LateUntil, Expr::value(how.late_until.map(to_db)));
    if let Some(why) = how.why {
        update = update.col_expr(outbox::Column::LastError, why.into());
    }
    let updated = update.filter(held_by(id, lease)).exec(tx).await?;
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
    let never = Option::<sea_orm::prelude::DateTimeUtc>::None;
    let updated = outbox::Entity::update_many()
        .col_expr(outbox::Column::UnansweredKey, Expr::value(Option::<String>::None))
        .col_expr(outbox::Column::LateUntil, Expr::value(never))
        .filter(held_by(id, lease))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
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
        // One that was made before this was noted.
        let first_try = (row.attempts > 0).then_some(row.created_at);
        Ok(Self {
            appointment_id: row.appointment_id.into(),
            attempts: row.attempts,
            unanswered_key: row.unanswered_key,
            lease,
            failures: row.failures,
            asked_for_by: row.trace_parent.as_deref().and_then(TraceParent::parse),
            ends_at: row.ends_at.map(from_db).transpose()?,
            late_until: row.late_until.or(first_try).map(from_db).transpose()?,
        })
    }
}
