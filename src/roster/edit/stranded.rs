//! The visits to come that fit no more what the roster says. They stay booked.

use jiff::Timestamp;

use super::circumstances::Circumstances;
use crate::db::{Connection, appointments};
use crate::domain::{
    Appointment, AppointmentFilter, AppointmentPosition, Page, Provider, TimeSlot,
};
use crate::request::Refusal;

/// How many visits are read at once.
const READ_AT_ONCE: u64 = 1000;

/// The visits to come of a provider that do not fit what they are in a way in which they fitted what they
/// were.
pub(in crate::roster::edit) async fn stranded(
    tx: &impl Connection,
    (was, is): (&Provider, &Provider),
    at: &Circumstances,
) -> Result<Vec<Appointment>, Refusal> {
    let of_them = AppointmentFilter { provider_id: Some(is.id), ..AppointmentFilter::default() };
    let ways_unfit =
        |provider: &Provider, visit: &Appointment| provider.ways_unfit(visit, &at.directory);
    read(tx, of_them, at.now, |visit| ways_unfit(is, visit).more_than(ways_unfit(was, visit))).await
}

/// The visits to come of a provider that do not fit what they are.
pub(in crate::roster::edit) async fn unfit(
    conn: &impl Connection,
    provider: &Provider,
    at: &Circumstances,
) -> Result<Vec<Appointment>, Refusal> {
    let of_them =
        AppointmentFilter { provider_id: Some(provider.id), ..AppointmentFilter::default() };
    read(conn, of_them, at.now, |visit| provider.ways_unfit(visit, &at.directory).any()).await
}

/// The visits to come of everybody of which `is_meant` is true.
pub(in crate::roster::edit) async fn visits_to_come(
    tx: &impl Connection,
    now: Timestamp,
    is_meant: impl Fn(&Appointment) -> bool,
) -> Result<Vec<Appointment>, Refusal> {
    read(tx, AppointmentFilter::default(), now, is_meant).await
}

/// Reads all visits to come, by start, however many there are.
async fn read(
    conn: &impl Connection,
    filter: AppointmentFilter,
    now: Timestamp,
    is_meant: impl Fn(&Appointment) -> bool,
) -> Result<Vec<Appointment>, Refusal> {
    let window = TimeSlot::new(now, Timestamp::MAX).ok();
    let filter = AppointmentFilter { window, ..filter };
    let (mut found, mut page) = (Vec::new(), Page::first(READ_AT_ONCE));
    loop {
        let visits = appointments::page(conn, &filter, page).await?;
        let Some(last) = visits.last() else { return Ok(found) };
        page.after = Some(AppointmentPosition::of(last));
        let to_come = visits.into_iter().filter(|visit| visit.slot.starts_at() > now);
        found.extend(to_come.filter(&is_meant));
    }
}
