//! Looking at what endpoints are told.

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Statement,
};

use crate::db::engine::{StoreError, from_db};
use crate::db::entity::webhook_delivery;
use crate::domain::webhook::DeliveryStatus;
use crate::domain::{Page, WebhookDelivery, WebhookDeliveryId, WebhookEndpointId};

/// How webhooks stand.
pub struct Standing {
    /// How many deliveries are to be made.
    pub pending: u64,
    /// Since when what waits longest is tried, or is to be.
    pub oldest: Option<Timestamp>,
    /// How many endpoints were switched off because they failed.
    pub switched_off: u64,
}

/// How many deliveries are to be made, and since when the longest has been.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn standing(conn: &impl ConnectionTrait) -> Result<Standing, StoreError> {
    let sql = "SELECT count(*), min(coalesce(tried_since, next_attempt_at)),
            (SELECT count(*) FROM webhook_endpoint WHERE switched_off_at IS NOT NULL AND deleted_at IS NULL)
         FROM webhook_delivery WHERE status = 'PENDING'";
    let row = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), sql)).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("answer"))?;
    let count = |index| {
        let count: i64 = row.try_get_by_index(index)?;
        Ok::<_, StoreError>(u64::try_from(count).unwrap_or_default())
    };
    let oldest: Option<sea_orm::prelude::DateTimeUtc> = row.try_get_by_index(1)?;
    let oldest = oldest.map(from_db).transpose()?;
    Ok(Standing { pending: count(0)?, oldest, switched_off: count(2)? })
}

/// The one of that id.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(
    conn: &impl ConnectionTrait,
    id: WebhookDeliveryId,
) -> Result<Option<WebhookDelivery>, StoreError> {
    let row = webhook_delivery::Entity::find_by_id(id.uuid()).one(conn).await?;
    row.map(TryInto::try_into).transpose()
}

fn of(endpoint: WebhookEndpointId, statuses: Option<&[DeliveryStatus]>) -> Condition {
    let statuses = statuses.map(|statuses| {
        let names = statuses.iter().map(|status| status.as_str());
        webhook_delivery::Column::Status.is_in(names)
    });
    Condition::all()
        .add(webhook_delivery::Column::EndpointId.eq(endpoint.uuid()))
        .add_option(statuses)
}

/// One page of what an endpoint was told or is to be, the latest first.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    endpoint: WebhookEndpointId,
    statuses: Option<&[DeliveryStatus]>,
    page: Page<WebhookDeliveryId>,
) -> Result<Vec<WebhookDelivery>, StoreError> {
    use webhook_delivery::Column;
    let mut select = webhook_delivery::Entity::find().filter(of(endpoint, statuses));
    if let Some(after) = page.after {
        select = select.filter(Column::Id.lt(after.uuid()));
    }
    if let Some(before) = page.before {
        select = select.filter(Column::Id.gt(before.uuid()));
    }
    let order = if page.backward { Order::Asc } else { Order::Desc };
    let mut rows = select.order_by(Column::Id, order).limit(page.limit).all(conn).await?;
    if page.backward {
        rows.reverse();
    }
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many those are.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn count(
    conn: &impl ConnectionTrait,
    endpoint: WebhookEndpointId,
    statuses: Option<&[DeliveryStatus]>,
) -> Result<u64, StoreError> {
    Ok(webhook_delivery::Entity::find().filter(of(endpoint, statuses)).count(conn).await?)
}
