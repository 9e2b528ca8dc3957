//! What all providers hold on whole days, and what has changed since: for a memory of it.
//!
//! The log of events tells what changed. An event is there as soon as its change is committed; on
//! `PostgreSQL` it may still be without a position then, and is told each time until it has one.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use super::busy::HOLDING;
use super::time::{slot_from_db, to_db};
use super::{Db, Engine, StoreError, events};
use crate::domain::held_time::Holding;
use crate::domain::{EventPosition, TimeSlot};

/// More changes than that are not worth following.
const MANY: usize = 5000;

/// What there is to take over, all of it as of one moment.
pub struct News {
    /// Where the log ended at that moment.
    pub position: EventPosition,
    /// What changed, as it was then: in place of what was known of these appointments.
    pub changed: Vec<Holding>,
    /// What was held on whole days.
    pub loaded: Vec<(TimeSlot, Vec<Holding>)>,
}

#[derive(FromQueryResult)]
struct Row {
    position: Option<i64>,
    id: Uuid,
    provider_id: Uuid,
    holds: bool,
    starts_at: sea_orm::prelude::DateTimeUtc,
    ends_at: sea_orm::prelude::DateTimeUtc,
    move_starts_at: Option<sea_orm::prelude::DateTimeUtc>,
    move_ends_at: Option<sea_orm::prelude::DateTimeUtc>,
}

/// What changed after the position `since`, and what is held on whole `days`; `None` when it has to
/// be read anew: so much has changed, or something that can't be read.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn news(
    db: &Db,
    since: EventPosition,
    days: &[TimeSlot],
) -> Result<Option<News>, StoreError> {
    if days.is_empty() {
        return changes(db.read(), since).await;
    }
    let snapshot = db.snapshot().await?;
    let Some(news) = changes(&snapshot, since).await? else { return Ok(None) };
    Ok(Some(News { loaded: load_all(&snapshot, days).await?, ..news }))
}

/// What is held on whole `days`, when nothing is known yet.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn all(db: &Db, days: &[TimeSlot]) -> Result<News, StoreError> {
    let snapshot = db.snapshot().await?;
    let position = events::last(&snapshot).await?;
    Ok(News { position, changed: Vec::new(), loaded: load_all(&snapshot, days).await? })
}

async fn changes(
    conn: &impl ConnectionTrait,
    since: EventPosition,
) -> Result<Option<News>, StoreError> {
    let mut sql = changed(conn, "position > $1 ORDER BY position");
    if Engine::of(conn) == Engine::Postgres {
        sql = format!("{sql} UNION ALL {}", changed(conn, "position IS NULL"));
    }
    let backend = conn.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [since.0.into()]);
    let rows = Row::find_by_statement(statement).all(conn).await?;
    if rows.len() > MANY {
        return Ok(None);
    }
    let last = rows.iter().filter_map(|row| row.position).max();
    match rows.into_iter().map(Holding::try_from).collect::<Result<_, _>>() {
        Ok(changed) => {
            let position = last.map_or(since, EventPosition);
            Ok(Some(News { position, changed, loaded: Vec::new() }))
        }
        // Written by somebody else. It must not be in the way of searches on other days.
        Err(error) => {
            tracing::error!(%error, "An appointment can't be read: what is held is read anew without it");
            Ok(None)
        }
    }
}

async fn load_all(
    conn: &impl ConnectionTrait,
    days: &[TimeSlot],
) -> Result<Vec<(TimeSlot, Vec<Holding>)>, StoreError> {
    let mut loaded = Vec::with_capacity(days.len());
    // One by one: rows as the driver hands them over are many times as large as what is kept.
    for day in days {
        loaded.push((*day, load(conn, *day).await?));
    }
    Ok(loaded)
}

/// The appointments of some events, as they are now, one more than `MANY` at most.
fn changed(conn: &impl ConnectionTrait, which: &str) -> String {
    let joined = match Engine::of(conn) {
        Engine::Sqlite => "JOIN appointment AS held ON held.id = event.appointment_id",
        // One by one: a planner takes "all after a position" for a third of the log, and would read
        // all appointments to go with it.
        Engine::Postgres => {
            "CROSS JOIN LATERAL
                (SELECT * FROM appointment WHERE id = event.appointment_id LIMIT 1) AS held"
        }
    };
    format!(
        "SELECT event.position, held.id, held.provider_id, held.status IN {HOLDING} AS holds,
                held.starts_at, held.ends_at, held.move_starts_at, held.move_ends_at
           FROM (SELECT position, appointment_id FROM appointment_event
                  WHERE {which} LIMIT {limit}) AS event {joined}",
        limit = MANY + 1
    )
}

async fn load(conn: &impl ConnectionTrait, days: TimeSlot) -> Result<Vec<Holding>, StoreError> {
    let spans = ["", "move_"].map(|span| {
        format!(
            "SELECT NULL AS position, id, provider_id, TRUE AS holds, {span}starts_at AS starts_at,
                    {span}ends_at AS ends_at, NULL AS move_starts_at, NULL AS move_ends_at
               FROM appointment
              WHERE status IN {HOLDING} AND {span}starts_at >= $1 AND {span}starts_at < $2"
        )
    });
    let values = [to_db(days.starts_at()).into(), to_db(days.ends_at()).into()];
    let backend = conn.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, spans.join(" UNION ALL "), values);
    let rows = Row::find_by_statement(statement).all(conn).await?;
    rows.into_iter().map(Holding::try_from).collect()
}

impl TryFrom<Row> for Holding {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, Self::Error> {
        let mut slots = Vec::new();
        if row.holds {
            slots.push(slot_from_db(row.starts_at, row.ends_at)?);
            let moving = row.move_starts_at.zip(row.move_ends_at);
            slots.extend(moving.map(|(from, to)| slot_from_db(from, to)).transpose()?);
        }
        Ok(Self { provider_id: row.provider_id.into(), appointment_id: row.id.into(), slots })
    }
}
