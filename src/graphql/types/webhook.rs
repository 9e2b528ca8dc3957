//! Programs that are told what happens to visits.

use async_graphql::{Context, Enum, ID, Object};

use super::connection::PageArguments;
use super::event::AppointmentEventKindEnum;
use super::instant::DateTime;
use super::webhook_list::WebhookDeliveryConnection;
use crate::domain::webhook::event_id;
use crate::domain::{WebhookDelivery, WebhookEndpoint};
use crate::graphql::error::ApiError;

/// `WebhookEndpoint` of the schema.
pub(in crate::graphql) struct WebhookEndpointObject(pub(in crate::graphql) WebhookEndpoint);

/// A program that is told what happens to visits, by a `POST` of JSON to its address. Messages are signed by the
/// Standard Webhooks specification with its secret, which was told once, when it was made. What happens to one visit
/// is told in order; what is not answered by a status of 200 to 299 is told again, for three days.
#[Object(name = "WebhookEndpoint")]
impl WebhookEndpointObject {
    /// Identifies the endpoint; opaque, begins with `whe_`.
    pub(in crate::graphql) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Grows with every change: pass it as `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Where it is told.
    async fn url(&self) -> &str {
        &self.0.url
    }

    /// What it is told; everything where the list is empty.
    async fn kinds(&self) -> Vec<AppointmentEventKindEnum> {
        self.0.kinds.iter().map(|kind| (*kind).into()).collect()
    }

    /// Whether it is told anything. What happens while it is not is not kept for it: `replayWebhooks` tells it later.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// Since when no attempt was answered by a status of 200 to 299; null while the last one was.
    async fn failing_since(&self) -> Option<DateTime> {
        self.0.failing_since.map(DateTime)
    }

    /// When it was switched off because it had failed for three days, or had answered 410 (gone); null unless it was.
    async fn switched_off_at(&self) -> Option<DateTime> {
        self.0.switched_off_at.map(DateTime)
    }

    /// What it was told and is to be told, the latest first. What is over is kept for 30 days.
    async fn deliveries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only in these statuses; in all unless given.")] status: Option<
            Vec<WebhookDeliveryStatusEnum>,
        >,
        #[graphql(
            desc = "At most so many, from the start of the list: 20 unless told, at most 100."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<WebhookDeliveryConnection, ApiError>> {
        let page = PageArguments { first, after, last, before };
        Some(WebhookDeliveryConnection::load(context, self.0.id, status, page).await)
    }
}

/// Where a delivery stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "WebhookDeliveryStatus", remote = "crate::domain::webhook::DeliveryStatus")]
pub(in crate::graphql) enum WebhookDeliveryStatusEnum {
    /// It is to be made, or tried again.
    Pending,
    /// The endpoint has taken it. Final.
    Delivered,
    /// It was given up: after three days, when the endpoint was switched off, or because it was only a trial. Final,
    /// unless it is told anew by `replayWebhooks`.
    Failed,
}

/// What became of an attempt.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "WebhookOutcome", remote = "crate::domain::webhook::WebhookOutcome")]
pub(in crate::graphql) enum WebhookOutcomeEnum {
    /// It was answered by a status of 200 to 299.
    Accepted,
    /// It was answered by another status, which is no redirect.
    Refused,
    /// It was answered by a redirect, which is never followed.
    Redirected,
    /// There was no answer within 15 seconds.
    TimedOut,
    /// The name was not found, nobody listens there, or the connection failed or has a certificate that is not
    /// trusted.
    Unreachable,
    /// The name leads to an address that is none of the Internet's: nothing was sent.
    AddressNotAllowed,
}

/// `WebhookDelivery` of the schema.
#[derive(Clone)]
pub(in crate::graphql) struct WebhookDeliveryObject(pub(in crate::graphql) WebhookDelivery);

/// Something that an endpoint is told, once in effect: each attempt has the same `webhook-id` and body.
#[Object(name = "WebhookDelivery")]
impl WebhookDeliveryObject {
    /// Identifies the delivery; opaque, begins with `whd_`.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The event that is told: its `cursor` in `events`, and the `webhook-id` of each message about it.
    /// Null for a trial.
    async fn event_id(&self) -> Option<String> {
        self.0.position.map(event_id)
    }

    /// When that happened.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }

    /// What happened; null for a trial.
    async fn kind(&self) -> Option<AppointmentEventKindEnum> {
        self.0.kind.map(Into::into)
    }

    /// Where it stands.
    async fn status(&self) -> WebhookDeliveryStatusEnum {
        self.0.status.into()
    }

    /// What became of the last attempt; null before the first.
    async fn outcome(&self) -> Option<WebhookOutcomeEnum> {
        self.0.outcome.map(Into::into)
    }

    /// The HTTP status that answered the last attempt; null where there was no answer.
    async fn response_status(&self) -> Option<i32> {
        self.0.response_status.map(i32::from)
    }

    /// How often it was tried since it was to be told last.
    async fn attempts(&self) -> i32 {
        i32::try_from(self.0.attempts).unwrap_or(i32::MAX)
    }

    /// When it is tried next, unless an earlier event of the same visit still waits then; null once it is over. The
    /// pauses are of a second, doubled each time to four hours at most, and shorter by up to half of that.
    async fn next_attempt_at(&self) -> Option<DateTime> {
        self.0.next_attempt_at.map(DateTime)
    }
}
