//! From the log of what happens to what endpoints are told.

use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement,
    sea_query::LockBehavior, sea_query::LockType,
};

use uuid::Uuid;

use crate::db::engine::{Engine, StoreError, to_db};
use crate::db::entity::{webhook_delivery, webhook_endpoint};
use crate::db::told_events;
use crate::domain::ids::ids_at;
use crate::domain::{
    AppointmentEventKind, EventPosition, ToldEvent, WebhookEndpoint, WebhookEndpointId,
};

/// Up to where an endpoint's events are deliveries, for this transaction alone to move on; none where another is
/// about to, or where it is told nothing.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn position(
    tx: &impl ConnectionTrait,
    id: WebhookEndpointId,
) -> Result<Option<(WebhookEndpoint, EventPosition)>, StoreError> {
    let mut select = webhook_endpoint::Entity::find_by_id(id.uuid())
        .filter(webhook_endpoint::Column::Active.eq(true));
    if Engine::of(tx) == Engine::Postgres {
        select = select.lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked);
    }
    let Some(row) = select.one(tx).await? else { return Ok(None) };
    let position = EventPosition(row.position);
    Ok(Some((row.try_into()?, position)))
}

/// Has an endpoint told what comes after that position.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn begin_after(
    tx: &impl ConnectionTrait,
    id: WebhookEndpointId,
    position: EventPosition,
) -> Result<(), StoreError> {
    webhook_endpoint::Entity::update_many()
        .col_expr(webhook_endpoint::Column::Position, position.0.into())
        .filter(webhook_endpoint::Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Has an endpoint told anew what comes after that position, if it was.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn begin_again_after(
    tx: &impl ConnectionTrait,
    id: WebhookEndpointId,
    position: EventPosition,
) -> Result<(), StoreError> {
    webhook_endpoint::Entity::update_many()
        .col_expr(webhook_endpoint::Column::Position, position.0.into())
        .filter(webhook_endpoint::Column::Id.eq(id.uuid()))
        .filter(webhook_endpoint::Column::Position.gt(position.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes down what an endpoint is to be told of what happened after `position`, up to `limit` events, and moves that
/// on; up to `end`, where the log ended before. Says whether there may be more.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn take_down(
    tx: &impl ConnectionTrait,
    (endpoint, position): (&WebhookEndpoint, EventPosition),
    (limit, end): (u16, EventPosition),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let events = told_events::after(tx, position, limit).await?;
    let last = events.last().map_or(position, |event| event.position);
    let more = events.len() == usize::from(limit);
    let wanted = events.iter().filter(|event| endpoint.wants(event.kind));
    let mut ids = ids_at(now);
    let rows: Vec<_> = wanted.map(|event| delivery(endpoint.id, event, (ids(), now))).collect();
    if !rows.is_empty() {
        use webhook_delivery::Column;
        // What is told anew is the same delivery.
        let anew = OnConflict::columns([Column::EndpointId, Column::Position])
            .update_columns([
                Column::Status,
                Column::Outcome,
                Column::ResponseStatus,
                Column::Attempts,
                Column::TriedSince,
                Column::NextAttemptAt,
                Column::LeasedUntil,
                Column::Lease,
            ])
            .to_owned();
        webhook_delivery::Entity::insert_many(rows)
            .on_conflict(anew)
            .exec_without_returning(tx)
            .await?;
        wait_for_earlier(tx, endpoint.id, (position, last)).await?;
    }
    // Also past those that were deleted, with their visits.
    begin_after(tx, endpoint.id, if more { last } else { last.max(end) }).await?;
    Ok(more)
}

/// Has what was written down wait for as long as what comes before it for the same visit.
async fn wait_for_earlier(
    tx: &impl ConnectionTrait,
    endpoint: WebhookEndpointId,
    (after, last): (EventPosition, EventPosition),
) -> Result<(), StoreError> {
    let sql = "UPDATE webhook_delivery SET next_attempt_at =
             (SELECT max(earlier.next_attempt_at) FROM webhook_delivery AS earlier
               WHERE earlier.appointment_id = webhook_delivery.appointment_id
                 AND earlier.endpoint_id = webhook_delivery.endpoint_id AND earlier.status = 'PENDING'
                 AND earlier.position <= webhook_delivery.position)
          WHERE endpoint_id = $1 AND position > $2 AND position <= $3 AND status = 'PENDING'";
    let values = [endpoint.uuid().into(), after.0.into(), last.0.into()];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    tx.execute_raw(statement).await?;
    Ok(())
}

fn delivery(
    endpoint: WebhookEndpointId,
    event: &ToldEvent,
    (id, now): (Uuid, Timestamp),
) -> webhook_delivery::ActiveModel {
    let kind: AppointmentEventKind = event.kind;
    webhook_delivery::ActiveModel {
        id: Set(id),
        endpoint_id: Set(endpoint.uuid()),
        position: Set(Some(event.position.0)),
        appointment_id: Set(Some(event.appointment_id.uuid())),
        kind: Set(Some(kind.as_str().to_owned())),
        at: Set(to_db(event.at)),
        status: Set("PENDING".to_owned()),
        outcome: Set(None),
        response_status: Set(None),
        attempts: Set(0),
        tried_since: Set(None),
        next_attempt_at: Set(Some(to_db(now))),
        leased_until: Set(None),
        lease: Set(None),
    }
}
