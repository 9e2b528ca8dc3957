//! Patients.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use super::appointment::AppointmentStatusEnum;
use super::appointment_list::{AppointmentConnection, AppointmentQuery};
use super::connection::{PageArguments, PageInfo, Shown, connection};
use super::date::Date;
use super::instant::DateTime;
use crate::access::Actor;
use crate::domain::{AppointmentOwner, Patient, PatientId};
use crate::graphql::error::ApiError;
use crate::graphql::{actor, loaders, services};

/// `Patient` of the schema.
#[derive(Clone)]
pub(in crate::graphql) struct PatientObject(Arc<Patient>);

/// A person who was booked for at least once. Whoever has the same e-mail address and the same name,
/// whatever case, accents, apostrophes, hyphens and spaces it is spelt with, is the same patient, unless
/// both birth dates are known and differ.
#[Object(name = "Patient")]
impl PatientObject {
    /// Identifies the patient; opaque, begins with `pat_`.
    pub(in crate::graphql) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The patient's name, as it was spelt last.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The patient's e-mail address.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// The patient's telephone number, as it was given; null when it is not known.
    async fn phone(&self) -> Option<&str> {
        self.0.phone.as_deref()
    }

    /// The day the patient was born; null when it is not known.
    async fn birth_date(&self) -> Option<Date> {
        self.0.birth_date.map(Date)
    }

    /// IANA name of the zone whose clock the patient lives by, such as `America/Chicago`: as it was
    /// given, if it is one of the patient's state, else the one that most people of the state live in.
    async fn time_zone(&self) -> String {
        self.0.clock_in(self.0.state).time_zone().to_owned()
    }

    /// Whether the patient is reminded of visits. They say so on the page that the link in their mail opens,
    /// or to the front desk.
    async fn reminders(&self) -> bool {
        self.0.reminders
    }

    /// Counts what has changed about the patient, from 1. Passed as `expectedVersion` it keeps a
    /// change from undoing another that you have not seen.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When the patient was booked for first.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// Two-letter code of the state the patient was in at the latest booking.
    async fn state(&self) -> &'static str {
        self.0.state.code()
    }

    /// Name of the payer at the latest booking.
    async fn insurance(&self, context: &Context<'_>) -> Result<String, ApiError> {
        loaders(context).payer_name(self.0.payer_id).await
    }

    /// The patient's appointments, by start; all there are, or those that overlap a window.
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn appointments(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Start of the window; goes with `to`.")] from: Option<DateTime>,
        #[graphql(desc = "End of the window; does not belong to it. Goes with `from`.")] to: Option<
            DateTime,
        >,
        #[graphql(
            desc = "Only these statuses; unless given, all but CANCELLED, FAILED and EXPIRED."
        )]
        status: Option<Vec<AppointmentStatusEnum>>,
        #[graphql(
            desc = "At most so many, from the start of the list: 20 unless told, at most 100."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<AppointmentConnection, ApiError>> {
        let page = PageArguments { first, after, last, before };
        let query =
            AppointmentQuery { window: from.zip(to), status, ..AppointmentQuery::default() };
        if from.is_some() != to.is_some() {
            return Some(Err(ApiError::argument("to", "goes together with from")));
        }
        let owner = AppointmentOwner::Patient(self.0.id);
        Some(AppointmentConnection::load_of(context, owner, query, page).await)
    }
}

impl PatientObject {
    /// A patient who is shown to `actor`, which is noted.
    pub(in crate::graphql) fn shown(actor: &Actor, patient: impl Into<Arc<Patient>>) -> Self {
        let shown = Self(patient.into());
        shown.note(actor);
        shown
    }
}

impl Shown for PatientObject {
    fn note(&self, actor: &Actor) {
        actor.saw_patients([self.0.id]);
    }
}

/// What a list of patients was asked for.
struct Filter(Option<String>);

impl Filter {
    async fn count(&self, context: &Context<'_>) -> Result<u64, ApiError> {
        let records = &services(context).records;
        Ok(records.count_patients(actor(context), self.0.as_deref()).await?)
    }
}

connection!(
    PatientConnection "PatientConnection",
    PatientEdge "PatientEdge",
    PatientObject,
    "patient",
    |node: &PatientObject| node.0.id.to_string()
);

impl PatientConnection {
    pub(in crate::graphql) async fn load(
        context: &Context<'_>,
        search: Option<String>,
        arguments: PageArguments,
    ) -> Result<Self, ApiError> {
        let page = arguments.page(|cursor| cursor.parse::<PatientId>().ok())?;
        let records = &services(context).records;
        let found = records.patients(actor(context), search.as_deref(), page).await?;
        let (found, page_info) = arguments.cut(found, |patient| patient.id.to_string());
        let nodes = found.into_iter().map(Arc::new).map(PatientObject).collect();
        Ok(Self { nodes, page_info, filter: Filter(search) })
    }
}
