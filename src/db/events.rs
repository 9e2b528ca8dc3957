//! The log of what happened to appointments. The database itself writes it (migration 10); here
//! it is put in order and read.
//!
//! On `PostgreSQL` the number of a row says nothing about when its transaction commits, so a
//! reader who goes by it steps over one that commits later. A position is therefore given to rows
//! that are committed, by one sequencer at a time. `SQLite` has one writer at a time: the number
//! is the position.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, Statement,
};

use super::engine::{CHANNEL, Db, Engine, StoreError, from_db};
use super::entity::{appointment, appointment_event};
use crate::domain::{Appointment, AppointmentEvent, EventFilter, EventPosition, Page};

/// Any number that nothing else locks: it keeps sequencers one at a time.
const SEQUENCER_LOCK: i64 = 0x636c_696e_6963_0001;
/// How many rows one transaction of a sequencer puts in order.
const BATCH: u16 = 5000;

/// Whether committed events wait for a position.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn any_without_position(db: &Db) -> Result<bool, StoreError> {
    if db.engine() == Engine::Sqlite {
        return Ok(false);
    }
    let sql = "SELECT EXISTS (SELECT 1 FROM appointment_event WHERE position IS NULL)";
    let row = db.read().query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(row.ok_or_else(|| StoreError::unreadable("answer"))?.try_get_by_index(0)?)
}

/// Gives a position to committed events that have none, in the order in which they were written,
/// and tells every replica once this is committed; says whether there may be more of them.
/// `PostgreSQL` only.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn give_positions(tx: &impl ConnectionTrait) -> Result<bool, StoreError> {
    let postgres = |sql: String| Statement::from_string(DbBackend::Postgres, sql);
    // A statement of its own: what follows must see all that the sequencer before has committed.
    tx.query_one_raw(postgres(format!("SELECT pg_advisory_xact_lock({SEQUENCER_LOCK})"))).await?;
    let given = tx
        .execute_raw(postgres(format!(
            "WITH waiting AS (
                SELECT id, row_number() OVER (ORDER BY id) AS place FROM appointment_event
                 WHERE position IS NULL ORDER BY id LIMIT {BATCH}
            ), log AS (
                UPDATE appointment_event_end SET position = position + (SELECT count(*) FROM waiting)
                RETURNING position - (SELECT count(*) FROM waiting) AS ended_at
            )
            UPDATE appointment_event AS event SET position = log.ended_at + waiting.place
              FROM waiting, log WHERE event.id = waiting.id"
        )))
        .await?;
    // Here and not in the transaction of a booking: a NOTIFY makes commits queue.
    tx.query_one_raw(postgres(format!("SELECT pg_notify('{CHANNEL}', '')"))).await?;
    Ok(given.rows_affected() == u64::from(BATCH))
}

/// The last position ever given, also when its event was deleted since; 0 when there was none.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn last(conn: &impl ConnectionTrait) -> Result<EventPosition, StoreError> {
    let sql = match Engine::of(conn) {
        Engine::Postgres => "SELECT position FROM appointment_event_end",
        Engine::Sqlite => "SELECT seq FROM sqlite_sequence WHERE name = 'appointment_event'",
    };
    let row = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), sql)).await?;
    Ok(EventPosition(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0)))
}

/// One page of events, in order, each with its appointment as it stands now.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    filter: &EventFilter,
    page: Page<EventPosition>,
) -> Result<Vec<AppointmentEvent>, StoreError> {
    let mut select = selection(filter);
    if let Some(after) = page.after {
        select = select.filter(appointment_event::Column::Position.gt(after.0));
    }
    if let Some(before) = page.before {
        select = select.filter(appointment_event::Column::Position.lt(before.0));
    }
    let order = if page.backward { sea_orm::Order::Desc } else { sea_orm::Order::Asc };
    let mut rows = select
        .find_also_related(appointment::Entity)
        .order_by(appointment_event::Column::Position, order)
        .limit(page.limit)
        .all(conn)
        .await?;
    if page.backward {
        rows.reverse();
    }
    rows.into_iter()
        .map(|(row, appointment)| {
            Ok(AppointmentEvent {
                position: EventPosition(row.position),
                at: from_db(row.at)?,
                kind: row.kind.parse().map_err(|_unknown| StoreError::unreadable("event"))?,
                appointment: appointment
                    .ok_or_else(|| StoreError::unreadable("event without appointment"))
                    .and_then(Appointment::try_from)?,
            })
        })
        .collect()
}

/// How many events there are.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn count(conn: &impl ConnectionTrait, filter: &EventFilter) -> Result<u64, StoreError> {
    Ok(selection(filter).count(conn).await?)
}

fn selection(filter: &EventFilter) -> Select<appointment_event::Entity> {
    let mut select =
        appointment_event::Entity::find().filter(appointment_event::Column::Position.is_not_null());
    if let Some(id) = filter.provider_id {
        select = select.filter(appointment_event::Column::ProviderId.eq(id.uuid()));
    }
    if let Some(state) = filter.state {
        select = select.filter(appointment_event::Column::State.eq(state.code()));
    }
    select
}
