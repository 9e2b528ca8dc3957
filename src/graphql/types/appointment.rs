//! Appointments.

use async_graphql::{Context, Enum, ID, Object};

use super::connection::{PageArguments, PageInfo, connection};
use super::instant::DateTime;
use super::patient::PatientObject;
use super::provider::ProviderObject;
use crate::domain::{
    Appointment, AppointmentFilter, AppointmentOwner, AppointmentPosition, Page, Patient,
};
use crate::graphql::error::ApiError;
use crate::graphql::loaders::{AppointmentCountOf, AppointmentsOf};
use crate::graphql::{actor, loaders, services};
use crate::request::{parse_patient_id, parse_provider_id, parse_state, parse_window};

/// Where an appointment stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "AppointmentStatus", remote = "crate::domain::AppointmentStatus")]
pub(in crate::graphql) enum AppointmentStatusEnum {
    /// The time is held; the scheduling service has not confirmed yet.
    Pending,
    /// The scheduling service has confirmed.
    Confirmed,
    /// Being cancelled; the time is held until the scheduling service has acknowledged.
    Cancelling,
    /// Cancelled. Final; the time is free.
    Cancelled,
    /// The scheduling service refused. Final; the time is free.
    Failed,
    /// The scheduling service did not confirm within the deadline. Final; the time is free.
    Expired,
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
    ) -> Result<Option<String>, ApiError> {
        let clock = self.load_patient(context).await?.clock_in(self.0.state);
        Ok(Some(clock.local(self.0.slot.starts_at())))
    }

    /// IANA name of the zone of that clock: the patient's own, where it is known and one of the visit's
    /// state, else the one that most people of that state live in.
    async fn patient_time_zone(&self, context: &Context<'_>) -> Result<Option<String>, ApiError> {
        let clock = self.load_patient(context).await?.clock_in(self.0.state);
        Ok(Some(clock.time_zone().to_owned()))
    }

    /// The new start while a reschedule is on its way to the scheduling service; both times are
    /// held until it answers. Null when there is none.
    async fn pending_starts_at(&self) -> Option<DateTime> {
        self.0.moving_to.map(|slot| DateTime(slot.starts_at()))
    }

    /// Who sees the patient.
    async fn provider(&self, context: &Context<'_>) -> Result<ProviderObject, ApiError> {
        self.load_provider(context).await
    }

    /// Who is seen.
    async fn patient(&self, context: &Context<'_>) -> Result<PatientObject, ApiError> {
        Ok(PatientObject(self.load_patient(context).await?))
    }

    /// Two-letter code of the state the patient was in when it was booked.
    async fn state(&self) -> &'static str {
        self.0.state.code()
    }

    /// Name of the payer it was booked under.
    async fn insurance(&self, context: &Context<'_>) -> Result<String, ApiError> {
        loaders(context).payer_name(self.0.payer_id).await
    }

    /// Why the patient comes, as the patient put it.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
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

    async fn load_patient(&self, context: &Context<'_>) -> Result<Patient, ApiError> {
        let patient = loaders(context).load(self.0.patient_id).await?;
        patient.ok_or_else(|| ApiError::missing("patient"))
    }
}

/// What a list of appointments is asked for.
#[derive(Default)]
pub(in crate::graphql) struct AppointmentQuery {
    pub(in crate::graphql) window: Option<(DateTime, DateTime)>,
    pub(in crate::graphql) provider_id: Option<String>,
    pub(in crate::graphql) patient_id: Option<String>,
    pub(in crate::graphql) state: Option<String>,
    pub(in crate::graphql) status: Option<Vec<AppointmentStatusEnum>>,
    pub(in crate::graphql) updated_since: Option<DateTime>,
}

impl AppointmentQuery {
    pub(in crate::graphql) fn window(from: DateTime, to: DateTime) -> Self {
        Self { window: Some((from, to)), ..Self::default() }
    }
}

impl AppointmentQuery {
    /// In the order of the contract: what is not acceptable, not known, not there.
    fn parse(
        self,
        arguments: &PageArguments,
    ) -> Result<(AppointmentFilter, Page<AppointmentPosition>), ApiError> {
        let window = self.window.map(|(from, to)| parse_window(from.0, to.0)).transpose()?;
        let page = arguments.page(|cursor| cursor.parse::<AppointmentPosition>().ok())?;
        let filter = AppointmentFilter {
            window,
            state: self.state.as_deref().map(parse_state).transpose()?,
            provider_id: self.provider_id.as_deref().map(parse_provider_id).transpose()?,
            patient_id: self.patient_id.as_deref().map(parse_patient_id).transpose()?,
            statuses: self.status.map(|statuses| statuses.into_iter().map(Into::into).collect()),
            updated_since: self.updated_since.map(|since| since.0),
        };
        Ok((filter, page))
    }
}

/// The list that a page is of.
struct Filter {
    /// Everybody's, unless one provider's or patient's.
    owner: Option<AppointmentOwner>,
    filter: AppointmentFilter,
}

impl Filter {
    async fn count(&self, context: &Context<'_>) -> Result<u64, ApiError> {
        let filter = &self.filter;
        match self.owner {
            None => {
                let records = &services(context).records;
                Ok(records.count_appointments(actor(context), filter).await?)
            }
            Some(owner) => {
                let key = AppointmentCountOf { owner, filter: filter.clone() };
                Ok(loaders(context).load(key).await?.unwrap_or_default())
            }
        }
    }
}

connection!(
    AppointmentConnection "AppointmentConnection",
    AppointmentEdge "AppointmentEdge",
    AppointmentObject,
    "appointment",
    |node: &AppointmentObject| AppointmentPosition::of(&node.0).to_string()
);

impl AppointmentConnection {
    /// A page of everybody's appointments.
    pub(in crate::graphql) async fn load(
        context: &Context<'_>,
        query: AppointmentQuery,
        arguments: PageArguments,
    ) -> Result<Self, ApiError> {
        let (filter, page) = query.parse(&arguments)?;
        let records = &services(context).records;
        let found = records.appointments(actor(context), &filter, page).await?;
        Ok(Self::new(found, Filter { owner: None, filter }, &arguments))
    }

    /// A page of one provider's or patient's, read together with those of all others.
    pub(in crate::graphql) async fn load_of(
        context: &Context<'_>,
        owner: AppointmentOwner,
        query: AppointmentQuery,
        arguments: PageArguments,
    ) -> Result<Self, ApiError> {
        let (filter, page) = query.parse(&arguments)?;
        let key = AppointmentsOf { owner, filter: filter.clone(), page };
        let found = loaders(context).load(key).await?.unwrap_or_default();
        Ok(Self::new(found, Filter { owner: Some(owner), filter }, &arguments))
    }

    fn new(found: Vec<Appointment>, filter: Filter, arguments: &PageArguments) -> Self {
        let (found, page_info) =
            arguments.cut(found, |appointment| AppointmentPosition::of(appointment).to_string());
        Self { nodes: found.into_iter().map(AppointmentObject).collect(), page_info, filter }
    }
}
