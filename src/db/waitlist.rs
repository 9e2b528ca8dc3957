//! Who waits for a time, and what they were offered. Whoever writes a time with an entry writes the time first: in
//! one order nobody waits for each other.

mod list;
mod row;

pub use list::{count, page};

use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait as _, Statement,
};

use super::engine::{CHANNEL, Engine, StoreError, to_db};
use super::entity::{waitlist_entry, waitlist_offer};
use crate::domain::{
    AppointmentId, EventPosition, PatientId, TimeSlot, WaitlistEntry, WaitlistEntryId,
    WaitlistStatus,
};

/// Writes a new entry, and answers it with its place among all changes.
///
/// # Errors
///
/// [`StoreError::Dangling`] for a patient who was merged into another; [`StoreError`] when the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    new: WaitlistEntry,
) -> Result<WaitlistEntry, StoreError> {
    if Engine::of(tx) == Engine::Postgres {
        // Whoever merges patients has locked them before they take a position.
        let sql = "SELECT 1 FROM patient WHERE id = $1 FOR KEY SHARE";
        let values = [new.patient_id.uuid().into()];
        let backend = tx.get_database_backend();
        tx.query_one_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    let position = next_position(tx).await?;
    let new = WaitlistEntry { joined: position, position, ..new };
    waitlist_entry::Entity::insert(row::of(&new)).exec_without_returning(tx).await?;
    Ok(new)
}

/// Stores what became of an entry, if it is still what it was `before`; with its place among all changes then.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn replace(
    tx: &impl ConnectionTrait,
    before: &WaitlistEntry,
    after: WaitlistEntry,
) -> Result<Option<WaitlistEntry>, StoreError> {
    let after = WaitlistEntry { position: next_position(tx).await?, ..after };
    let updated = waitlist_entry::Entity::update_many()
        .col_expr(waitlist_entry::Column::Version, after.version.into())
        .col_expr(waitlist_entry::Column::Status, after.status.as_str().into())
        .col_expr(waitlist_entry::Column::Position, after.position.0.into())
        .col_expr(waitlist_entry::Column::UpdatedAt, to_db(after.updated_at).into())
        .filter(waitlist_entry::Column::Id.eq(before.id.uuid()))
        .filter(waitlist_entry::Column::Version.eq(before.version))
        .exec(tx)
        .await?;
    if updated.rows_affected != 1 {
        return Ok(None);
    }
    for (at, offer) in after.offers.iter().enumerate() {
        let known = before.offers.get(at);
        if known.is_some_and(|known| known == offer) {
            continue;
        }
        let row = row::of_offer(after.id, offer);
        if known.is_some() {
            let outcome = row.outcome.clone();
            let row = waitlist_offer::ActiveModel {
                id: Set(offer.id.uuid()),
                outcome,
                ..Default::default()
            };
            row.update(tx).await?;
        } else {
            waitlist_offer::Entity::insert(row).exec_without_returning(tx).await?;
        }
    }
    Ok(Some(after))
}

/// The next place among all changes, which is this transaction's until it ends; and every replica is woken then.
async fn next_position(tx: &impl ConnectionTrait) -> Result<EventPosition, StoreError> {
    let backend = tx.get_database_backend();
    let sql = "UPDATE waitlist_end SET position = position + 1 RETURNING position";
    let row = tx.query_one_raw(Statement::from_string(backend, sql)).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("end of the waitlist's changes"))?;
    if Engine::of(tx) == Engine::Postgres {
        let sql = format!("SELECT pg_notify('{CHANNEL}', '')");
        tx.query_one_raw(Statement::from_string(backend, sql)).await?;
    }
    Ok(EventPosition(row.try_get_by_index(0)?))
}

/// The place of the last change; 0 where there was none.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn last(conn: &impl ConnectionTrait) -> Result<EventPosition, StoreError> {
    let sql = "SELECT position FROM waitlist_end";
    let row = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), sql)).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("end of the waitlist's changes"))?;
    Ok(EventPosition(row.try_get_by_index(0)?))
}

/// The entry of that id.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(
    conn: &impl ConnectionTrait,
    id: WaitlistEntryId,
) -> Result<Option<WaitlistEntry>, StoreError> {
    let rows = waitlist_entry::Entity::find_by_id(id.uuid()).all(conn).await?;
    Ok(with_offers(conn, &rows).await?.pop())
}

/// The entries of those ids, in no order.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find_many(
    conn: &impl ConnectionTrait,
    ids: &[WaitlistEntryId],
) -> Result<Vec<WaitlistEntry>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let is_one = waitlist_entry::Column::Id.is_in(ids.iter().map(|id| id.uuid()));
    let rows = waitlist_entry::Entity::find().filter(is_one).all(conn).await?;
    with_offers(conn, &rows).await
}

/// The entry that was made an offer.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn with_offer(
    conn: &impl ConnectionTrait,
    offer: AppointmentId,
) -> Result<Option<WaitlistEntry>, StoreError> {
    match waitlist_offer::Entity::find_by_id(offer.uuid()).one(conn).await? {
        Some(offer) => find(conn, offer.entry_id.into()).await,
        None => Ok(None),
    }
}

/// The times that are offered to a patient, by whichever of their entries, and may be answered yet.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn offered_to(
    conn: &impl ConnectionTrait,
    patient_id: PatientId,
    now: Timestamp,
) -> Result<Vec<TimeSlot>, StoreError> {
    let theirs = waitlist_entry::Entity::find()
        .select_only()
        .column(waitlist_entry::Column::Id)
        .filter(waitlist_entry::Column::PatientId.eq(patient_id.uuid()));
    let open = waitlist_offer::Entity::find()
        .filter(waitlist_offer::Column::EntryId.in_subquery(theirs.into_query()))
        .filter(waitlist_offer::Column::Outcome.is_null())
        .filter(waitlist_offer::Column::ExpiresAt.gt(to_db(now)))
        .all(conn)
        .await?;
    open.iter().map(|row| row::read_offer(row).map(|offer| offer.slot)).collect()
}

/// Those who wait or are offered something, in no order.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn open(conn: &impl ConnectionTrait) -> Result<Vec<WaitlistEntry>, StoreError> {
    let open = [WaitlistStatus::Waiting, WaitlistStatus::Offered].map(WaitlistStatus::as_str);
    let is_open = waitlist_entry::Column::Status.is_in(open);
    let rows = waitlist_entry::Entity::find().filter(is_open).all(conn).await?;
    with_offers(conn, &rows).await
}

/// The entries that changed after a position, as they are now, in the order in which they did; at most so many.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn changed_after(
    conn: &impl ConnectionTrait,
    position: EventPosition,
    most: u64,
) -> Result<Vec<WaitlistEntry>, StoreError> {
    let rows = waitlist_entry::Entity::find()
        .filter(waitlist_entry::Column::Position.gt(position.0))
        .order_by_asc(waitlist_entry::Column::Position)
        .limit(most)
        .all(conn)
        .await?;
    with_offers(conn, &rows).await
}

/// Gives the entries of one patient to another, into whom they were merged; or tells that they are to be looked at
/// again, where both are one, who lives by another clock now.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn move_entries(
    tx: &impl ConnectionTrait,
    kept: PatientId,
    merged: PatientId,
) -> Result<(), StoreError> {
    let theirs = waitlist_entry::Column::PatientId.eq(merged.uuid());
    let rows = waitlist_entry::Entity::find().filter(theirs).all(tx).await?;
    for row in rows {
        let position = next_position(tx).await?;
        waitlist_entry::ActiveModel {
            id: Set(row.id),
            patient_id: Set(kept.uuid()),
            position: Set(position.0),
            ..Default::default()
        }
        .update(tx)
        .await?;
    }
    Ok(())
}

/// The entries of those rows, each with what it was offered, in order.
async fn with_offers(
    conn: &impl ConnectionTrait,
    rows: &[waitlist_entry::Model],
) -> Result<Vec<WaitlistEntry>, StoreError> {
    let mut entries = rows.iter().map(row::read).collect::<Result<Vec<_>, _>>()?;
    for entries in entries.chunks_mut(500) {
        let ids = entries.iter().map(|entry| entry.id.uuid());
        let offers = waitlist_offer::Entity::find()
            .filter(waitlist_offer::Column::EntryId.is_in(ids))
            .order_by_asc(waitlist_offer::Column::Id)
            .all(conn)
            .await?;
        for offer in offers {
            let whose = WaitlistEntryId::from(offer.entry_id);
            let offer = row::read_offer(&offer)?;
            if let Some(entry) = entries.iter_mut().find(|entry| entry.id == whose) {
                entry.offers.push(offer);
            }
        }
    }
    Ok(entries)
}
