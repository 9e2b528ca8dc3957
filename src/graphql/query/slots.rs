//! Free times.

use async_graphql::{Context, ID, Object};

use super::find::find_provider;
use crate::graphql::error::ApiError;
use crate::graphql::types::connection::{ALL_SEARCH_COST, slots_cost};
use crate::graphql::types::instant::DateTime;
use crate::graphql::types::provider::SlotsWanted;
use crate::graphql::types::slot::SlotObject;
use crate::graphql::{actor, services};
use crate::request::{Refusal, Resource};
use crate::search::AvailabilityQuery;

/// Free times.
#[derive(Default)]
pub struct SlotQuery;

/// Free times.
#[Object]
impl SlotQuery {
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
        #[graphql(desc = "Length of the visit: 5 to 480 whole minutes; 30 unless given.")]
        duration_minutes: Option<i32>,
    ) -> Option<Result<Vec<SlotObject>, ApiError>> {
        let load = async {
            let wanted = SlotsWanted::parse(context, from, to, duration_minutes)?;
            let provider = find_provider(context, &provider_id)
                .await?
                .ok_or(Refusal::NotFound(Resource::Provider))?;
            provider.slots(context, wanted).await
        };
        Some(load.await)
    }

    /// The first free time at or after a moment: of one provider, or of all who may treat a
    /// patient in a state with an insurance. Null when there is none within the booking horizon.
    /// Where no provider is named, it lies in the patient's day: between the clinic's earliest and latest
    /// start (07:00 and 21:00 unless set) on the clock of most people of the state, be it a later
    /// day; outside only where nobody has such a time.
    #[graphql(complexity = "ALL_SEARCH_COST + child_complexity")]
    async fn first_available(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The earliest start. A moment in the past counts as now.")]
        after: DateTime,
        #[graphql(desc = "Length of the visit: 5 to 480 whole minutes; 30 unless given.")]
        duration_minutes: Option<i32>,
        #[graphql(desc = "Only this provider.")] provider_id: Option<ID>,
        #[graphql(desc = "The state the patient is in; goes with `insurance`.")] state: Option<
            String,
        >,
        #[graphql(desc = "The patient's insurance; goes with `state`.")] insurance: Option<String>,
    ) -> Option<Result<SlotObject, ApiError>> {
        let search = async {
            let query = AvailabilityQuery::parse(
                provider_id.as_ref().map(|id| id.as_str()),
                state.as_deref(),
                insurance.as_deref(),
                duration_minutes.map(i64::from),
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
