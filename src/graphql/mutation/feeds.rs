//! Mutations of calendars: parse, call, map.

use async_graphql::{Context, Object};

use super::not_begun::not_begun;
use crate::booking::on_its_own_task;
use crate::graphql::error::ApiError;
use crate::graphql::types::calendar_feed::{
    CreateCalendarFeedInput, CreateCalendarFeedPayload, RevokeCalendarFeedInput,
    RevokeCalendarFeedPayload,
};
use crate::graphql::{actor, notes, services};

/// Calendars that others subscribe to.
#[derive(Default)]
pub struct FeedMutation;

/// Calendars that others subscribe to.
#[Object]
impl FeedMutation {
    /// Makes a calendar of a provider's visits, from 30 days back to 400 days ahead, that Google, Apple and Outlook
    /// subscribe to by its address. Without patients unless asked for; it ends with the rights of whoever made it.
    async fn create_calendar_feed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whose visits, and whether with their patients.")]
        input: CreateCalendarFeedInput,
    ) -> Result<CreateCalendarFeedPayload, ApiError> {
        let (feeds, actor) = (services(context).feeds.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { feeds.create(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "createCalendarFeed", error).await,
        };
        notes.take_down(&result);
        CreateCalendarFeedPayload::of(result, |secret| services(context).feeds.url(secret))
    }

    /// Has a calendar open nothing any more, at once. One that is revoked is answered as it stands.
    async fn revoke_calendar_feed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The feed.")] input: RevokeCalendarFeedInput,
    ) -> Result<RevokeCalendarFeedPayload, ApiError> {
        let (feeds, actor) = (services(context).feeds.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { feeds.revoke(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "revokeCalendarFeed", error).await,
        };
        notes.take_down(&result);
        RevokeCalendarFeedPayload::of(result)
    }
}
