//! The log of what happened.

use async_graphql::{Context, ID, Object};

use crate::graphql::error::ApiError;
use crate::graphql::types::connection::PageArguments;
use crate::graphql::types::event::{AppointmentEventConnection, parse_filter};
use crate::graphql::types::roster_event::RosterEventConnection;

/// The log of what happened.
#[derive(Default)]
pub struct EventQuery;

/// The log of what happened.
#[Object]
impl EventQuery {
    /// What happened to appointments, in order: to catch up with what was missed, or to follow
    /// without a connection that stays open. `first` 100 `after` the last `cursor` seen, again and
    /// again, loses and repeats nothing. `last: 1` answers the newest cursor there is.
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
    /// What happened to the roster, in order: who works here, when, and by which rules. `first` 100 `after`
    /// the last `cursor` seen, again and again, loses and repeats nothing; `last: 1` answers the newest
    /// cursor there is.
    async fn roster_events(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "At most so many, from the start of the list: 20 unless told, at most 100."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<RosterEventConnection, ApiError>> {
        let page = PageArguments { first, after, last, before };
        Some(RosterEventConnection::load(context, page).await)
    }
}
