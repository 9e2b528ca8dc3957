//! When all providers are busy on whole days.

use sea_orm::prelude::DateTimeUtc;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use crate::db::busy::HOLDING;
use crate::db::engine::{StoreError, slot_from_db, to_db};
use crate::domain::TimeSlot;
use crate::domain::busy::AppointmentTime;

/// Who is busy on each of those days, by what starts on it.
pub(super) async fn load_all(
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
    visit_type_id: Option<Uuid>,
    starts_at: DateTimeUtc,
    ends_at: DateTimeUtc,
}

async fn load(
    conn: &impl ConnectionTrait,
    days: TimeSlot,
) -> Result<Vec<AppointmentTime>, StoreError> {
    let spans = ["", "move_"].map(|span| {
        format!(
            "SELECT id, provider_id, visit_type_id, {span}starts_at AS starts_at, {span}ends_at AS ends_at
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
            left: None,
            appointment_id: row.id.into(),
            visit_type_id: row.visit_type_id.map(Into::into),
            slots: vec![slot_from_db(row.starts_at, row.ends_at)?],
        })
    };
    rows.into_iter().map(time).collect()
}
