//! When all providers are busy on whole days, and what has changed since: for a memory of it.
//!
//! The log of events tells what changed. An event is there as soon as its change is committed; on
//! `PostgreSQL` it may still be without a position then, and is told each time until it has one.
//! What the log does not tell (an appointment deleted by hand) the database counts (`busy_version`). What is
//! held without being a visit has a log of its own (`held_change`). What was refused of late is read each time:
//! there is little of it.

mod apart;
mod changes;
mod days;
mod told;

pub use told::{BookMoment, BusyNews};

use self::apart::{ANYBODY, Apart, ApartRow, held, held_seen, refused, refused_since};
use self::changes::{rows, taken_over};
use self::days::load_all;

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use super::engine::{Db, Engine, StoreError, Tx};
use crate::domain::{EventPosition, ProviderId, TimeSlot};

/// What changed after the moment `since`, what was refused of late, and who is busy on whole `days`; `None` when all has to be
/// read anew: so much has changed, or something that the log does not tell or that can't be read.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn news(
    db: &Db,
    since: &BookMoment,
    days: &[TimeSlot],
    now: Timestamp,
) -> Result<Option<BusyNews>, StoreError> {
    if days.is_empty() {
        return Ok(taken_over(&rows(db.read(), None, since, now).await?, since));
    }
    let snapshot = db.snapshot().await?;
    let rows = rows(&snapshot, None, since, now).await?;
    let Some(news) = taken_over(&rows, since) else { return Ok(None) };
    Ok(Some(BusyNews { loaded: load_all(&snapshot, days).await?, ..news }))
}

/// What has changed of one provider.
pub struct ProviderNews {
    /// Whether they are as they were in the roster, and all that is the clinic's.
    pub is_as_it_was: bool,
    /// What has changed of their book; `None` when all has to be read anew.
    pub book: Option<BusyNews>,
}

/// What has changed since a moment of the book and a version of the directory, of one provider alone, whose
/// lock `tx` has: nobody else changes that until it ends.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn news_of_provider(
    tx: &Tx,
    provider: ProviderId,
    (since, directory): (&BookMoment, i64),
    now: Timestamp,
) -> Result<ProviderNews, StoreError> {
    let rows = rows(tx, Some((provider, directory)), since, now).await?;
    let is_as_it_was = rows.first().is_some_and(|row| row.roster_changes == 0);
    Ok(ProviderNews { is_as_it_was, book: taken_over(&rows, since) })
}

/// Who is busy on whole `days`, when nothing is known yet.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn all(db: &Db, days: &[TimeSlot], now: Timestamp) -> Result<BusyNews, StoreError> {
    let snapshot = db.snapshot().await?;
    let (at, Apart { refused, held }) = moment(&snapshot, now).await?;
    let loaded = load_all(&snapshot, days).await?;
    Ok(BusyNews { at, changed: Vec::new(), loaded, refused, held })
}

/// This moment, and what is apart from the log.
async fn moment(
    conn: &impl ConnectionTrait,
    now: Timestamp,
) -> Result<(BookMoment, Apart), StoreError> {
    let end_of_log = match Engine::of(conn) {
        Engine::Postgres => "SELECT position FROM appointment_event_end",
        Engine::Sqlite => "SELECT seq FROM sqlite_sequence WHERE name = 'appointment_event'",
    };
    let sql = format!(
        "SELECT version, ({end_of_log}) AS position, {} AS held_seen, apart.*
           FROM busy_version LEFT JOIN ({} UNION ALL {}) AS apart ON TRUE",
        held_seen(conn),
        refused(conn, ANYBODY, "$1"),
        held(ANYBODY)
    );
    let backend = conn.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [refused_since(now)]);
    let rows = MomentRow::find_by_statement(statement).all(conn).await?;
    let first = rows.first().ok_or_else(|| StoreError::unreadable("version of busy time"))?;
    let position = EventPosition(first.position.unwrap_or(0));
    let held = first.held_seen.as_str().into();
    let at = BookMoment { version: first.version, position, held };
    Ok((at, rows.iter().map(|row| &row.apart).collect()))
}

/// The moment, and what is apart where there is any.
#[derive(FromQueryResult)]
struct MomentRow {
    version: i64,
    position: Option<i64>,
    held_seen: String,
    #[sea_orm(nested)]
    apart: ApartRow,
}
