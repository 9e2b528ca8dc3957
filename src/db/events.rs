//! The log of what happened to appointments. The database itself writes it (migration 10); here
//! it is put in order and read.
//!
//! On `PostgreSQL` the number of a row says nothing about when its transaction commits, so a
//! reader who goes by it steps over one that commits later. A position is therefore given to rows
//! that are committed, by one sequencer at a time. `SQLite` has one writer at a time: the number
//! is the position.

use jiff::Timestamp;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select, Statement,
};

use super::engine::{CHANNEL, Db, Engine, StoreError, from_db, to_db};
use super::entity::{appointment, appointment_event};
use crate::domain::{Appointment, AppointmentEvent, EventFilter, EventPosition, Page, ProviderId};

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

/// The last position of what happened before a moment; 0 when nothing had.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn last_before(
    conn: &impl ConnectionTrait,
    moment: Timestamp,
) -> Result<EventPosition, StoreError> {
    let first = appointment_event::Entity::find()
        .filter(appointment_event::Column::Position.is_not_null())
        .filter(appointment_event::Column::At.gte(to_db(moment)))
        .order_by_asc(appointment_event::Column::Position)
        .one(conn)
        .await?;
    match first {
        Some(first) => Ok(EventPosition(first.position - 1)),
        None => last(conn).await,
    }
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
    let mut found = Vec::new();
    for concerning in Concerning::each(filter) {
        found.extend(page_of(conn, concerning, filter, page).await?);
    }
    // Each is in order, and no event is in both.
    found.sort_by_key(|event| event.position);
    let surplus = found.len().saturating_sub(usize::try_from(page.limit).unwrap_or(usize::MAX));
    if page.backward {
        found.drain(..surplus);
    } else {
        found.truncate(found.len() - surplus);
    }
    Ok(found)
}

async fn page_of(
    conn: &impl ConnectionTrait,
    concerning: Concerning,
    filter: &EventFilter,
    page: Page<EventPosition>,
) -> Result<Vec<AppointmentEvent>, StoreError> {
    let mut select = selection(concerning, filter);
    if let Some(after) = page.after {
        select = select.filter(appointment_event::Column::Position.gt(after.0));
    }
    if let Some(before) = page.before {
        select = select.filter(appointment_event::Column::Position.lt(before.0));
    }
    let order = if page.backward { sea_orm::Order::Desc } else { sea_orm::Order::Asc };
    let mut select = select
        .find_also_related(appointment::Entity)
        .order_by(appointment_event::Column::Position, order)
        .limit(page.limit);
    if let Some(own) = filter.only_for {
        select = select.filter(is_for(own));
    }
    let rows = select.all(conn).await?;
    rows.into_iter()
        .map(|(row, appointment)| {
            Ok(AppointmentEvent {
                position: EventPosition(row.position),
                at: from_db(row.at)?,
                kind: row.kind.parse().map_err(|_unknown| StoreError::unreadable("event"))?,
                provider_id: row.provider_id.into(),
                from_provider_id: row.from_provider_id.map(Into::into),
                other_provider_id: row.other_provider_id.map(Into::into),
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
    let mut count = 0;
    for concerning in Concerning::each(filter) {
        let select = selection(concerning, filter);
        count += match filter.only_for {
            None => select.count(conn).await?,
            Some(own) => {
                let select = select.find_also_related(appointment::Entity);
                select.filter(is_for(own)).count(conn).await?
            }
        };
    }
    Ok(count)
}

/// Whom the events concern that are asked for. Each is one range of an index, where "either" is none.
#[derive(Clone, Copy)]
enum Concerning {
    Anybody,
    /// With whom the appointment was after them.
    Its(ProviderId),
    /// From whom, or to whom, it was reassigned.
    Other(ProviderId),
}

impl Concerning {
    fn each(filter: &EventFilter) -> Vec<Self> {
        match filter.provider_id {
            None => vec![Self::Anybody],
            Some(id) => vec![Self::Its(id), Self::Other(id)],
        }
    }
}

fn selection(concerning: Concerning, filter: &EventFilter) -> Select<appointment_event::Entity> {
    let mut select =
        appointment_event::Entity::find().filter(appointment_event::Column::Position.is_not_null());
    select = match concerning {
        Concerning::Anybody => select,
        Concerning::Its(id) => select.filter(appointment_event::Column::ProviderId.eq(id.uuid())),
        Concerning::Other(id) => {
            select.filter(appointment_event::Column::OtherProviderId.eq(id.uuid()))
        }
    };
    if let Some(state) = filter.state {
        select = select.filter(appointment_event::Column::State.eq(state.code()));
    }
    select
}

/// What [`AppointmentEvent::is_for`] says.
fn is_for(own: ProviderId) -> Condition {
    let (is_theirs, was_theirs) = (
        appointment::Column::ProviderId.eq(own.uuid()),
        appointment_event::Column::FromProviderId.eq(own.uuid()),
    );
    let leaves = was_theirs.and(appointment_event::Column::ProviderId.ne(own.uuid()));
    Condition::any().add(is_theirs).add(leaves)
}
