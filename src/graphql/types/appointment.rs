//! Appointments.

use async_graphql::{Context, Enum, ID, Object};

use super::history::AppointmentChangeObject;
use super::instant::DateTime;
use super::mail::MailObject;
use super::patient::PatientObject;
use super::patient_seen::{Visible, clock, shown};
use super::provider::ProviderObject;
use super::series_change::AppointmentSeriesObject;
use super::visit_type::VisitTypeObject;
use crate::domain::{Appointment, PatientClock};
use crate::graphql::error::ApiError;
use crate::graphql::loaders::{HistoryOf, MailsOf, SeriesOf};
use crate::graphql::{actor, loaders};
use crate::records::{Sight, sight_of};
use crate::request::Refusal;

/// Where an appointment stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "AppointmentStatus", remote = "crate::domain::AppointmentStatus")]
pub(in crate::graphql) enum AppointmentStatusEnum {
    /// The time is held; the scheduling service has not confirmed yet.
    Pending,
    /// The scheduling service has confirmed.
    Confirmed,
    /// The patient has come.
    CheckedIn,
    /// The patient was seen.
    Completed,
    /// The patient never came.
    NoShow,
    /// Being cancelled; the time is held until the scheduling service has acknowledged.
    Cancelling,
    /// Cancelled. Final; the time is free.
    Cancelled,
    /// The scheduling service refused. Final; the time is free.
    Failed,
    /// The scheduling service did not confirm within the deadline. Final; the time is free.
    Expired,
}

/// By which door a visit was booked.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "Provenance", remote = "crate::domain::Provenance")]
pub(in crate::graphql) enum ProvenanceEnum {
    /// A mutation of GraphQL.
    #[graphql(name = "GRAPHQL")]
    GraphQl,
    /// The REST routes.
    Rest,
    /// The front desk's page.
    Desk,
    /// The page that a link in a mail leads to.
    PatientLink,
    /// An offer of the waitlist.
    Waitlist,
    /// A series of visits.
    Series,
}

/// `Appointment` of the schema.
#[derive(Clone)]
pub(in crate::graphql) struct AppointmentObject(pub(in crate::graphql) Appointment);

/// One visit of one patient to one provider.
#[Object(name = "Appointment")]
impl AppointmentObject {
    /// Identifies the appointment, through every change of time; opaque, begins with `apt_`.
    pub(in crate::graphql) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Where it stands.
    async fn status(&self) -> AppointmentStatusEnum {
        self.0.status.into()
    }

    /// True when the scheduling service's confirmation is stored and it is not being cancelled;
    /// never otherwise.
    async fn scheduled(&self) -> bool {
        self.0.is_scheduled()
    }

    /// When it starts.
    async fn starts_at(&self) -> DateTime {
        DateTime(self.0.slot.starts_at())
    }

    /// When it ends; the end does not belong to it.
    async fn ends_at(&self) -> DateTime {
        DateTime(self.0.slot.ends_at())
    }

    /// How long it is, in minutes.
    async fn duration_minutes(&self) -> i32 {
        i32::try_from(self.0.slot.minutes()).unwrap_or(i32::MAX)
    }

    /// When it starts on the provider's clock, with the offset of that day, such as
    /// `2027-01-15T09:30:00-05:00`: what to show to the provider.
    async fn local_starts_at(&self, context: &Context<'_>) -> Result<String, ApiError> {
        Ok(self.load_provider(context).await?.0.local(self.0.slot.starts_at()))
    }

    /// When it starts on the patient's clock, with the offset of that day, such as
    /// `2027-01-15T06:30:00-08:00`: what to show to the patient.
    async fn patient_local_starts_at(
        &self,
        context: &Context<'_>,
    ) -> Option<Result<String, ApiError>> {
        let clock = self.patient_clock(context).await;
        Some(clock.map(|clock| clock.local(self.0.slot.starts_at())))
    }

    /// IANA name of the zone of that clock: the patient's own, where it is known, one of the visit's state,
    /// and for you to see; else the one that most people of that state live in.
    async fn patient_time_zone(&self, context: &Context<'_>) -> Option<Result<String, ApiError>> {
        let clock = self.patient_clock(context).await;
        Some(clock.map(|clock| clock.time_zone().to_owned()))
    }

    /// The new start while a reschedule or a reassignment is on its way to the scheduling service; both
    /// times are held until it answers. Null when there is none.
    async fn pending_starts_at(&self) -> Option<DateTime> {
        self.0.is_on_the_move().then(|| DateTime(self.0.asked_slot().starts_at()))
    }

    /// Who sees the patient.
    async fn provider(&self, context: &Context<'_>) -> Result<ProviderObject, ApiError> {
        self.load_provider(context).await
    }

    /// Who is seen. Null, with the error `FORBIDDEN`, for whom it is not to see.
    async fn patient(&self, context: &Context<'_>) -> Option<Result<PatientObject, ApiError>> {
        let patient = shown(context, self.visible_patient(context).await);
        if patient.is_ok() {
            actor(context).saw_appointments([self.0.id]);
        }
        Some(patient)
    }

    /// Two-letter code of the state the patient was in when it was booked.
    async fn state(&self) -> &'static str {
        self.0.state.code()
    }

    /// Name of the payer it was booked under.
    async fn insurance(&self, context: &Context<'_>) -> Result<String, ApiError> {
        loaders(context).payer_name(self.0.payer_id).await
    }

    /// What kind of visit it is, also where it is offered no more. Null where that was not said.
    async fn visit_type(&self, context: &Context<'_>) -> Option<Result<VisitTypeObject, ApiError>> {
        let id = self.0.visit_type_id?;
        Some(loaders(context).visit_type(id).await.map(VisitTypeObject))
    }

    /// Why the patient comes, as the patient put it. Null, with the error `FORBIDDEN`, for whom it is not to
    /// see.
    async fn reason(&self, context: &Context<'_>) -> Option<Result<&str, ApiError>> {
        if let Err(error) = self.require_sight(context).await {
            return Some(Err(error));
        }
        let reason = self.0.reason.as_deref()?;
        actor(context).saw_patients([self.0.patient_id]);
        actor(context).saw_appointments([self.0.id]);
        Some(Ok(reason))
    }

    /// Why it was cancelled, as whoever cancelled put it. Null, with the error `FORBIDDEN`, for whom it is not to
    /// see.
    async fn cancel_reason(&self, context: &Context<'_>) -> Option<Result<&str, ApiError>> {
        if let Err(error) = self.require_sight(context).await {
            return Some(Err(error));
        }
        let reason = self.0.cancel_reason.as_deref()?;
        actor(context).saw_patients([self.0.patient_id]);
        actor(context).saw_appointments([self.0.id]);
        Some(Ok(reason))
    }

    /// By which door it was booked. Null where an older version has booked it.
    async fn provenance(&self) -> Option<ProvenanceEnum> {
        self.0.provenance.map(Into::into)
    }

    /// The series that it was booked in. Null for a visit that was booked by itself.
    async fn series(
        &self,
        context: &Context<'_>,
    ) -> Option<Result<AppointmentSeriesObject, ApiError>> {
        let found = loaders(context).load(SeriesOf(self.0.id)).await;
        found.map(|found| found.map(AppointmentSeriesObject::from)).transpose()
    }

    /// The scheduling service's id of it, once confirmed.
    async fn external_id(&self) -> Option<&str> {
        self.0.external_id.as_deref()
    }

    /// True when its time, or that of its move, came before the scheduling service had answered: so it has
    /// ended here, or stayed, and may still stand there otherwise. False once the service has answered.
    async fn unsettled_outside(&self) -> bool {
        self.0.unsettled_outside
    }

    /// Counts what has changed about it, from 1. Passed as `expectedVersion` it keeps a change from
    /// undoing another that you have not seen.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// What happened to it, in order, and who did it. What is not known of changes that were made before
    /// it was kept is null.
    async fn history(
        &self,
        context: &Context<'_>,
    ) -> Option<Result<Vec<AppointmentChangeObject>, ApiError>> {
        let changes = loaders(context).load(HistoryOf(self.0.id, self.0.provider_id)).await;
        let of_this = |change| AppointmentChangeObject { change, appointment: self.clone() };
        let changes = changes.map(Option::unwrap_or_default);
        Some(changes.map(|changes| changes.into_iter().map(of_this).collect()))
    }

    /// What its patient was told of it by mail and is to be, the oldest first. For administrators and schedulers.
    async fn mails(&self, context: &Context<'_>) -> Option<Result<Vec<MailObject>, ApiError>> {
        let mails = loaders(context).load(MailsOf(self.0.id)).await.map(Option::unwrap_or_default);
        Some(mails.map(|mails| mails.into_iter().map(MailObject).collect()))
    }

    /// When it was booked.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

impl AppointmentObject {
    async fn load_provider(&self, context: &Context<'_>) -> Result<ProviderObject, ApiError> {
        Ok(ProviderObject(loaders(context).provider_of(&self.0).await?))
    }

    /// The patient, for a caller who may see them.
    async fn visible_patient(&self, context: &Context<'_>) -> Visible {
        if sight_of(actor(context), &self.0) == Sight::Closed {
            return Ok(None);
        }
        loaders(context).patient_of(&self.0).await
    }

    /// Whether the caller may read what is told of the visit in somebody's own words.
    pub(in crate::graphql) async fn require_sight(
        &self,
        context: &Context<'_>,
    ) -> Result<(), ApiError> {
        match sight_of(actor(context), &self.0) {
            Sight::Open => Ok(()),
            Sight::Closed => Err(Refusal::Forbidden.into()),
            Sight::WithTheirPatient => {
                let patient = loaders(context).patient_of(&self.0).await?;
                patient.map(|_| ()).ok_or_else(|| Refusal::Forbidden.into())
            }
        }
    }

    /// The clock of the patient, as far as the caller may know it: at least that of the visit's state.
    async fn patient_clock(&self, context: &Context<'_>) -> Result<PatientClock, ApiError> {
        clock(context, self.0.state, self.visible_patient(context).await)
    }
}
