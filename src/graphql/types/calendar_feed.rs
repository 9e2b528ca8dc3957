//! Calendars that are subscribed to: what is told of them, and what their mutations take and answer.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::access_change::refused;
use super::booking_error::BookingErrorObject;
use super::caller::bound_provider;
use super::instant::DateTime;
use super::provider::ProviderObject;
use crate::feeds::{
    CreateCalendarFeed, FeedOutcome, FeedSecret, FeedShown, RawFeed, RevokeCalendarFeed,
};
use crate::graphql::error::ApiError;
use crate::graphql::notes::Notes;
use crate::request::Refusal;

/// `CalendarFeed` of the schema.
pub(in crate::graphql) struct CalendarFeedObject(pub(in crate::graphql) FeedShown);

/// A provider's visits as a calendar that others subscribe to. What opens it was told once, when it was made. It
/// shows what whoever made it may see at the moment when it is read.
#[Object(name = "CalendarFeed")]
impl CalendarFeedObject {
    /// Identifies the feed, and opens nothing; opaque, begins with `cal_`.
    pub(in crate::graphql) async fn id(&self) -> ID {
        ID(self.0.feed.id.to_string())
    }

    /// Whose visits it shows.
    async fn provider(&self, context: &Context<'_>) -> Option<Result<ProviderObject, ApiError>> {
        bound_provider(context, Some(self.0.feed.provider_id)).await.transpose()
    }

    /// What it is for, where that was said.
    async fn name(&self) -> Option<&str> {
        self.0.feed.name.as_deref()
    }

    /// Whether it was made to tell who the patients are.
    async fn with_patients(&self) -> bool {
        self.0.feed.with_patients
    }

    /// Whether it tells who the patients are now: whoever made it may see them.
    async fn tells_patients(&self) -> bool {
        self.0.tells_patients
    }

    /// Whether it opens anything now: it is not revoked, and whoever made it may have it.
    async fn active(&self) -> bool {
        self.0.is_active
    }

    /// What the person or the token is called that made it; null for everybody else.
    async fn owner(&self) -> Option<&str> {
        self.0.owner_name.as_deref()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.feed.created_at)
    }

    /// When it was revoked; null while it was not.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.feed.revoked_at.map(DateTime)
    }

    /// When it was read last, to about an hour; null while it was not.
    async fn last_read_at(&self) -> Option<DateTime> {
        self.0.feed.last_read_at.map(DateTime)
    }
}

/// A calendar that others subscribe to.
#[derive(InputObject)]
pub(in crate::graphql) struct CreateCalendarFeedInput {
    /// Whose visits it shows.
    provider_id: ID,
    /// What it is for: 1 to 200 characters.
    name: Option<String>,
    /// Whether it tells who the patients are; for whoever may see them, as long as they may.
    #[graphql(default)]
    with_patients: bool,
    /// Makes a retry safe: the same key answers the same feed, without its secret. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl CreateCalendarFeedInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<CreateCalendarFeed, Refusal> {
        CreateCalendarFeed::parse(&RawFeed {
            provider_id: self.provider_id.0,
            name: self.name,
            with_patients: self.with_patients,
            idempotency_key: notes.key(self.idempotency_key),
        })
    }
}

/// A calendar that is to open nothing any more.
#[derive(InputObject)]
pub(in crate::graphql) struct RevokeCalendarFeedInput {
    /// The feed.
    id: ID,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl RevokeCalendarFeedInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<RevokeCalendarFeed, Refusal> {
        RevokeCalendarFeed::parse(&self.id, notes.key(self.idempotency_key).as_deref())
    }
}

/// What `createCalendarFeed` answers.
#[derive(SimpleObject)]
pub(in crate::graphql) struct CreateCalendarFeedPayload {
    /// The feed.
    feed: Option<CalendarFeedObject>,
    /// What opens it; begins with `clf_`. It is told this once: null when the request is repeated.
    secret: Option<String>,
    /// The address to subscribe to, with the secret in it: below `PUBLIC_URL`, or a path of this server where that is not
    /// set. It is told this once: null when the request is repeated.
    url: Option<String>,
    /// Why it was not done, or null when it was.
    error: Option<BookingErrorObject>,
}

impl CreateCalendarFeedPayload {
    pub(in crate::graphql) fn of(
        result: Result<FeedOutcome, Refusal>,
        url: impl Fn(&FeedSecret) -> String,
    ) -> Result<Self, ApiError> {
        match result {
            Ok(FeedOutcome { shown, secret, .. }) => Ok(Self {
                feed: Some(CalendarFeedObject(shown)),
                url: secret.as_ref().map(url),
                secret: secret.map(|secret| secret.reveal().to_owned()),
                error: None,
            }),
            Err(error) => {
                Ok(Self { feed: None, secret: None, url: None, error: Some(refused(error)?) })
            }
        }
    }
}

/// What `revokeCalendarFeed` answers.
#[derive(SimpleObject)]
pub(in crate::graphql) struct RevokeCalendarFeedPayload {
    /// The feed as it is now.
    feed: Option<CalendarFeedObject>,
    /// Why it was not done, or null when it was.
    error: Option<BookingErrorObject>,
}

impl RevokeCalendarFeedPayload {
    pub(in crate::graphql) fn of(result: Result<FeedOutcome, Refusal>) -> Result<Self, ApiError> {
        match result {
            Ok(outcome) => Ok(Self { feed: Some(CalendarFeedObject(outcome.shown)), error: None }),
            Err(error) => Ok(Self { feed: None, error: Some(refused(error)?) }),
        }
    }
}
