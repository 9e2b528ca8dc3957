//! What endpoints are told, once each.

use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
};
use uuid::Uuid;

use crate::db::engine::{Engine, StoreError, from_db, to_db, walk_in_order};
use crate::db::entity::webhook_delivery;
use crate::domain::webhook::{DeliveryStatus, WebhookOutcome};
use crate::domain::{EventPosition, WebhookDelivery, WebhookDeliveryId, WebhookEndpointId};

/// The right to make deliveries, until it lapses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Tells one from another.
    pub token: Uuid,
    /// When it lapses.
    pub until: Timestamp,
}

/// Writes a trial, which whoever has the lease makes at once.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn insert_trial(
    tx: &impl ConnectionTrait,
    trial: &WebhookDelivery,
    lease: Lease,
) -> Result<(), StoreError> {
    let row = webhook_delivery::ActiveModel {
        id: Set(trial.id.uuid()),
        endpoint_id: Set(trial.endpoint_id.uuid()),
        position: Set(None),
        appointment_id: Set(None),
        kind: Set(None),
        at: Set(to_db(trial.at)),
        status: Set(trial.status.as_str().to_owned()),
        outcome: Set(None),
        response_status: Set(None),
        attempts: Set(0),
        tried_since: Set(None),
        next_attempt_at: Set(trial.next_attempt_at.map(to_db)),
        leased_until: Set(Some(to_db(lease.until))),
        lease: Set(Some(lease.token)),
    };
    webhook_delivery::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// What is due for an endpoint, of each visit the first event alone.
fn due_first(
    backend: sea_orm::DatabaseBackend,
    sql: &str,
    values: Vec<sea_orm::Value>,
) -> Statement {
    // `IS NOT DISTINCT FROM` keeps PostgreSQL from going over all that waits for the endpoint, once for each.
    let due = "delivery.endpoint_id = $1 AND delivery.status = 'PENDING'
        AND delivery.next_attempt_at <= $2
        AND (delivery.leased_until IS NULL OR delivery.leased_until <= $2)
        AND NOT EXISTS (SELECT 1 FROM webhook_delivery AS earlier
            WHERE earlier.appointment_id = delivery.appointment_id
                AND earlier.endpoint_id IS NOT DISTINCT FROM delivery.endpoint_id
                AND earlier.position < delivery.position AND earlier.status = 'PENDING')";
    Statement::from_sql_and_values(backend, sql.replace("{due}", due), values)
}

/// Whether anything is due for an endpoint that nobody works on.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn is_any_due(
    conn: &impl ConnectionTrait,
    endpoint: WebhookEndpointId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM webhook_delivery AS delivery WHERE {due})";
    let values = vec![endpoint.uuid().into(), to_db(now).into()];
    let row = conn.query_one_raw(due_first(conn.get_database_backend(), sql, values)).await?;
    Ok(row.ok_or_else(|| StoreError::unreadable("answer"))?.try_get_by_index(0)?)
}

/// Takes some of what is due for an endpoint, the longest due first.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn lease_due(
    tx: &impl ConnectionTrait,
    endpoint: WebhookEndpointId,
    (limit, lease): (u64, Lease),
    now: Timestamp,
) -> Result<Vec<WebhookDelivery>, StoreError> {
    let locking = match Engine::of(tx) {
        Engine::Postgres => "FOR UPDATE OF delivery SKIP LOCKED",
        Engine::Sqlite => "",
    };
    walk_in_order(tx).await?;
    let sql = format!(
        "UPDATE webhook_delivery SET leased_until = $3, lease = $4
          WHERE id IN (SELECT delivery.id FROM webhook_delivery AS delivery WHERE {{due}}
             ORDER BY delivery.next_attempt_at LIMIT $5 {locking}) RETURNING id"
    );
    let values = vec![
        endpoint.uuid().into(),
        to_db(now).into(),
        to_db(lease.until).into(),
        lease.token.into(),
        i64::try_from(limit).unwrap_or(i64::MAX).into(),
    ];
    let leased = tx.query_all_raw(due_first(tx.get_database_backend(), &sql, values)).await?;
    let ids: Vec<Uuid> =
        leased.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = webhook_delivery::Entity::find()
        .filter(webhook_delivery::Column::Id.is_in(ids))
        .order_by_asc(webhook_delivery::Column::Position)
        .all(tx)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Stores what an attempt came to, if whoever made it still has the lease.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn record(
    tx: &impl ConnectionTrait,
    after: &WebhookDelivery,
    lease: Lease,
) -> Result<bool, StoreError> {
    use webhook_delivery::Column;
    let updated = webhook_delivery::Entity::update_many()
        .col_expr(Column::Status, after.status.as_str().into())
        .col_expr(Column::Outcome, Expr::value(after.outcome.map(WebhookOutcome::as_str)))
        .col_expr(Column::ResponseStatus, Expr::value(after.response_status.map(i32::from)))
        .col_expr(Column::Attempts, i32::try_from(after.attempts).unwrap_or(i32::MAX).into())
        .col_expr(Column::TriedSince, Expr::value(after.tried_since.map(to_db)))
        .col_expr(Column::NextAttemptAt, Expr::value(after.next_attempt_at.map(to_db)))
        .col_expr(Column::LeasedUntil, Expr::value(Option::<sea_orm::prelude::DateTimeUtc>::None))
        .col_expr(Column::Lease, Expr::value(Option::<Uuid>::None))
        .filter(Column::Id.eq(after.id.uuid()))
        .filter(Column::Lease.eq(lease.token))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Has what comes after it for the same visit wait for as long as one that failed: what can't be told yet is not
/// gone over again and again.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn put_off_followers(
    tx: &impl ConnectionTrait,
    failed: &WebhookDelivery,
) -> Result<(), StoreError> {
    let (Some(position), Some(until)) = (failed.position, failed.next_attempt_at) else {
        return Ok(());
    };
    let sql = "UPDATE webhook_delivery SET next_attempt_at = $1
          WHERE endpoint_id = $2 AND position > $3 AND status = 'PENDING' AND next_attempt_at < $1
            AND appointment_id = (SELECT appointment_id FROM webhook_delivery WHERE id = $4)";
    let values = [
        to_db(until).into(),
        failed.endpoint_id.uuid().into(),
        position.0.into(),
        failed.id.uuid().into(),
    ];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    tx.execute_raw(statement).await?;
    Ok(())
}

/// Some of what was delivered or given up, and not tried since a moment.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn old(
    conn: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<WebhookDeliveryId>, StoreError> {
    use webhook_delivery::Column;
    let since = Expr::cust("coalesce(tried_since, at)");
    let rows = webhook_delivery::Entity::find()
        .filter(Column::Status.ne(DeliveryStatus::Pending.as_str()))
        .filter(since.lt(to_db(before)))
        .limit(limit)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

/// Forgets these.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn remove_old(
    tx: &impl ConnectionTrait,
    ids: &[WebhookDeliveryId],
) -> Result<(), StoreError> {
    webhook_delivery::Entity::delete_many()
        .filter(webhook_delivery::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
        .filter(webhook_delivery::Column::Status.ne(DeliveryStatus::Pending.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}

impl TryFrom<webhook_delivery::Model> for WebhookDelivery {
    type Error = StoreError;

    fn try_from(row: webhook_delivery::Model) -> Result<Self, StoreError> {
        let unreadable = || StoreError::unreadable("delivery of a webhook");
        let outcome = row.outcome.as_deref();
        let kind = row.kind.as_deref().map(str::parse).transpose();
        Ok(Self {
            id: row.id.into(),
            endpoint_id: row.endpoint_id.into(),
            position: row.position.map(EventPosition),
            kind: kind.map_err(|_unknown| unreadable())?,
            at: from_db(row.at)?,
            status: DeliveryStatus::named(&row.status).ok_or_else(unreadable)?,
            outcome: outcome
                .map(|name| WebhookOutcome::named(name).ok_or_else(unreadable))
                .transpose()?,
            response_status: row.response_status.and_then(|status| u16::try_from(status).ok()),
            attempts: u32::try_from(row.attempts).unwrap_or_default(),
            tried_since: row.tried_since.map(from_db).transpose()?,
            next_attempt_at: row.next_attempt_at.map(from_db).transpose()?,
        })
    }
}
