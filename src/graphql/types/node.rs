//! Relay's `Node`: anything that can be fetched again by its id.

use async_graphql::{ID, Interface};

use super::appointment::AppointmentObject;
use super::patient::PatientObject;
use super::provider::ProviderObject;

/// Anything with an id under which it can be fetched again.
#[derive(Interface)]
#[graphql(
    name = "Node",
    field(name = "id", ty = "ID", desc = "Identifies it; opaque, and never changes.")
)]
pub(in crate::graphql) enum Node {
    /// A provider.
    Provider(ProviderObject),
    /// A patient.
    Patient(PatientObject),
    /// An appointment.
    Appointment(AppointmentObject),
}
