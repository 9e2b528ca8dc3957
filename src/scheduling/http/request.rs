//! The bodies the scheduling service is sent.

use jiff::Timestamp;
use serde::Serialize;

use super::super::ExternalBooking;

/// The body of `POST /appointments`. No `Debug`: it carries a patient's name.
#[derive(Serialize)]
pub(super) struct ReserveBody<'a> {
    reference: &'a str,
    provider_reference: &'a str,
    provider_name: &'a str,
    patient_name: &'a str,
    time: Timestamp,
    duration_minutes: u16,
}

impl<'a> From<&'a ExternalBooking> for ReserveBody<'a> {
    fn from(booking: &'a ExternalBooking) -> Self {
        Self {
            reference: &booking.reference,
            provider_reference: &booking.provider_reference,
            provider_name: &booking.provider_name,
            patient_name: &booking.patient_name,
            time: booking.time,
            duration_minutes: booking.duration_minutes,
        }
    }
}

/// The body of `PUT /appointments/{appointment_id}`.
#[derive(Serialize)]
pub(super) struct RescheduleBody {
    pub(super) time: Timestamp,
    pub(super) duration_minutes: u16,
}
