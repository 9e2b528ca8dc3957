//! The bodies the scheduling service is sent.

use jiff::Timestamp;
use serde::Serialize;

use super::super::{ExternalBooking, ExternalVisit};

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
            reference: &booking.visit.reference,
            provider_reference: &booking.visit.provider_reference,
            provider_name: &booking.visit.provider_name,
            patient_name: &booking.patient_name,
            time: booking.visit.time,
            duration_minutes: booking.visit.duration_minutes,
        }
    }
}

/// The body of `PUT /appointments/{appointment_id}`.
#[derive(Serialize)]
pub(super) struct RescheduleBody<'a> {
    provider_reference: &'a str,
    provider_name: &'a str,
    time: Timestamp,
    duration_minutes: u16,
}

impl<'a> From<&'a ExternalVisit> for RescheduleBody<'a> {
    fn from(visit: &'a ExternalVisit) -> Self {
        Self {
            provider_reference: &visit.provider_reference,
            provider_name: &visit.provider_name,
            time: visit.time,
            duration_minutes: visit.duration_minutes,
        }
    }
}
