//! Looking at what patients are told.

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Statement,
};

use crate::db::engine::{Engine, StoreError, from_db};
use crate::db::entity::mail;
use crate::domain::{AppointmentId, Mail, MailFilter, MailId, Page};

/// How mail stands.
pub struct Standing {
    /// How many are to be sent.
    pub pending: u64,
    /// Since when the one waits that has waited longest.
    pub oldest: Option<Timestamp>,
}

/// How many are to be sent, and since when the longest has waited.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn standing(conn: &impl ConnectionTrait) -> Result<Standing, StoreError> {
    let sql = "SELECT count(*), min(coalesce(tried_since, next_attempt_at)) FROM mail WHERE status = 'PENDING'";
    let row = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), sql)).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("answer"))?;
    let pending: i64 = row.try_get_by_index(0)?;
    let oldest: Option<sea_orm::prelude::DateTimeUtc> = row.try_get_by_index(1)?;
    let oldest = oldest.map(from_db).transpose()?;
    Ok(Standing { pending: u64::try_from(pending).unwrap_or_default(), oldest })
}

/// The one of that id.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(conn: &impl ConnectionTrait, id: MailId) -> Result<Option<Mail>, StoreError> {
    let row = mail::Entity::find_by_id(id.uuid()).one(conn).await?;
    row.map(TryInto::try_into).transpose()
}

/// The one of that id, for this transaction to change.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find_to_change(
    tx: &impl ConnectionTrait,
    id: MailId,
) -> Result<Option<Mail>, StoreError> {
    let mut select = mail::Entity::find_by_id(id.uuid());
    if Engine::of(tx) == Engine::Postgres {
        select = select.lock_exclusive();
    }
    select.one(tx).await?.map(TryInto::try_into).transpose()
}

/// What those visits' patients are told, the oldest first.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn of_visits(
    conn: &impl ConnectionTrait,
    ids: &[AppointmentId],
) -> Result<Vec<Mail>, StoreError> {
    let rows = mail::Entity::find()
        .filter(mail::Column::AppointmentId.is_in(ids.iter().map(|id| id.uuid())))
        .order_by_asc(mail::Column::Id)
        .all(conn)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

fn wanted(filter: MailFilter) -> Condition {
    let status = filter.status.map(|status| mail::Column::Status.eq(status.as_str()));
    let visit = filter.appointment_id.map(|id| mail::Column::AppointmentId.eq(id.uuid()));
    Condition::all().add_option(status).add_option(visit)
}

/// One page of mail, the latest first.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    filter: MailFilter,
    page: Page<MailId>,
) -> Result<Vec<Mail>, StoreError> {
    use mail::Column;
    let mut select = mail::Entity::find().filter(wanted(filter));
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

/// How many that is.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn count(conn: &impl ConnectionTrait, filter: MailFilter) -> Result<u64, StoreError> {
    Ok(mail::Entity::find().filter(wanted(filter)).count(conn).await?)
}
