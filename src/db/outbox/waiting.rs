//! What waits in the outbox, for whoever runs the server.

use std::collections::HashSet;

use jiff::Timestamp;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect as _,
};
use uuid::Uuid;

use super::super::engine::{StoreError, from_db, to_db};
use super::super::entity::{appointment, outbox};
use super::OutboxEntry;
use crate::domain::{Appointment, AppointmentId, ProviderId};

/// So many rows of what fails tell whose they are.
const ENOUGH: u64 = 500;

/// An appointment that is not settled, and what became of the tries to.
pub struct Waiting {
    /// What it is now.
    pub appointment: Appointment,
    /// What is to be settled of it.
    pub entry: OutboxEntry,
    /// Since when.
    pub since: Timestamp,
    /// When it is tried next.
    pub due_at: Timestamp,
    /// What the last try came to.
    pub last_error: Option<String>,
}

/// How much waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// All of it.
    pub count: u64,
    /// What fails again and again.
    pub failing: u64,
    /// What has ended here, and is to be undone outside.
    pub ended: u64,
    /// Since when the oldest is due.
    pub oldest_due_at: Option<Timestamp>,
    /// Since when that waits which has waited longest, of what has not ended here.
    pub waiting_since: Option<Timestamp>,
}

/// Everything that waits, the oldest first.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn list(conn: &impl ConnectionTrait) -> Result<Vec<Waiting>, StoreError> {
    let rows = outbox::Entity::find()
        .find_also_related(appointment::Entity)
        .order_by_asc(outbox::Column::CreatedAt)
        .order_by_asc(outbox::Column::AppointmentId)
        .all(conn)
        .await?;
    let both = rows.into_iter().filter_map(|(row, appointment)| Some((row, appointment?)));
    both.map(|(row, appointment)| {
        Ok(Waiting {
            appointment: appointment.try_into()?,
            since: from_db(row.created_at)?,
            due_at: from_db(row.due_at)?,
            last_error: row.last_error.clone(),
            entry: row.try_into()?,
        })
    })
    .collect()
}

/// Makes what waits due now: one appointment, or all. Says how many there were.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn release(
    tx: &impl ConnectionTrait,
    id: Option<AppointmentId>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut update =
        outbox::Entity::update_many().col_expr(outbox::Column::DueAt, to_db(now).into());
    if let Some(id) = id {
        // One is tried with the fresh ones; all of them would stand in their way.
        update = update
            .col_expr(outbox::Column::Failing, false.into())
            .filter(outbox::Column::AppointmentId.eq(id.uuid()));
    }
    Ok(update.exec(tx).await?.rows_affected)
}

/// Whose visits fail again and again, as far as the next `ENOUGH` of them tell.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn failing_providers(
    conn: &impl ConnectionTrait,
) -> Result<HashSet<ProviderId>, StoreError> {
    let providers: Vec<Uuid> = outbox::Entity::find()
        .select_only()
        .column(appointment::Column::ProviderId)
        .inner_join(appointment::Entity)
        .filter(outbox::Column::Failing.eq(true))
        .order_by_asc(outbox::Column::DueAt)
        .limit(ENOUGH)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(providers.into_iter().map(ProviderId::from).collect())
}

/// How much waits to be settled.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn backlog(conn: &impl ConnectionTrait) -> Result<Backlog, StoreError> {
    let count = outbox::Entity::find().count(conn).await?;
    let failing =
        outbox::Entity::find().filter(outbox::Column::Failing.eq(true)).count(conn).await?;
    let ended = outbox::Entity::find()
        .inner_join(appointment::Entity)
        .filter(appointment::Column::UnsettledOutside.eq(true))
        .count(conn)
        .await?;
    let mut oldest = Vec::new();
    for failing in [false, true] {
        let of_lane = outbox::Entity::find().filter(outbox::Column::Failing.eq(failing));
        oldest.extend(of_lane.order_by_asc(outbox::Column::DueAt).one(conn).await?);
    }
    let oldest_due_at = oldest.into_iter().map(|row| row.due_at).min().map(from_db).transpose()?;
    let waiting_since: Option<DateTimeUtc> = outbox::Entity::find()
        .select_only()
        .column(outbox::Column::CreatedAt)
        .inner_join(appointment::Entity)
        .filter(appointment::Column::UnsettledOutside.eq(false))
        .order_by_asc(outbox::Column::CreatedAt)
        .into_tuple()
        .one(conn)
        .await?;
    let waiting_since = waiting_since.map(from_db).transpose()?;
    Ok(Backlog { count, failing, ended, oldest_due_at, waiting_since })
}
