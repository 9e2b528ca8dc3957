//! The log of what happened to the roster: written in the transaction of the change, in which nobody
//! else writes to it until that ends (migration `m20261127_000020`).

use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement,
};

use super::engine::{CHANNEL, Engine, StoreError, from_db, to_db};
use super::entity::roster_event;
use crate::domain::{EventPosition, Page, ProviderId, RosterEvent, RosterEventKind};

/// How many rows one statement writes: each is four values.
const AT_ONCE: usize = 1000;

/// Writes what has happened, in this order, and wakes every replica once it is committed.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn append(
    tx: &impl ConnectionTrait,
    events: &[(RosterEventKind, Option<ProviderId>)],
    now: Timestamp,
) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let backend = tx.get_database_backend();
    let count =
        i64::try_from(events.len()).map_err(|_too_many| StoreError::unreadable("events"))?;
    let sql = "UPDATE roster_event_end SET position = position + $1 RETURNING position";
    let taken = Statement::from_sql_and_values(backend, sql, [count.into()]);
    let row = tx.query_one_raw(taken).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("end of the roster's log"))?;
    let first = row.try_get_by_index::<i64>(0)? - count + 1;
    let rows =
        (first..).zip(events).map(|(position, (kind, provider))| roster_event::ActiveModel {
            position: Set(position),
            at: Set(to_db(now)),
            kind: Set(kind.as_str().to_owned()),
            provider_id: Set(provider.map(ProviderId::uuid)),
        });
    let rows: Vec<_> = rows.collect();
    for rows in rows.chunks(AT_ONCE) {
        roster_event::Entity::insert_many(rows.to_vec()).exec_without_returning(tx).await?;
    }
    if Engine::of(tx) == Engine::Postgres {
        let sql = format!("SELECT pg_notify('{CHANNEL}', '')");
        tx.query_one_raw(Statement::from_string(backend, sql)).await?;
    }
    Ok(())
}

/// The last position ever given; 0 when there was none.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn last(conn: &impl ConnectionTrait) -> Result<EventPosition, StoreError> {
    let sql = "SELECT position FROM roster_event_end";
    let row = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), sql)).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("end of the roster's log"))?;
    Ok(EventPosition(row.try_get_by_index(0)?))
}

/// One page of events, in order.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    page: Page<EventPosition>,
) -> Result<Vec<RosterEvent>, StoreError> {
    let mut select = roster_event::Entity::find();
    if let Some(after) = page.after {
        select = select.filter(roster_event::Column::Position.gt(after.0));
    }
    if let Some(before) = page.before {
        select = select.filter(roster_event::Column::Position.lt(before.0));
    }
    let order = if page.backward { sea_orm::Order::Desc } else { sea_orm::Order::Asc };
    let select = select.order_by(roster_event::Column::Position, order).limit(page.limit);
    let mut rows = select.all(conn).await?;
    if page.backward {
        rows.reverse();
    }
    let events = rows.into_iter().map(|row| {
        Ok(RosterEvent {
            position: EventPosition(row.position),
            at: from_db(row.at)?,
            kind: row.kind.parse().map_err(|_unknown| StoreError::unreadable("roster event"))?,
            provider_id: row.provider_id.map(ProviderId::from),
        })
    });
    events.collect()
}

/// How many events there are.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn count(conn: &impl ConnectionTrait) -> Result<u64, StoreError> {
    Ok(roster_event::Entity::find().count(conn).await?)
}
