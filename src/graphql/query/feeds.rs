//! Calendars that others subscribe to.

use async_graphql::{Context, Object};

use crate::graphql::error::ApiError;
use crate::graphql::types::calendar_feed::CalendarFeedObject;
use crate::graphql::{actor, services};

/// Calendars that others subscribe to.
#[derive(Default)]
pub struct FeedQuery;

/// Calendars that others subscribe to.
#[Object]
impl FeedQuery {
    /// The calendars that others subscribe to, the newest first; also those that open nothing any more. A clinician
    /// sees those of their own visits, whoever may see no patients those that they made themselves.
    async fn calendar_feeds(
        &self,
        context: &Context<'_>,
    ) -> Option<Result<Vec<CalendarFeedObject>, ApiError>> {
        let feeds = services(context).feeds.list(actor(context)).await;
        let feeds = feeds.map(|feeds| feeds.into_iter().map(CalendarFeedObject).collect());
        Some(feeds.map_err(ApiError::from))
    }
}
