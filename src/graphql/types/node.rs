//! Relay's `Node`: anything that can be fetched again by its id.

use async_graphql::{ID, Interface};

use super::appointment::AppointmentObject;
use super::audit::AuditEventObject;
use super::insurance::InsuranceObject;
use super::mail::MailObject;
use super::patient::PatientObject;
use super::person::PersonObject;
use super::provider::ProviderObject;
use super::series_change::AppointmentSeriesObject;
use super::token::TokenObject;
use super::visit_type::VisitTypeObject;
use super::waitlist::WaitlistEntryObject;
use super::webhook::WebhookEndpointObject;

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
    /// One of the staff.
    Person(PersonObject),
    /// A token of a machine.
    Token(TokenObject),
    /// A row of the audit trail.
    AuditEvent(AuditEventObject),
    /// An insurance.
    Insurance(InsuranceObject),
    /// A kind of visit.
    VisitType(VisitTypeObject),
    /// A series of visits.
    AppointmentSeries(AppointmentSeriesObject),
    /// A place on the waitlist.
    WaitlistEntry(WaitlistEntryObject),
    /// A program that is told what happens to visits.
    WebhookEndpoint(WebhookEndpointObject),
    /// A mail to a patient.
    Mail(MailObject),
}
