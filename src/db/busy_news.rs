//! When all providers are busy on whole days, and what has changed since: for a memory of it.
//!
//! The log of events tells what changed. An event is there as soon as its change is committed; on
//! `PostgreSQL` it may still be without a position then, and is told each time until it has one.
//! What the log does not tell (an appointment deleted by hand) the database counts (`busy_version`).

use jiff::Timestamp;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use super::busy::HOLDING;
use super::engine::{Db, Engine, StoreError, slot_from_db, to_db};
use super::refused_times::remembered_since;
use crate::domain::busy::AppointmentTime;
use crate::domain::{EventPosition, ProviderId, TimeSlot};

/// So many refused times are passed over at most, the latest: with more of them the service refuses
/// whatever it is asked, and no search would help.
const REFUSED: usize = 1000;

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
        return changes(db.read(), since, now).await;
    }
    let snapshot = db.snapshot().await?;
    let Some(news) = changes(&snapshot, since, now).await? else { return Ok(None) };
    Ok(Some(BusyNews { loaded: load_all(&snapshot, days).await?, ..news }))
}

/// Who is busy on whole `days`, when nothing is known yet.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn all(db: &Db, days: &[TimeSlot], now: Timestamp) -> Result<BusyNews, StoreError> {
    let snapshot = db.snapshot().await?;
    let (at, refused) = moment(&snapshot, now).await?;
    Ok(BusyNews { at, changed: Vec::new(), loaded: load_all(&snapshot, days).await?, refused })
}

/// This moment, and what was refused of late.
async fn moment(
    conn: &impl ConnectionTrait,
    now: Timestamp,
) -> Result<(BookMoment, Vec<(ProviderId, TimeSlot)>), StoreError> {
    let end_of_log = match Engine::of(conn) {
        Engine::Postgres => "SELECT position FROM appointment_event_end",
        Engine::Sqlite => "SELECT seq FROM sqlite_sequence WHERE name = 'appointment_event'",
    };
    let sql = format!(
        "SELECT version, ({end_of_log}) AS position, refused.provider_id, refused.starts_at, refused.ends_at
           FROM busy_version LEFT JOIN ({}) AS refused ON TRUE",
        refused("$1")
    );
    let since = to_db(remembered_since(now));
    let statement =
        Statement::from_sql_and_values(conn.get_database_backend(), sql, [since.into()]);
    let rows = MomentRow::find_by_statement(statement).all(conn).await?;
    let first = rows.first().ok_or_else(|| StoreError::unreadable("version of busy time"))?;
    let position = EventPosition(first.position.unwrap_or(0));
    let at = BookMoment { version: first.version, position };
    let refused =
        rows.iter().filter_map(|row| refused_time(row.provider_id, row.starts_at, row.ends_at));
    Ok((at, refused.collect()))
}

/// The times that were refused after `since`, the latest.
fn refused(since: &str) -> String {
    format!(
        "SELECT provider_id, starts_at, ends_at FROM refused_time
          WHERE refused_at > {since} ORDER BY refused_at DESC LIMIT {REFUSED}"
    )
}

/// One of them. What somebody else has written there and can't be read is not passed over.
fn refused_time(
    provider_id: Option<Uuid>,
    starts_at: Option<DateTimeUtc>,
    ends_at: Option<DateTimeUtc>,
) -> Option<(ProviderId, TimeSlot)> {
    let slot = slot_from_db(starts_at?, ends_at?).ok()?;
    Some((provider_id?.into(), slot))
}

/// The moment, and a refused time where there is one.
#[derive(FromQueryResult)]
struct MomentRow {
    version: i64,
    position: Option<i64>,
    provider_id: Option<Uuid>,
    starts_at: Option<DateTimeUtc>,
    ends_at: Option<DateTimeUtc>,
}

/// A change; a refused time, which has no appointment; or the version alone where there is neither.
#[derive(FromQueryResult)]
struct ChangeRow {
    version: i64,
    position: Option<i64>,
    id: Option<Uuid>,
    provider_id: Option<Uuid>,
    holds: Option<bool>,
    starts_at: Option<DateTimeUtc>,
    ends_at: Option<DateTimeUtc>,
    move_starts_at: Option<DateTimeUtc>,
    move_ends_at: Option<DateTimeUtc>,
}

impl ChangeRow {
    fn refused(&self) -> Option<(ProviderId, TimeSlot)> {
        let is_one = self.id.is_none();
        is_one.then(|| refused_time(self.provider_id, self.starts_at, self.ends_at)).flatten()
    }

    fn time(self) -> Option<Result<AppointmentTime, StoreError>> {
        let (id, provider_id) = self.id.zip(self.provider_id)?;
        let mut spans = Vec::new();
        if self.holds == Some(true) {
            spans.extend(self.starts_at.zip(self.ends_at));
            spans.extend(self.move_starts_at.zip(self.move_ends_at));
        }
        let slots = spans.into_iter().map(|(from, to)| slot_from_db(from, to));
        Some(slots.collect::<Result<_, _>>().map(|slots| AppointmentTime {
            provider_id: provider_id.into(),
            appointment_id: id.into(),
            slots,
        }))
    }
}

async fn changes(
    conn: &impl ConnectionTrait,
    since: BookMoment,
    now: Timestamp,
) -> Result<Option<BusyNews>, StoreError> {
    let mut changed = changed(conn, "position > $1 ORDER BY position");
    if Engine::of(conn) == Engine::Postgres {
        changed = format!("{changed} UNION ALL {}", self::changed(conn, "position IS NULL"));
    }
    let sql = format!(
        "SELECT busy_version.version, change.* FROM busy_version LEFT JOIN ({changed}
            UNION ALL
            SELECT NULL, NULL, provider_id, NULL, starts_at, ends_at, NULL, NULL FROM ({}) AS refused)
            AS change ON TRUE",
        refused("$2")
    );
    let backend = conn.get_database_backend();
    let values = [since.position.0.into(), to_db(remembered_since(now)).into()];
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let rows = ChangeRow::find_by_statement(statement).all(conn).await?;
    let refused: Vec<_> = rows.iter().filter_map(ChangeRow::refused).collect();
    if rows.len() - refused.len() > MANY
        || rows.first().is_none_or(|row| row.version != since.version)
    {
        return Ok(None);
    }
    let last = rows.iter().filter_map(|row| row.position).max();
    match rows.into_iter().filter_map(ChangeRow::time).collect::<Result<_, _>>() {
        Ok(changed) => {
            let position = last.map_or(since.position, EventPosition);
            let at = BookMoment { position, ..since };
            Ok(Some(BusyNews { at, changed, loaded: Vec::new(), refused }))
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
    format!(
        "SELECT event.position, visit.id, visit.provider_id, visit.status IN {HOLDING} AS holds,
                visit.starts_at, visit.ends_at, visit.move_starts_at, visit.move_ends_at
           FROM (SELECT position, appointment_id FROM appointment_event
                  WHERE {which} LIMIT {limit}) AS event {joined}",
        limit = MANY + 1
    )
}

async fn load_all(
    conn: &impl ConnectionTrait,
    days: &[TimeSlot],
) -> Result<Vec<(TimeSlot, Vec<AppointmentTime>)>, StoreError> {
    let mut loaded = Vec::with_capacity(days.len());
    // One by one: rows as the driver hands them over are many times as large as what is kept.
    for day in days {
        loaded.push((*day, load(conn, *day).await?));
    }
    Ok(loaded)
}

#[derive(FromQueryResult)]
struct SpanRow {
    id: Uuid,
    provider_id: Uuid,
    starts_at: DateTimeUtc,
    ends_at: DateTimeUtc,
}

async fn load(
    conn: &impl ConnectionTrait,
    days: TimeSlot,
) -> Result<Vec<AppointmentTime>, StoreError> {
    let spans = ["", "move_"].map(|span| {
        format!(
            "SELECT id, provider_id, {span}starts_at AS starts_at, {span}ends_at AS ends_at
               FROM appointment
              WHERE status IN {HOLDING} AND {span}starts_at >= $1 AND {span}starts_at < $2"
        )
    });
    let values = [to_db(days.starts_at()).into(), to_db(days.ends_at()).into()];
    let backend = conn.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, spans.join(" UNION ALL "), values);
    let rows = SpanRow::find_by_statement(statement).all(conn).await?;
    let time = |row: SpanRow| {
        Ok(AppointmentTime {
            provider_id: row.provider_id.into(),
            appointment_id: row.id.into(),
            slots: vec![slot_from_db(row.starts_at, row.ends_at)?],
        })
    };
    rows.into_iter().map(time).collect()
}
