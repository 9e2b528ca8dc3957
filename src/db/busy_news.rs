//! When all providers are busy on whole days, and what has changed since: for a memory of it.
//!
//! The log of events tells what changed. An event is there as soon as its change is committed; on
//! `PostgreSQL` it may still be without a position then, and is told each time until it has one.
//! What the log does not tell (an appointment deleted by hand) the database counts (`busy_version`). What is
//! held without being a visit, and what was refused of late, is read each time: there is little of both.

mod apart;
mod days;

use self::apart::{Apart, ApartRow, apart, apart_values, instant};
use self::days::load_all;

use jiff::Timestamp;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use super::busy::HOLDING;
use super::engine::{Db, Engine, StoreError, Tx, slot_from_db};
use crate::domain::busy::{AppointmentTime, HeldTime};
use crate::domain::{EventPosition, ProviderId, TimeSlot};

/// Whose row it is: anybody's.
const ANYBODY: &str = "TRUE";

/// More changes than that are not worth following.
const MANY: usize = 5000;

/// A moment of the book.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BookMoment {
    /// The database's count of changes that the log does not tell; with another one, what was read
    /// before says nothing.
    pub version: i64,
    /// Where the log ended.
    pub position: EventPosition,
}

/// What there is to take over, all of it as of one moment.
pub struct BusyNews {
    /// The moment.
    pub at: BookMoment,
    /// What changed, as it was then: in place of what was known of these appointments.
    pub changed: Vec<AppointmentTime>,
    /// When whom is busy on whole days.
    pub loaded: Vec<(TimeSlot, Vec<AppointmentTime>)>,
    /// All times of providers that the scheduling service has refused of late.
    pub refused: Vec<(ProviderId, TimeSlot)>,
    /// All times of providers that are held now without being a visit.
    pub held: Vec<(ProviderId, HeldTime)>,
}

/// What changed after the moment `since`, what was refused of late, and who is busy on whole `days`; `None` when all has to be
/// read anew: so much has changed, or something that the log does not tell or that can't be read.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn news(
    db: &Db,
    since: BookMoment,
    days: &[TimeSlot],
    now: Timestamp,
) -> Result<Option<BusyNews>, StoreError> {
    if days.is_empty() {
        return changes(db.read(), None, since, now).await;
    }
    let snapshot = db.snapshot().await?;
    let Some(news) = changes(&snapshot, None, since, now).await? else { return Ok(None) };
    Ok(Some(BusyNews { loaded: load_all(&snapshot, days).await?, ..news }))
}

/// The same of one provider alone, whose lock `tx` has: nobody else changes that until it ends.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn news_of_provider(
    tx: &Tx,
    provider: ProviderId,
    since: BookMoment,
    now: Timestamp,
) -> Result<Option<BusyNews>, StoreError> {
    changes(tx, Some(provider), since, now).await
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
        "SELECT version, ({end_of_log}) AS position, apart.*
           FROM busy_version LEFT JOIN ({}) AS apart ON TRUE",
        apart(conn, ANYBODY, "$1", "$2")
    );
    let backend = conn.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, apart_values(now));
    let rows = MomentRow::find_by_statement(statement).all(conn).await?;
    let first = rows.first().ok_or_else(|| StoreError::unreadable("version of busy time"))?;
    let position = EventPosition(first.position.unwrap_or(0));
    let at = BookMoment { version: first.version, position };
    Ok((at, rows.iter().map(|row| &row.apart).collect()))
}

/// The moment, and what is apart where there is any.
#[derive(FromQueryResult)]
struct MomentRow {
    version: i64,
    position: Option<i64>,
    #[sea_orm(nested)]
    apart: ApartRow,
}

/// A change; what is apart, which has no appointment; or the version alone where there is neither.
#[derive(FromQueryResult)]
struct ChangeRow {
    version: i64,
    position: Option<i64>,
    id: Option<Uuid>,
    left_provider_id: Option<Uuid>,
    holds: Option<bool>,
    move_starts_at: Option<DateTimeUtc>,
    move_ends_at: Option<DateTimeUtc>,
    #[sea_orm(nested)]
    apart: ApartRow,
}

impl ChangeRow {
    fn apart(&self) -> Option<&ApartRow> {
        self.id.is_none().then_some(&self.apart)
    }

    fn time(self) -> Option<Result<AppointmentTime, StoreError>> {
        let (id, provider_id) = self.id.zip(self.apart.provider_id)?;
        let mut spans = Vec::new();
        if self.holds == Some(true) {
            spans.extend(self.apart.starts_at.zip(self.apart.ends_at));
            spans.extend(self.move_starts_at.zip(self.move_ends_at));
        }
        let slots = spans.into_iter().map(|(from, to)| slot_from_db(from, to));
        let left = self.left_provider_id.filter(|left| *left != provider_id);
        Some(slots.collect::<Result<_, _>>().map(|slots| AppointmentTime {
            provider_id: provider_id.into(),
            left: left.map(Into::into),
            appointment_id: id.into(),
            visit_type_id: self.apart.visit_type_id.map(Into::into),
            slots,
        }))
    }
}

async fn changes(
    conn: &impl ConnectionTrait,
    of: Option<ProviderId>,
    since: BookMoment,
    now: Timestamp,
) -> Result<Option<BusyNews>, StoreError> {
    let backend = conn.get_database_backend();
    let [refused_since, held_at] = apart_values(now);
    let mut values = vec![since.position.0.into(), refused_since, held_at];
    // A visit that goes from one to another is told once, as a change of both.
    let (mut which, whose) = match of {
        None => (vec!["position > $1 ORDER BY position"], ANYBODY),
        Some(provider) => {
            values.push(provider.uuid().into());
            let changes =
                ["provider_id = $4 AND position > $1", "other_provider_id = $4 AND position > $1"];
            (changes.to_vec(), "provider_id = $4")
        }
    };
    if Engine::of(conn) == Engine::Postgres {
        which.push(match of {
            None => "position IS NULL",
            Some(_) => "position IS NULL AND (provider_id = $4 OR other_provider_id = $4)",
        });
    }
    let changed: Vec<String> = which.into_iter().map(|which| changed(conn, which)).collect();
    let sql = format!(
        "SELECT busy_version.version, change.* FROM busy_version LEFT JOIN ({changed}
            UNION ALL
            SELECT NULL, NULL, NULL, NULL, NULL, NULL, apart.* FROM ({}) AS apart)
            AS change ON TRUE",
        apart(conn, whose, "$2", "$3"),
        changed = changed.join(" UNION ALL ")
    );
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let rows = ChangeRow::find_by_statement(statement).all(conn).await?;
    let of_log = rows.iter().filter(|row| row.position.is_some() || row.id.is_some()).count();
    if of_log > MANY || rows.first().is_none_or(|row| row.version != since.version) {
        return Ok(None);
    }
    let Apart { refused, held } = rows.iter().filter_map(ChangeRow::apart).collect();
    let last = rows.iter().filter_map(|row| row.position).max();
    match rows.into_iter().filter_map(ChangeRow::time).collect::<Result<_, _>>() {
        Ok(changed) => {
            let position = last.map_or(since.position, EventPosition);
            let at = BookMoment { position, ..since };
            Ok(Some(BusyNews { at, changed, loaded: Vec::new(), refused, held }))
        }
        // Written by somebody else. It must not be in the way of searches on other days.
        Err(error) => {
            tracing::error!(%error, "An appointment can't be read: busy time is read anew without it");
            Ok(None)
        }
    }
}

/// The appointments of some events, as they are now, one more than `MANY` at most.
fn changed(conn: &impl ConnectionTrait, which: &str) -> String {
    let joined = match Engine::of(conn) {
        Engine::Sqlite => "JOIN appointment AS visit ON visit.id = event.appointment_id",
        // One by one: a planner takes "all after a position" for a third of the log, and would read
        // all appointments to go with it.
        Engine::Postgres => {
            "CROSS JOIN LATERAL
                (SELECT * FROM appointment WHERE id = event.appointment_id LIMIT 1) AS visit"
        }
    };
    let instant = instant(conn);
    format!(
        "SELECT event.position, visit.id, event.from_provider_id AS left_provider_id,
                visit.status IN {HOLDING} AS holds, visit.move_starts_at, visit.move_ends_at,
                FALSE AS held, visit.visit_type_id,
                CAST(NULL AS {instant}) AS held_until, visit.provider_id, visit.starts_at, visit.ends_at
           FROM (SELECT position, appointment_id, from_provider_id FROM appointment_event
                  WHERE {which} LIMIT {limit}) AS event {joined}",
        limit = MANY + 1
    )
}
