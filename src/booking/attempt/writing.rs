//! Writing the visit, under the locks.

use jiff::Timestamp;

use crate::booking::plan::BookingPlan;
use crate::db::outbox::OutboxEntry;
use crate::db::{StoreError, Tx, appointments, busy, holds, outbox, settlement, waitlist};
use crate::domain::{Appointment, WaitlistEntry};
use crate::request::Refusal;

/// Writes the visit, with its outbox row where it has one: anew, or in place of the hold that it redeems.
/// `Ok(false)` when a rule of the database refuses it.
///
/// # Errors
///
/// [`Refusal::HoldExpired`]; [`Refusal::PatientDoubleBooked`] of a hold, which stays.
pub(in crate::booking) async fn write(
    tx: &Tx,
    plan: &BookingPlan<'_>,
    (visit, unsettled): (&Appointment, Option<&OutboxEntry>),
    now: Timestamp,
) -> Result<bool, Refusal> {
    if plan.redeems.is_some() {
        redeem(tx, visit, now).await?;
        if let Some(entry) = &plan.accepts {
            accept(tx, entry, now).await?;
        }
        if let Some(unsettled) = unsettled {
            outbox::put(tx, unsettled, now, now).await?;
        }
        return Ok(true);
    }
    if insert(tx, visit, unsettled, now).await? {
        return Ok(true);
    }
    let time = (visit.provider_id, visit.slot);
    Ok(holds::remove_lapsed(tx, time, now).await? && insert(tx, visit, unsettled, now).await?)
}

async fn insert(
    tx: &Tx,
    visit: &Appointment,
    unsettled: Option<&OutboxEntry>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    match unsettled {
        Some(unsettled) => settlement::insert_unsettled(tx, visit, unsettled, now).await,
        None => appointments::insert(tx, visit).await,
    }
}

async fn redeem(tx: &Tx, visit: &Appointment, now: Timestamp) -> Result<(), Refusal> {
    // Before the rule refuses it, which would end the transaction on PostgreSQL.
    let patient = Some(visit.patient_id);
    // Not by the visit that it is already: then it is held no more.
    let busy = busy::find(tx, [], patient, visit.slot, (Some(visit.id), now)).await?;
    if !busy.of_patient().is_empty() {
        return Err(Refusal::PatientDoubleBooked);
    }
    match holds::redeem(tx, visit, now).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Refusal::HoldExpired),
        Err(StoreError::Overlap) => Err(Refusal::PatientDoubleBooked),
        Err(error) => Err(error.into()),
    }
}

/// Notes that what is offered was taken, by whoever comes first.
///
/// # Errors
///
/// [`Refusal::HoldExpired`] where the offer is over.
pub(in crate::booking) async fn accept(
    tx: &Tx,
    entry: &WaitlistEntry,
    now: Timestamp,
) -> Result<(), Refusal> {
    let taken = waitlist::replace(tx, entry, entry.accepted(now)).await?;
    taken.map(|_| ()).ok_or(Refusal::HoldExpired)
}
