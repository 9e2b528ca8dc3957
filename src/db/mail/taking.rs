//! From the log of what happens, and from who waits, to what patients are told.

use std::collections::HashSet;

use jiff::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement};
use uuid::Uuid;

use super::row;
use crate::db::engine::{Engine, StoreError, from_db, slot_from_db, to_db};
use crate::db::entity::{appointment_event, mail};
use crate::db::told_events;
use crate::domain::{
    AppointmentEventKind, AppointmentId, EventPosition, Mail, ProviderId, TimeSlot, ToldEvent,
    WaitlistEntryId,
};

/// Up to where events are mail.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn reached(conn: &impl ConnectionTrait) -> Result<EventPosition, StoreError> {
    Ok(position_by(conn, "").await?.unwrap_or_default())
}

/// Up to where events are mail, for this transaction alone to move on; none where another is about to.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn position(tx: &impl ConnectionTrait) -> Result<Option<EventPosition>, StoreError> {
    let alone = match Engine::of(tx) {
        Engine::Postgres => " FOR NO KEY UPDATE SKIP LOCKED",
        Engine::Sqlite => "",
    };
    position_by(tx, alone).await
}

async fn position_by(
    conn: &impl ConnectionTrait,
    locking: &str,
) -> Result<Option<EventPosition>, StoreError> {
    let sql = format!("SELECT position FROM mail_reader WHERE id = 1{locking}");
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let row = conn.query_one_raw(statement).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.map(EventPosition))
}

/// Moves that on.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn move_on(tx: &impl ConnectionTrait, to: EventPosition) -> Result<(), StoreError> {
    let sql = "UPDATE mail_reader SET position = $1 WHERE id = 1";
    let backend = tx.get_database_backend();
    tx.execute_raw(Statement::from_sql_and_values(backend, sql, [to.0.into()])).await?;
    Ok(())
}

/// What happened after a position, at most so much, in order, each with whether its visit was ever confirmed.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn events_after(
    tx: &impl ConnectionTrait,
    position: EventPosition,
    limit: u16,
) -> Result<Vec<(ToldEvent, bool)>, StoreError> {
    use appointment_event::Column;
    let events = told_events::after(tx, position, limit).await?;
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let visits: HashSet<Uuid> = events.iter().map(|event| event.appointment_id.uuid()).collect();
    let confirmed: Vec<Uuid> = appointment_event::Entity::find()
        .select_only()
        .column(Column::AppointmentId)
        .distinct()
        .filter(Column::AppointmentId.is_in(visits))
        .filter(Column::Kind.eq(AppointmentEventKind::Confirmed.as_str()))
        .into_tuple()
        .all(tx)
        .await?;
    let confirmed: HashSet<AppointmentId> = confirmed.into_iter().map(Into::into).collect();
    let with = |event: ToldEvent| {
        let was_confirmed = confirmed.contains(&event.appointment_id);
        (event, was_confirmed)
    };
    Ok(events.into_iter().map(with).collect())
}

/// Writes mail down; what is written down already is left as it is.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn insert(tx: &impl ConnectionTrait, mails: &[Mail]) -> Result<(), StoreError> {
    for some in mails.chunks(100) {
        mail::Entity::insert_many(some.iter().map(row::of))
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// A visit that comes, of which nobody is reminded yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upcoming {
    /// Which.
    pub appointment_id: AppointmentId,
    /// With whom.
    pub provider_id: ProviderId,
    /// When.
    pub slot: TimeSlot,
}

/// Which visits are confirmed, stay where they are, and begin after `now` and not after `until`, of which no mail reminds
/// that is so many minutes ahead; at most so many, the next first. Those are not among them that were given their time
/// when that moment had passed.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn upcoming(
    conn: &impl ConnectionTrait,
    lead_minutes: u32,
    (now, until): (Timestamp, Timestamp),
    limit: u16,
) -> Result<Vec<Upcoming>, StoreError> {
    let due_at = match Engine::of(conn) {
        Engine::Postgres => "visit.starts_at - make_interval(mins => $3)",
        Engine::Sqlite => {
            "strftime('%Y-%m-%dT%H:%M:%S+00:00', visit.starts_at, '-' || $3 || ' minutes')"
        }
    };
    let sql = format!(
        "SELECT visit.id, visit.provider_id, visit.starts_at, visit.ends_at
          FROM appointment AS visit
          WHERE visit.status = 'CONFIRMED' AND visit.starts_at > $1 AND visit.starts_at <= $2
            AND visit.move_starts_at IS NULL AND visit.reassign_provider_id IS NULL
            AND coalesce((SELECT max(event.at) FROM appointment_event AS event
               WHERE event.appointment_id = visit.id AND event.to_starts_at = visit.starts_at
                 AND (event.kind = 'BOOKED' OR (event.kind IN ('RESCHEDULED', 'REASSIGNED')
                     AND event.from_starts_at <> event.to_starts_at))), visit.created_at) < {due_at}
            AND NOT EXISTS (SELECT 1 FROM mail WHERE mail.kind = 'REMINDER' AND mail.appointment_id = visit.id
                AND mail.starts_at = visit.starts_at AND mail.lead_minutes = $3)
          ORDER BY visit.starts_at LIMIT {limit}"
    );
    let lead = i32::try_from(lead_minutes).unwrap_or(i32::MAX);
    let values = [to_db(now).into(), to_db(until).into(), lead.into()];
    let backend = conn.get_database_backend();
    let rows = conn.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    let read = |row: &sea_orm::QueryResult| {
        let slot = slot_from_db(row.try_get("", "starts_at")?, row.try_get("", "ends_at")?)?;
        Ok(Upcoming {
            appointment_id: row.try_get::<Uuid>("", "id")?.into(),
            provider_id: row.try_get::<Uuid>("", "provider_id")?.into(),
            slot,
        })
    };
    rows.iter().map(read).collect()
}

/// An offer that nobody was told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Untold {
    /// Whose.
    pub entry_id: WaitlistEntryId,
    /// Which.
    pub offer_id: AppointmentId,
    /// With whom.
    pub provider_id: ProviderId,
    /// Which time.
    pub slot: TimeSlot,
    /// When it was offered.
    pub offered_at: Timestamp,
    /// From when on it holds nothing.
    pub expires_at: Timestamp,
}

/// The offers that are open at `now` and that no mail tells of, at most so many.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn untold_offers(
    conn: &impl ConnectionTrait,
    now: Timestamp,
    limit: u16,
) -> Result<Vec<Untold>, StoreError> {
    use sea_orm::prelude::DateTimeUtc;
    let sql = format!(
        "SELECT offer.id, offer.entry_id, offer.provider_id, offer.starts_at, offer.ends_at, offer.offered_at,
            offer.expires_at FROM waitlist_offer AS offer
          WHERE offer.outcome IS NULL AND offer.expires_at > $1
            AND NOT EXISTS (SELECT 1 FROM mail WHERE mail.offer_id = offer.id)
          ORDER BY offer.offered_at LIMIT {limit}"
    );
    let backend = conn.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [to_db(now).into()]);
    let rows = conn.query_all_raw(statement).await?;
    let read = |row: &sea_orm::QueryResult| {
        let instant = |name| from_db(row.try_get::<DateTimeUtc>("", name)?);
        Ok(Untold {
            entry_id: row.try_get::<Uuid>("", "entry_id")?.into(),
            offer_id: row.try_get::<Uuid>("", "id")?.into(),
            provider_id: row.try_get::<Uuid>("", "provider_id")?.into(),
            slot: slot_from_db(row.try_get("", "starts_at")?, row.try_get("", "ends_at")?)?,
            offered_at: instant("offered_at")?,
            expires_at: instant("expires_at")?,
        })
    };
    rows.iter().map(read).collect()
}
