//! Whether endpoints work, and what becomes of what they are to be told when they do not.

use jiff::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};

use crate::db::engine::{Engine, StoreError, to_db};
use crate::db::entity::webhook_endpoint;
use crate::domain::WebhookEndpointId;

/// Notes that it fails, if that is not known.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn note_failing(
    tx: &impl ConnectionTrait,
    id: WebhookEndpointId,
    since: Timestamp,
) -> Result<(), StoreError> {
    webhook_endpoint::Entity::update_many()
        .col_expr(webhook_endpoint::Column::FailingSince, to_db(since).into())
        .filter(webhook_endpoint::Column::Id.eq(id.uuid()))
        .filter(webhook_endpoint::Column::FailingSince.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that it works, if it was known to fail.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn note_working(
    tx: &impl ConnectionTrait,
    id: WebhookEndpointId,
) -> Result<(), StoreError> {
    let nothing = Expr::value(Option::<sea_orm::prelude::DateTimeUtc>::None);
    webhook_endpoint::Entity::update_many()
        .col_expr(webhook_endpoint::Column::FailingSince, nothing)
        .filter(webhook_endpoint::Column::Id.eq(id.uuid()))
        .filter(webhook_endpoint::Column::FailingSince.is_not_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Switches one off that has failed since `failing_before` or longer, or whatever it did where none is given.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn switch_off(
    tx: &impl ConnectionTrait,
    id: WebhookEndpointId,
    failing_before: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    use webhook_endpoint::Column;
    let mut update = webhook_endpoint::Entity::update_many()
        .col_expr(Column::Active, false.into())
        .col_expr(Column::SwitchedOffAt, to_db(now).into())
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::Active.eq(true));
    if let Some(before) = failing_before {
        update = update.filter(Column::FailingSince.lte(to_db(before)));
    }
    Ok(update.exec(tx).await?.rows_affected == 1)
}

/// Whether there is anything to be given up or forgotten, because its endpoint is told nothing any more.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn is_any_left_over(
    conn: &impl ConnectionTrait,
    now: Timestamp,
) -> Result<bool, StoreError> {
    // By the endpoints, which are few: what waits for others is not gone over.
    let sql =
        "SELECT EXISTS (SELECT 1 FROM webhook_endpoint AS endpoint WHERE NOT endpoint.active AND (
           EXISTS (SELECT 1 FROM webhook_delivery AS delivery
                WHERE delivery.endpoint_id = endpoint.id AND delivery.status = 'PENDING'
                  AND (delivery.position IS NOT NULL OR delivery.leased_until <= $1))
           OR (endpoint.deleted_at IS NOT NULL AND EXISTS
               (SELECT 1 FROM webhook_delivery AS told WHERE told.endpoint_id = endpoint.id))))";
    let values = [to_db(now).into()];
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    let row = conn.query_one_raw(statement).await?;
    Ok(row.ok_or_else(|| StoreError::unreadable("answer"))?.try_get_by_index(0)?)
}

/// What is to be told to an endpoint that is switched off. A trial is, while whoever has asked for it waits.
const TO_BE_GIVEN_UP: &str = "SELECT delivery.id FROM webhook_delivery AS delivery
      JOIN webhook_endpoint AS endpoint ON endpoint.id = delivery.endpoint_id
     WHERE delivery.status = 'PENDING' AND NOT endpoint.active
       AND (delivery.position IS NOT NULL OR delivery.leased_until <= {now})";
/// What was told to an endpoint that was deleted.
const FORGOTTEN: &str = "SELECT delivery.id FROM webhook_delivery AS delivery
      JOIN webhook_endpoint AS endpoint ON endpoint.id = delivery.endpoint_id
     WHERE endpoint.deleted_at IS NOT NULL";

/// Gives up what is to be told to endpoints that are switched off, and forgets what was told to those that were
/// deleted, up to `limit` of each: there may be much of it, and others write too.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn clear_left_over(
    tx: &impl ConnectionTrait,
    limit: u16,
    now: Timestamp,
) -> Result<(), StoreError> {
    let free = match Engine::of(tx) {
        Engine::Postgres => "FOR UPDATE OF delivery SKIP LOCKED",
        Engine::Sqlite => "",
    };
    // What an attempt that is under way comes to has no say any more.
    let given_up = format!(
        "UPDATE webhook_delivery SET status = 'FAILED', next_attempt_at = NULL, lease = NULL, leased_until = NULL
          WHERE id IN ({} LIMIT {limit} {free})",
        TO_BE_GIVEN_UP.replace("{now}", "$1")
    );
    let forgotten =
        format!("DELETE FROM webhook_delivery WHERE id IN ({FORGOTTEN} LIMIT {limit} {free})");
    let backend = tx.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, given_up, [to_db(now).into()]);
    tx.execute_raw(statement).await?;
    tx.execute_raw(Statement::from_string(backend, forgotten)).await?;
    Ok(())
}
