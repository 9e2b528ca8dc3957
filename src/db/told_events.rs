//! The log as others are told of it: each event with its visit as it was then.

use sea_orm::{ConnectionTrait, QueryResult, Statement};
use uuid::Uuid;

use super::engine::{StoreError, from_db};
use crate::domain::{EventPosition, ToldEvent};

/// One that is over, or to be, is told at the time that it had, wherever it was to go.
const TOLD: &str = "SELECT event.position, event.at, event.kind, event.appointment_id,
    CASE WHEN event.kind = 'REASSIGNING' THEN coalesce(event.to_provider_id, event.provider_id)
         ELSE event.provider_id END AS provider_id,
    coalesce(event.to_status, appointment.status) AS status,
    CASE WHEN event.kind IN ('CANCELLING', 'CANCELLED', 'FAILED', 'EXPIRED')
         THEN coalesce(event.from_starts_at, event.to_starts_at, appointment.starts_at)
         ELSE coalesce(event.to_starts_at, appointment.starts_at) END AS starts_at,
    event.to_ends_at AS ends_at,
    CASE WHEN event.from_starts_at <> event.to_starts_at
          AND event.kind NOT IN ('CANCELLING', 'CANCELLED', 'FAILED', 'EXPIRED')
         THEN event.from_starts_at END AS previous_starts_at,
    appointment.starts_at AS starts_now, appointment.ends_at AS ends_now
    FROM appointment_event AS event JOIN appointment ON appointment.id = event.appointment_id";

/// What happened after a position, at most so much, in order.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn after(
    conn: &impl ConnectionTrait,
    position: EventPosition,
    limit: u16,
) -> Result<Vec<ToldEvent>, StoreError> {
    let sql = format!("{TOLD} WHERE event.position > $1 ORDER BY event.position LIMIT {limit}");
    let backend = conn.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [position.0.into()]);
    conn.query_all_raw(statement).await?.iter().map(read).collect()
}

/// What happened at that position.
///
/// # Errors
///
/// [`StoreError`] when the database fails, or nothing has.
pub async fn told(
    conn: &impl ConnectionTrait,
    position: EventPosition,
) -> Result<ToldEvent, StoreError> {
    let sql = format!("{TOLD} WHERE event.position = $1");
    let backend = conn.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [position.0.into()]);
    let row = conn.query_one_raw(statement).await?;
    read(&row.ok_or_else(|| StoreError::unreadable("event that is told"))?)
}

fn read(row: &QueryResult) -> Result<ToldEvent, StoreError> {
    use sea_orm::prelude::DateTimeUtc;
    let instant = |name| from_db(row.try_get::<DateTimeUtc>("", name)?);
    let previous = row.try_get::<Option<DateTimeUtc>>("", "previous_starts_at")?;
    let kind: String = row.try_get("", "kind")?;
    let status: String = row.try_get("", "status")?;
    let starts_at = instant("starts_at")?;
    // Before it was written down until when a visit lasts, it is taken to have been as long as it is now.
    let ends_at = match row.try_get::<Option<DateTimeUtc>>("", "ends_at")? {
        Some(ends_at) => from_db(ends_at)?,
        None => starts_at + instant("ends_now")?.duration_since(instant("starts_now")?),
    };
    Ok(ToldEvent {
        position: EventPosition(row.try_get("", "position")?),
        at: instant("at")?,
        kind: kind.parse().map_err(|_unknown| StoreError::unreadable("event"))?,
        appointment_id: row.try_get::<Uuid>("", "appointment_id")?.into(),
        provider_id: row.try_get::<Uuid>("", "provider_id")?.into(),
        status: status.parse().map_err(|_unknown| StoreError::unreadable("status"))?,
        starts_at,
        ends_at,
        previous_starts_at: previous.map(from_db).transpose()?,
    })
}
