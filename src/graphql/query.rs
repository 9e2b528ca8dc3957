//! Queries. A bad argument is an error of its own field, which is null then: the rest of the
//! answer stands.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use super::error::ApiError;
use super::types::appointment::{
    AppointmentConnection, AppointmentObject, AppointmentQuery, AppointmentStatusEnum,
};
use super::types::connection::{ALL_SEARCH_COST, PageArguments, page_cost, slots_cost};
use super::types::event::{AppointmentEventConnection, parse_filter};
use super::types::instant::DateTime;
use super::types::node::Node;
use super::types::patient::{PatientConnection, PatientObject};
use super::types::provider::{ProviderConnection, ProviderObject, SlotsWanted};
use super::types::slot::SlotObject;
use super::{loaders, service};
use crate::booking::error::Resource;
use crate::booking::{BookingError, Search};
use crate::domain::{AppointmentId, PatientId, ProviderId};

/// Everything that can be asked.
pub struct Query;

/// Everything that can be asked.
#[Object]
impl Query {
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
            } else {
                find_appointment(context, &id).await?.map(Node::Appointment)
            })
        };
        found.await.transpose()
    }

    /// Providers, those who joined first coming first: all, or those who hold a licence for a
    /// state that is valid today and accept an insurance.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn providers(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Only who is licensed there: a two-letter code or a name, such as `CT` or `Connecticut`."
        )]
        state: Option<String>,
        #[graphql(
            desc = "Only who accepts it: any of the names that people write for it, such as `Aetna`."
        )]
        insurance: Option<String>,
        #[graphql(
            desc = "At most so many, from the start of the list: 20 unless told, at most 100."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<ProviderConnection, ApiError>> {
        let page = PageArguments { first, after, last, before };
        Some(ProviderConnection::load(context, state.as_deref(), insurance.as_deref(), page).await)
    }

    /// One provider; null when there is nobody with this id.
    async fn provider(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The provider's id.")] id: ID,
    ) -> Option<Result<ProviderObject, ApiError>> {
        find_provider(context, &id).await.transpose()
    }

    /// Appointments that overlap a window, by start, also those that began before it and still run.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn appointments(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Start of the window.")] from: DateTime,
        #[graphql(desc = "End of the window; does not belong to it.")] to: DateTime,
        #[graphql(desc = "Only those with this provider.")] provider_id: Option<ID>,
        #[graphql(desc = "Only those of this patient.")] patient_id: Option<ID>,
        #[graphql(
            desc = "Only those booked for a patient in this state: a two-letter code or a name."
        )]
        state: Option<String>,
        #[graphql(
            desc = "Only these statuses; unless given, all but CANCELLED, FAILED and EXPIRED."
        )]
        status: Option<Vec<AppointmentStatusEnum>>,
        #[graphql(desc = "Only those that changed at or after this moment.")] updated_since: Option<
            DateTime,
        >,
        #[graphql(
            desc = "At most so many, from the start of the list: 20 unless told, at most 100."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<AppointmentConnection, ApiError>> {
        let page = PageArguments { first, after, last, before };
        let load = async {
            let query = AppointmentQuery {
                provider_id: provider_id.map(|id| id.0),
                patient_id: patient_id.map(|id| id.0),
                state,
                status,
                updated_since,
                ..AppointmentQuery::window(from, to)
            };
            AppointmentConnection::load(context, query, page).await
        };
        Some(load.await)
    }

    /// One appointment; null when there is none with this id.
    async fn appointment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The appointment's id.")] id: ID,
    ) -> Option<Result<AppointmentObject, ApiError>> {
        find_appointment(context, &id).await.transpose()
    }

    /// What happened to appointments, in order: to catch up with what was missed, or to follow
    /// without a connection that stays open. `first` 100 `after` the last `cursor` seen, again and
    /// again, loses and repeats nothing. `last: 1` answers the newest cursor there is.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn events(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only appointments with this provider.")] provider_id: Option<ID>,
        #[graphql(
            desc = "Only appointments booked for a patient in this state: a two-letter code or a name."
        )]
        state: Option<String>,
        #[graphql(
            desc = "At most so many, from the start of the list: 20 unless told, at most 100."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<AppointmentEventConnection, ApiError>> {
        let page = PageArguments { first, after, last, before };
        let load = async {
            let filter =
                parse_filter(provider_id.as_ref().map(|id| id.as_str()), state.as_deref())?;
            AppointmentEventConnection::load(context, filter, page).await
        };
        Some(load.await)
    }

    /// Patients, those booked for first coming first: all, or those whose name or e-mail address
    /// contains a text.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn patients(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "A part of the name or of the e-mail address; case does not matter.")]
        search: Option<String>,
        #[graphql(
            desc = "At most so many, from the start of the list: 20 unless told, at most 100."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<PatientConnection, ApiError>> {
        let page = PageArguments { first, after, last, before };
        Some(PatientConnection::load(context, search, page).await)
    }

    /// One patient; null when there is nobody with this id.
    async fn patient(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The patient's id.")] id: ID,
    ) -> Option<Result<PatientObject, ApiError>> {
        find_patient(context, &id).await.transpose()
    }

    /// Every offered time of a provider that lies wholly inside a window, in order; the window may
    /// be as long as the booking horizon.
    #[graphql(complexity = "slots_cost(from, to, child_complexity)")]
    async fn available_slots(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The provider's id.")] provider_id: ID,
        #[graphql(desc = "Start of the window. Times before now are never offered.")]
        from: DateTime,
        #[graphql(desc = "End of the window.")] to: DateTime,
        #[graphql(desc = "Length of the visit: 5 to 480 whole minutes.", default = 30)]
        duration_minutes: i32,
    ) -> Option<Result<Vec<SlotObject>, ApiError>> {
        let load = async {
            let wanted = SlotsWanted::parse(context, from, to, duration_minutes)?;
            let provider = find_provider(context, &provider_id)
                .await?
                .ok_or(BookingError::NotFound(Resource::Provider))?;
            provider.slots(context, wanted).await
        };
        Some(load.await)
    }

    /// The first free time at or after a moment: of one provider, or of all who may treat a
    /// patient in a state with an insurance. Null when there is none within the booking horizon.
    #[graphql(complexity = "ALL_SEARCH_COST + child_complexity")]
    async fn first_available(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The earliest start. A moment in the past counts as now.")]
        after: DateTime,
        #[graphql(desc = "Length of the visit: 5 to 480 whole minutes.", default = 30)]
        duration_minutes: i32,
        #[graphql(desc = "Only this provider.")] provider_id: Option<ID>,
        #[graphql(desc = "The state the patient is in; goes with `insurance`.")] state: Option<
            String,
        >,
        #[graphql(desc = "The patient's insurance; goes with `state`.")] insurance: Option<String>,
    ) -> Option<Result<SlotObject, ApiError>> {
        let search = async {
            let Search { whose, length } = Search::parse(
                provider_id.as_ref().map(|id| id.as_str()),
                state.as_deref(),
                insurance.as_deref(),
                Some(duration_minutes.into()),
                Vec::new(),
            )?;
            match service(context).first_available(&whose, after.0, length).await {
                Ok(offer) => Ok(Some(SlotObject(offer))),
                Err(BookingError::NoAvailability { .. }) => Ok(None),
                Err(error) => Err(ApiError::from(error)),
            }
        };
        search.await.transpose()
    }
}

async fn find_provider(
    context: &Context<'_>,
    id: &str,
) -> Result<Option<ProviderObject>, ApiError> {
    let Ok(id) = id.parse::<ProviderId>() else {
        return Ok(None);
    };
    Ok(loaders(context).directory().await?.provider(id).map(Arc::clone).map(ProviderObject))
}

async fn find_patient(context: &Context<'_>, id: &str) -> Result<Option<PatientObject>, ApiError> {
    let Ok(id) = id.parse::<PatientId>() else {
        return Ok(None);
    };
    Ok(loaders(context).load(id).await?.map(PatientObject))
}

async fn find_appointment(
    context: &Context<'_>,
    id: &str,
) -> Result<Option<AppointmentObject>, ApiError> {
    let Ok(id) = id.parse::<AppointmentId>() else {
        return Ok(None);
    };
    Ok(loaders(context).load(id).await?.map(AppointmentObject))
}
