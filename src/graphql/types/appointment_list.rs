//! Lists of appointments.

use async_graphql::{Context, ContextSelectionSet, ID, Value};

use super::appointment::{AppointmentObject, AppointmentStatusEnum};
use super::at_once;
use super::connection::{PageArguments, PageInfo, Shown, connection};
use super::instant::DateTime;
use super::slot::asked_visit_type;
use crate::access::Actor;
use crate::domain::{Appointment, AppointmentFilter, AppointmentOwner, AppointmentPosition, Page};
use crate::graphql::error::ApiError;
use crate::graphql::loaders::{AppointmentCountOf, AppointmentsOf};
use crate::graphql::{actor, loaders, services};
use crate::request::{
    Refusal, parse_patient_id, parse_provider_id, parse_state, parse_window, payer_of_visits,
};

/// What a list of appointments is asked for.
#[derive(Default)]
pub(in crate::graphql) struct AppointmentQuery {
    pub(in crate::graphql) window: Option<(DateTime, DateTime)>,
    pub(in crate::graphql) provider_id: Option<String>,
    pub(in crate::graphql) provider_ids: Option<Vec<ID>>,
    pub(in crate::graphql) insurance: Option<String>,
    pub(in crate::graphql) visit_type_id: Option<ID>,
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
    async fn parse(
        self,
        context: &Context<'_>,
        arguments: &PageArguments,
    ) -> Result<(AppointmentFilter, Page<AppointmentPosition>), ApiError> {
        let window = self.window.map(|(from, to)| parse_window(from.0, to.0)).transpose()?;
        let page = arguments.page(|cursor| cursor.parse::<AppointmentPosition>().ok())?;
        let state = self.state.as_deref().map(parse_state).transpose()?;
        let payer = match &self.insurance {
            Some(name) => {
                Some(payer_of_visits(loaders(context).directory().await?.as_ref(), name)?)
            }
            None => None,
        };
        let kind = match asked_visit_type(self.visit_type_id) {
            Some(asked) => Some(asked.find(loaders(context).directory().await?.as_ref())?.id),
            None => None,
        };
        let provider_ids = self.provider_ids.map(|ids| {
            ids.iter().map(|id| parse_provider_id(id)).collect::<Result<Vec<_>, Refusal>>()
        });
        let filter = AppointmentFilter {
            window,
            state,
            payer,
            kind,
            provider_ids: provider_ids.transpose()?,
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

impl Shown for AppointmentObject {
    /// Its fields note what is shown of the patient.
    fn note(&self, _actor: &Actor) {}

    async fn at_once(page: &[Self], context: &ContextSelectionSet<'_>) -> Option<Value> {
        at_once::page(page, context).await
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
        let (filter, page) = query.parse(context, &arguments).await?;
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
        let (filter, page) = query.parse(context, &arguments).await?;
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
