//! The history of an appointment.

use std::sync::Arc;

use async_graphql::{Context, Object};

use super::appointment::{AppointmentObject, AppointmentStatusEnum};
use super::audit::AuditActorObject;
use super::booking_error::ErrorCodeEnum;
use super::event::AppointmentEventKindEnum;
use super::instant::DateTime;
use super::provider::ProviderObject;
use crate::domain::ProviderId;
use crate::domain::audit::AppointmentChange;
use crate::graphql::error::ApiError;
use crate::graphql::{actor, loaders};
use crate::request::ErrorCode;

/// `AppointmentChange` of the schema, with the appointment as it is now.
#[derive(Clone)]
pub(in crate::graphql) struct AppointmentChangeObject {
    pub(in crate::graphql) change: AppointmentChange,
    pub(in crate::graphql) appointment: AppointmentObject,
}

/// Something that happened to an appointment, and who did it. What is not known of changes that were made
/// before it was kept is null.
#[Object(name = "AppointmentChange")]
impl AppointmentChangeObject {
    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.change.at)
    }

    /// What happened.
    async fn kind(&self) -> AppointmentEventKindEnum {
        self.change.kind.into()
    }

    /// Who did it; SYSTEM for what the server does by itself, such as storing the scheduling service's
    /// answer. Null where that is not known: it was made before it was kept, past the server, or longer ago
    /// than the audit trail goes back.
    async fn actor(&self) -> Option<AuditActorObject> {
        self.change.actor.clone().map(Into::into)
    }

    /// For whom the server did it: who had asked for what it settled. Null where that is not known, and for
    /// what somebody did themselves.
    async fn on_behalf_of(&self) -> Option<AuditActorObject> {
        self.change.on_behalf_of.clone().map(Into::into)
    }

    /// The status before; null for a booking, and where it is not known.
    #[graphql(name = "fromStatus")]
    async fn status_before(&self) -> Option<AppointmentStatusEnum> {
        self.change.status.0.map(Into::into)
    }

    /// The status after; null where it is not known.
    #[graphql(name = "toStatus")]
    async fn status_after(&self) -> Option<AppointmentStatusEnum> {
        self.change.status.1.map(Into::into)
    }

    /// The start before; null for a booking, and where it is not known.
    #[graphql(name = "fromStartsAt")]
    async fn starts_before(&self) -> Option<DateTime> {
        self.change.starts_at.0.map(DateTime)
    }

    /// The start after, of a move that is on its way the one asked for; null where it is not known.
    #[graphql(name = "toStartsAt")]
    async fn starts_after(&self) -> Option<DateTime> {
        self.change.starts_at.1.map(DateTime)
    }

    /// Who saw the patient before; null for a booking, and where it is not known.
    #[graphql(name = "fromProvider")]
    async fn provider_before(
        &self,
        context: &Context<'_>,
    ) -> Result<Option<ProviderObject>, ApiError> {
        provider(context, self.change.provider.0).await
    }

    /// Who sees the patient after; null where it is not known.
    #[graphql(name = "toProvider")]
    async fn provider_after(
        &self,
        context: &Context<'_>,
    ) -> Result<Option<ProviderObject>, ApiError> {
        provider(context, self.change.provider.1).await
    }

    /// The rules of policy that did not count for it; empty for a change that passed none.
    async fn overruled(&self) -> Vec<ErrorCodeEnum> {
        let codes = self.change.overruled.iter();
        codes.map(|rule| ErrorCode::from(*rule).into()).collect()
    }

    /// Why, in the words of whoever did it; null when they said nothing. Null, with the error `FORBIDDEN`, for
    /// whom it is not to see.
    async fn reason(&self, context: &Context<'_>) -> Option<Result<&str, ApiError>> {
        let (actor, AppointmentObject(appointment)) = (actor(context), &self.appointment);
        if let Err(error) = self.appointment.require_sight(context).await {
            return Some(Err(error));
        }
        let reason = self.change.reason.as_deref()?;
        actor.saw_patients([appointment.patient_id]);
        actor.saw_appointments([appointment.id]);
        Some(Ok(reason))
    }
}

async fn provider(
    context: &Context<'_>,
    id: Option<ProviderId>,
) -> Result<Option<ProviderObject>, ApiError> {
    let Some(id) = id else { return Ok(None) };
    let directory = loaders(context).directory().await?;
    Ok(directory.provider_of_visit(id).map(Arc::clone).map(ProviderObject))
}
