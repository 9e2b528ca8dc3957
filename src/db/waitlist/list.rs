//! Lists of who waits, in the order of joining.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::with_offers;
use crate::db::engine::StoreError;
use crate::db::entity::waitlist_entry;
use crate::domain::waitlist::WaitlistFilter;
use crate::domain::{EventPosition, Page, WaitlistEntry};

fn condition(filter: &WaitlistFilter) -> Condition {
    let statuses = filter.statuses.as_ref().map(|statuses| {
        let names = statuses.iter().map(|status| status.as_str());
        waitlist_entry::Column::Status.is_in(names)
    });
    let provider = filter.provider_id.map(|id| waitlist_entry::Column::ProviderId.eq(id.uuid()));
    let patient = filter.patient_id.map(|id| waitlist_entry::Column::PatientId.eq(id.uuid()));
    Condition::all().add_option(statuses).add_option(provider).add_option(patient)
}

/// One page of entries, in the order of joining.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    filter: &WaitlistFilter,
    page: Page<EventPosition>,
) -> Result<Vec<WaitlistEntry>, StoreError> {
    let mut select = waitlist_entry::Entity::find().filter(condition(filter));
    if let Some(after) = page.after {
        select = select.filter(waitlist_entry::Column::Joined.gt(after.0));
    }
    if let Some(before) = page.before {
        select = select.filter(waitlist_entry::Column::Joined.lt(before.0));
    }
    let order = if page.backward { Order::Desc } else { Order::Asc };
    let select = select.order_by(waitlist_entry::Column::Joined, order).limit(page.limit);
    let mut rows = select.all(conn).await?;
    if page.backward {
        rows.reverse();
    }
    with_offers(conn, &rows).await
}

/// How many entries there are.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn count(
    conn: &impl ConnectionTrait,
    filter: &WaitlistFilter,
) -> Result<u64, StoreError> {
    Ok(waitlist_entry::Entity::find().filter(condition(filter)).count(conn).await?)
}
