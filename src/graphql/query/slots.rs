//! Free times.

use async_graphql::{Context, ID, Object};

use super::find::find_provider;
use crate::graphql::error::ApiError;
use crate::graphql::types::instant::DateTime;
use crate::graphql::types::slot::{SlotObject, asked_visit, asked_visit_type};
use crate::graphql::types::slots_wanted::{MOST_OFFERS, SlotsWanted};
use crate::graphql::{actor, services};
use crate::request::{Refusal, Resource, parse_window};
use crate::search::AvailabilityQuery;

/// Free times.
#[derive(Default)]
pub struct SlotQuery;

/// Free times.
#[Object]
impl SlotQuery {
    /// The offered times that lie wholly inside a window, in order: every one of a provider, or
    /// those of all who may treat a patient in a state with an insurance, by time, and at equal
    /// times who has the fewest visits that day first. Of all, the earliest 1500 of the window.
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn available_slots(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "The provider's id; unless it is given, `state` and `insurance` are needed."
        )]
        provider_id: Option<ID>,
        #[graphql(desc = "Start of the window. Times before now are never offered.")]
        from: DateTime,
        #[graphql(desc = "End of the window. Times after the booking horizon are never offered.")]
        to: DateTime,
        #[graphql(
            desc = "Length of the visit: 5 to 480 whole minutes; as its visit type says unless given, else 30."
        )]
        duration_minutes: Option<i32>,
        #[graphql(
            desc = "The visit type: only who offers it, for as long as it takes, with what it keeps free around it."
        )]
        visit_type_id: Option<ID>,
        #[graphql(desc = "The state the patient is in; goes with `insurance`.")] state: Option<
            String,
        >,
        #[graphql(desc = "The patient's insurance; goes with `state`.")] insurance: Option<String>,
        #[graphql(
            desc = "The visit that would move: its own time is not in the way, and what is not said (with whom, how long, of which type) is as it has it. You must be allowed to see it."
        )]
        instead_of: Option<ID>,
    ) -> Option<Result<Vec<SlotObject>, ApiError>> {
        let load = async {
            let instead_of = asked_visit(instead_of);
            if let (Some(provider_id), None, None, None) =
                (&provider_id, &state, &insurance, instead_of)
            {
                let wanted = SlotsWanted::parse(from, to, duration_minutes, visit_type_id)?;
                let provider = find_provider(context, provider_id)
                    .await?
                    .ok_or(Refusal::NotFound(Resource::Provider))?;
                return provider.slots(context, wanted).await;
            }
            let query = AvailabilityQuery::parse(
                provider_id.as_ref().map(|id| id.as_str()),
                state.as_deref(),
                insurance.as_deref(),
                (duration_minutes.map(i64::from), asked_visit_type(visit_type_id)),
                instead_of,
                Vec::new(),
            )?;
            let (search, window) = (&services(context).search, parse_window(from.0, to.0)?);
            let most = if provider_id.is_some() { usize::MAX } else { MOST_OFFERS };
            let listed = search.list_offers(actor(context), &query, window, None, most);
            Ok(listed.await?.into_iter().map(|listed| SlotObject(listed.offer)).collect())
        };
        Some(load.await)
    }

    /// The first free time at or after a moment: of one provider, or of all who may treat a
    /// patient in a state with an insurance. Null when there is none within the booking horizon.
    /// Where no provider is named, it lies in the patient's day: between the clinic's earliest and latest
    /// start (07:00 and 21:00 unless set) on the clock of most people of the state, be it a later
    /// day; outside only where nobody has such a time.
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn first_available(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The earliest start. A moment in the past counts as now.")]
        after: DateTime,
        #[graphql(
            desc = "Length of the visit: 5 to 480 whole minutes; as its visit type says unless given, else 30."
        )]
        duration_minutes: Option<i32>,
        #[graphql(
            desc = "The visit type: only who offers it, for as long as it takes, with what it keeps free around it."
        )]
        visit_type_id: Option<ID>,
        #[graphql(desc = "Only this provider.")] provider_id: Option<ID>,
        #[graphql(desc = "The state the patient is in; goes with `insurance`.")] state: Option<
            String,
        >,
        #[graphql(desc = "The patient's insurance; goes with `state`.")] insurance: Option<String>,
        #[graphql(
            desc = "The visit that would move: its own time is not in the way, and what is not said (with whom, how long, of which type) is as it has it. You must be allowed to see it."
        )]
        instead_of: Option<ID>,
    ) -> Option<Result<SlotObject, ApiError>> {
        let search = async {
            let instead_of = asked_visit(instead_of);
            let query = AvailabilityQuery::parse(
                provider_id.as_ref().map(|id| id.as_str()),
                state.as_deref(),
                insurance.as_deref(),
                (duration_minutes.map(i64::from), asked_visit_type(visit_type_id)),
                instead_of,
                Vec::new(),
            )?;
            let (search, after) = (&services(context).search, Some(after.0));
            match search.first_available(actor(context), &query, after).await {
                Ok(offer) => Ok(Some(SlotObject(offer))),
                Err(Refusal::NoAvailability { .. }) => Ok(None),
                Err(error) => Err(ApiError::from(error)),
            }
        };
        search.await.transpose()
    }
}
