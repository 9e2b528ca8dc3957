//! Time that is held and nobody's visit yet: rows of `appointment` in status `HELD`, without a patient. They
//! make no event and are in no list; whoever reads busy time reads them as well.
//!
//! What a visit holds that is on its way to another provider goes with that. What somebody has asked for
//! (`asked`) has an end: from then on it holds nothing, though its row is there until somebody who wants
//! the time meets it under the provider's lock.

mod asked;

pub use asked::{
    HoldTokenKept, HoldsOfCaller, count_live, find, find_by_token, insert, insert_offered, redeem,
    release, release_live,
};

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, Statement};

use super::engine::{Engine, StoreError, to_db};
use crate::domain::{Appointment, AppointmentId, ProviderId, Reassignment, TimeSlot, VisitTypeId};

/// The status of such rows.
pub(super) const HELD: &str = "HELD";

/// Whether a row in this status still holds its time at `$now`, in SQL.
pub(super) fn is_live(now: &str) -> String {
    format!("(hold_expires_at IS NULL OR hold_expires_at > {now})")
}

/// Holds the time with another provider for a visit that is on its way there, unless a rule against
/// overlapping ones refuses it.
///
/// # Errors
///
/// [`StoreError`] when the database fails; a refusal is `Ok(false)`.
pub async fn insert_for(
    tx: &impl ConnectionTrait,
    visit: &Appointment,
    to: Reassignment,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO appointment
            (id, provider_id, starts_at, ends_at, status, version, state, insurance_id, visit_type_id,
             hold_for, created_at, updated_at)
        VALUES ($1, $2, $3, $4, 'HELD', 1, $5, $6, $7, $8, $9, $9)
        ON CONFLICT DO NOTHING";
    let now = visit.updated_at;
    let values = [
        AppointmentId::generate(now).uuid().into(),
        to.provider_id.uuid().into(),
        to_db(to.slot.starts_at()).into(),
        to_db(to.slot.ends_at()).into(),
        visit.state.code().into(),
        visit.payer_id.uuid().into(),
        visit.visit_type_id.map(VisitTypeId::uuid).into(),
        visit.id.uuid().into(),
        to_db(now).into(),
    ];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    match tx.execute_raw(statement).await.map_err(StoreError::from) {
        Ok(inserted) => Ok(inserted.rows_affected() == 1),
        Err(StoreError::Overlap) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Frees what is held for a visit that was on its way to another provider and is not any more. Before the
/// visit itself is changed: its own time may be that one from then on.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub(super) async fn remove_if_over(
    tx: &impl ConnectionTrait,
    before: &Appointment,
    after: &Appointment,
) -> Result<(), StoreError> {
    if before.reassigning.is_some() && after.reassigning.is_none() {
        let sql = "DELETE FROM appointment WHERE hold_for = $1 AND status = 'HELD'";
        let values = [before.id.uuid().into()];
        let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
        tx.execute_raw(statement).await?;
    }
    Ok(())
}

/// Removes what has lapsed by `now` and would still be in the way of that time of a provider's, whose lock
/// `tx` has: the rule of the database knows no clock. Whether there was any.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn remove_lapsed(
    tx: &impl ConnectionTrait,
    (provider_id, slot): (ProviderId, TimeSlot),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM appointment WHERE provider_id = $1 AND status = 'HELD' AND hold_expires_at <= $2
                  AND starts_at < $3 AND ends_at > $4";
    let values = [
        provider_id.uuid().into(),
        to_db(now).into(),
        to_db(slot.ends_at()).into(),
        to_db(slot.starts_at()).into(),
    ];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.execute_raw(statement).await?.rows_affected() > 0)
}

/// Forgets which held times changed more than an hour ago: whoever follows them reads all of it anew every ten minutes
/// (`search`). By the database's clock, which wrote when that was.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn forget_changes(tx: &impl ConnectionTrait) -> Result<u64, StoreError> {
    let an_hour_ago = match Engine::of(tx) {
        Engine::Postgres => "clock_timestamp() - interval '1 hour'",
        Engine::Sqlite => "strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now', '-1 hour')",
    };
    let sql = format!("DELETE FROM held_change WHERE at < {an_hour_ago}");
    let statement = Statement::from_string(tx.get_database_backend(), sql);
    Ok(tx.execute_raw(statement).await?.rows_affected())
}
