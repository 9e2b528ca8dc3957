//! The history of an appointment: the log of what happened to it, with who did it.

use sea_orm::prelude::DateTimeUtc;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

use super::callers::caller_in;
use crate::db::appointments::rules_from_db;
use crate::db::engine::{Engine, StoreError, from_db};
use crate::domain::AppointmentId;
use crate::domain::audit::AppointmentChange;

/// What happened to each of those appointments, in order.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn changes_of(
    conn: &impl ConnectionTrait,
    ids: &[AppointmentId],
) -> Result<Vec<AppointmentChange>, StoreError> {
    let (order, place): (_, fn(usize) -> String) = match Engine::of(conn) {
        // One that was just written has no position yet.
        Engine::Postgres => ("id", |number| format!("${number}")),
        Engine::Sqlite => ("position", |number| format!("?{number}")),
    };
    let bound: Vec<String> = (1..=ids.len()).map(place).collect();
    let sql = format!(
        "SELECT event.appointment_id, event.at, event.kind, event.from_status, event.to_status,
                event.from_starts_at, event.to_starts_at, event.from_provider_id, event.to_provider_id,
                event.reason, event.overruled, audit.actor_kind, audit.actor_id, audit.actor_name, audit.actor_role,
                audit.behalf_kind, audit.behalf_id, audit.behalf_name, audit.behalf_role
           FROM appointment_event AS event LEFT JOIN audit_event AS audit
             ON audit.changed_appointment = event.appointment_id
            AND audit.version_before < event.version AND audit.version_after >= event.version
          WHERE event.appointment_id IN ({}) ORDER BY event.{order}",
        bound.join(", ")
    );
    let values: Vec<Value> = ids.iter().map(|id| id.uuid().into()).collect();
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    let rows = conn.query_all_raw(statement).await?;
    rows.iter().map(change_in).collect()
}

fn change_in(row: &QueryResult) -> Result<AppointmentChange, StoreError> {
    let unreadable = || StoreError::unreadable("event");
    let id: Uuid = row.try_get_by_index(0)?;
    let (at, kind): (DateTimeUtc, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
    let status = |index: usize| {
        let status: Option<String> = row.try_get_by_index(index)?;
        status.map(|status| status.parse().map_err(|_unknown| unreadable())).transpose()
    };
    let instant = |index: usize| {
        let at: Option<DateTimeUtc> = row.try_get_by_index(index)?;
        at.map(from_db).transpose()
    };
    let provider = |index: usize| {
        let id: Option<Uuid> = row.try_get_by_index(index)?;
        Ok::<_, StoreError>(id.map(Into::into))
    };
    let overruled: Option<String> = row.try_get_by_index(10)?;
    // What was held before it was booked was no visit, and had neither a time nor a provider.
    let (from, to) = (status(3)?, status(4)?);
    let was = from.is_some();
    Ok(AppointmentChange {
        appointment: id.into(),
        at: from_db(at)?,
        kind: kind.parse().map_err(|_unknown| unreadable())?,
        status: (from, to),
        starts_at: (instant(5)?.filter(|_| was), instant(6)?),
        provider: (provider(7)?.filter(|_| was), provider(8)?),
        reason: row.try_get_by_index(9)?,
        overruled: overruled.as_deref().map(rules_from_db).transpose()?.unwrap_or_default(),
        actor: caller_in(row, 11)?,
        on_behalf_of: caller_in(row, 15)?,
    })
}
