//! Finding one thing by its id; nothing where the id is nobody's, or malformed.

use std::sync::Arc;

use async_graphql::Context;

use crate::domain::{
    AppointmentId, AuditEventId, MailId, PatientId, PayerId, PersonId, ProviderId, SeriesId,
    TokenId, VisitTypeId, WaitlistEntryId, WebhookEndpointId,
};
use crate::graphql::error::ApiError;
use crate::graphql::types::appointment::AppointmentObject;
use crate::graphql::types::audit::AuditEventObject;
use crate::graphql::types::insurance::InsuranceObject;
use crate::graphql::types::mail::MailObject;
use crate::graphql::types::patient::PatientObject;
use crate::graphql::types::person::PersonObject;
use crate::graphql::types::provider::ProviderObject;
use crate::graphql::types::series_change::AppointmentSeriesObject;
use crate::graphql::types::token::TokenObject;
use crate::graphql::types::visit_type::VisitTypeObject;
use crate::graphql::types::waitlist::WaitlistEntryObject;
use crate::graphql::types::webhook::WebhookEndpointObject;
use crate::graphql::{actor, loaders, services};
use crate::request::Refusal;

pub(super) async fn find_provider(
    context: &Context<'_>,
    id: &str,
) -> Result<Option<ProviderObject>, ApiError> {
    let Ok(id) = id.parse::<ProviderId>() else {
        return Ok(None);
    };
    Ok(loaders(context).directory().await?.provider(id).map(Arc::clone).map(ProviderObject))
}

pub(super) async fn find_patient(
    context: &Context<'_>,
    id: &str,
) -> Result<Option<PatientObject>, ApiError> {
    let Ok(id) = id.parse::<PatientId>() else {
        return Ok(None);
    };
    let found = loaders(context).load(id).await?;
    Ok(found.map(|patient| PatientObject::shown(actor(context), patient)))
}

pub(super) async fn find_appointment(
    context: &Context<'_>,
    id: &str,
) -> Result<Option<AppointmentObject>, ApiError> {
    let Ok(id) = id.parse::<AppointmentId>() else {
        return Ok(None);
    };
    Ok(loaders(context).load(id).await?.map(AppointmentObject))
}

pub(super) async fn find_series(
    context: &Context<'_>,
    id: &str,
) -> Result<Option<AppointmentSeriesObject>, ApiError> {
    let Ok(id) = id.parse::<SeriesId>() else {
        return Ok(None);
    };
    match services(context).booking.series(actor(context), id).await {
        Ok(found) => Ok(Some(found.into())),
        Err(Refusal::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn find_waitlist_entry(
    context: &Context<'_>,
    id: &str,
) -> Result<Option<WaitlistEntryObject>, ApiError> {
    let Ok(id) = id.parse::<WaitlistEntryId>() else {
        return Ok(None);
    };
    WaitlistEntryObject::load(context, id).await
}

pub(super) async fn find_person(
    context: &Context<'_>,
    id: &str,
) -> Result<Option<PersonObject>, ApiError> {
    let Ok(id) = id.parse::<PersonId>() else {
        return Ok(None);
    };
    Ok(services(context).people.person(actor(context), id).await?.map(PersonObject))
}

pub(super) async fn find_token(
    context: &Context<'_>,
    id: &str,
) -> Result<Option<TokenObject>, ApiError> {
    let Ok(id) = id.parse::<TokenId>() else {
        return Ok(None);
    };
    Ok(services(context).people.token(actor(context), id).await?.map(TokenObject))
}

pub(super) async fn find_audit_event(
    context: &Context<'_>,
    id: &str,
) -> Result<Option<AuditEventObject>, ApiError> {
    let Ok(id) = id.parse::<AuditEventId>() else {
        return Ok(None);
    };
    let found = services(context).trail.event(actor(context), id).await?;
    Ok(found.map(Box::new).map(AuditEventObject))
}

pub(super) async fn find_insurance(
    context: &Context<'_>,
    id: &str,
) -> Result<Option<InsuranceObject>, ApiError> {
    let Ok(id) = id.parse::<PayerId>() else {
        return Ok(None);
    };
    Ok(loaders(context).directory().await?.payer(id).map(Arc::clone).map(InsuranceObject))
}

pub(super) async fn find_visit_type(
    context: &Context<'_>,
    id: &str,
) -> Result<Option<VisitTypeObject>, ApiError> {
    let Ok(id) = id.parse::<VisitTypeId>() else {
        return Ok(None);
    };
    Ok(loaders(context).directory().await?.visit_type(id).map(Arc::clone).map(VisitTypeObject))
}

pub(super) async fn find_webhook_endpoint(
    context: &Context<'_>,
    id: &str,
) -> Result<Option<WebhookEndpointObject>, ApiError> {
    let Ok(id) = id.parse::<WebhookEndpointId>() else {
        return Ok(None);
    };
    let found = services(context).webhooks.endpoint(actor(context), id).await?;
    Ok(found.map(WebhookEndpointObject))
}

pub(super) async fn find_mail(
    context: &Context<'_>,
    id: &str,
) -> Result<Option<MailObject>, ApiError> {
    let Ok(id) = id.parse::<MailId>() else {
        return Ok(None);
    };
    Ok(services(context).mail.find(actor(context), id).await?.map(MailObject))
}
