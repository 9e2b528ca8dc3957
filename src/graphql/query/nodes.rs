//! Anything by its id.

use async_graphql::{Context, ID, Object};

use super::find::{
    find_appointment, find_audit_event, find_insurance, find_mail, find_patient, find_person,
    find_provider, find_series, find_token, find_visit_type, find_waitlist_entry,
    find_webhook_endpoint,
};
use crate::domain::{
    AuditEventId, MailId, PatientId, PayerId, PersonId, ProviderId, SeriesId, TokenId, VisitTypeId,
    WaitlistEntryId, WebhookEndpointId,
};
use crate::graphql::error::ApiError;
use crate::graphql::types::node::Node;

/// Anything by its id.
#[derive(Default)]
pub struct NodeQuery;

/// Anything by its id.
#[Object]
impl NodeQuery {
    /// Anything with an id, fetched again; null when there is nothing with this id.
    async fn node(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Option<Result<Node, ApiError>> {
        let found = async {
            Ok(if id.starts_with(ProviderId::PREFIX) {
                find_provider(context, &id).await?.map(Node::Provider)
            } else if id.starts_with(PatientId::PREFIX) {
                find_patient(context, &id).await?.map(Node::Patient)
            } else if id.starts_with(PersonId::PREFIX) {
                find_person(context, &id).await?.map(Node::Person)
            } else if id.starts_with(TokenId::PREFIX) {
                find_token(context, &id).await?.map(Node::Token)
            } else if id.starts_with(AuditEventId::PREFIX) {
                find_audit_event(context, &id).await?.map(Node::AuditEvent)
            } else if id.starts_with(PayerId::PREFIX) {
                find_insurance(context, &id).await?.map(Node::Insurance)
            } else if id.starts_with(VisitTypeId::PREFIX) {
                find_visit_type(context, &id).await?.map(Node::VisitType)
            } else if id.starts_with(SeriesId::PREFIX) {
                find_series(context, &id).await?.map(Node::AppointmentSeries)
            } else if id.starts_with(WaitlistEntryId::PREFIX) {
                find_waitlist_entry(context, &id).await?.map(Node::WaitlistEntry)
            } else if id.starts_with(WebhookEndpointId::PREFIX) {
                find_webhook_endpoint(context, &id).await?.map(Node::WebhookEndpoint)
            } else if id.starts_with(MailId::PREFIX) {
                find_mail(context, &id).await?.map(Node::Mail)
            } else {
                find_appointment(context, &id).await?.map(Node::Appointment)
            })
        };
        found.await.transpose()
    }
}
