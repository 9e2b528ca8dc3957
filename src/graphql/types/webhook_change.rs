//! What the mutations of webhooks take and answer.

use async_graphql::{ID, InputObject, SimpleObject};

use super::access_change::refused;
use super::booking_error::BookingErrorObject;
use super::event::{AppointmentEventKindEnum, Cursor};
use super::webhook::{WebhookDeliveryObject, WebhookEndpointObject};
use crate::domain::AppointmentEventKind;
use crate::graphql::error::ApiError;
use crate::graphql::notes::Notes;
use crate::request::{ExpectedVersion, Refusal};
use crate::webhooks::command::{RawEndpointChange, ReplayAfter};
use crate::webhooks::{
    CreateWebhookEndpoint, DeleteWebhookEndpoint, DeliveryOutcome, EndpointOutcome, ReplayWebhooks,
    RotateWebhookSecret, SendTestWebhook, UpdateWebhookEndpoint,
};

fn kinds(given: Option<Vec<AppointmentEventKindEnum>>) -> Option<Vec<AppointmentEventKind>> {
    given.map(|kinds| kinds.into_iter().map(Into::into).collect())
}

/// A program that is to be told what happens to visits from now on.
#[derive(InputObject)]
pub(in crate::graphql) struct CreateWebhookEndpointInput {
    /// Where it is told: an `https://` address on the Internet, without user or password, of at most 2048 characters.
    url: String,
    /// What it is told; everything unless given.
    kinds: Option<Vec<AppointmentEventKindEnum>>,
    /// Makes a retry safe: the same key answers the same endpoint, without its secret. 1 to 255 visible ASCII
    /// characters.
    idempotency_key: Option<String>,
}

impl CreateWebhookEndpointInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<CreateWebhookEndpoint, Refusal> {
        let (kinds, key) = (kinds(self.kinds), notes.key(self.idempotency_key));
        CreateWebhookEndpoint::parse(self.url, kinds.as_deref(), key.as_deref())
    }
}

/// What is to become of an endpoint. What is left out stays.
#[derive(InputObject)]
pub(in crate::graphql) struct UpdateWebhookEndpointInput {
    /// The endpoint.
    id: ID,
    /// Where it is told, as in `createWebhookEndpoint`.
    url: Option<String>,
    /// What it is told; an empty list for everything.
    kinds: Option<Vec<AppointmentEventKindEnum>>,
    /// Whether it is told anything. What is pending is given up when it is switched off; switched on it is told what
    /// happens from then on.
    active: Option<bool>,
    /// The version of the endpoint that you have seen: when it is at another, nothing is done.
    expected_version: Option<i32>,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl UpdateWebhookEndpointInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<UpdateWebhookEndpoint, Refusal> {
        UpdateWebhookEndpoint::parse(RawEndpointChange {
            id: self.id.0,
            url: self.url,
            kinds: kinds(self.kinds),
            active: self.active,
            expected: ExpectedVersion::of_field(self.expected_version.map(i64::from)),
            idempotency_key: notes.key(self.idempotency_key),
        })
    }
}

macro_rules! of_one_endpoint {
    ($input:ident, $command:ident, $doc:literal, $key:literal) => {
        #[doc = $doc]
        #[derive(InputObject)]
        pub(in crate::graphql) struct $input {
            /// The endpoint.
            id: ID,
            /// The version of the endpoint that you have seen: when it is at another, nothing is done.
            expected_version: Option<i32>,
            #[doc = $key]
            idempotency_key: Option<String>,
        }

        impl $input {
            pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<$command, Refusal> {
                let expected = ExpectedVersion::of_field(self.expected_version.map(i64::from));
                $command::parse(&self.id, expected, notes.key(self.idempotency_key).as_deref())
            }
        }
    };
}

of_one_endpoint!(
    DeleteWebhookEndpointInput,
    DeleteWebhookEndpoint,
    "An endpoint that is to be told nothing any more.",
    "Makes a retry safe. 1 to 255 visible ASCII characters."
);
of_one_endpoint!(
    RotateWebhookSecretInput,
    RotateWebhookSecret,
    "An endpoint that is to have another secret.",
    "Makes a retry safe: the same key answers the same endpoint, without its secret. 1 to 255 visible ASCII characters."
);

/// An endpoint that is to be sent a trial.
#[derive(InputObject)]
pub(in crate::graphql) struct SendTestWebhookInput {
    /// The endpoint.
    endpoint_id: ID,
    /// Makes a retry safe: the same key answers the same delivery. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl SendTestWebhookInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<SendTestWebhook, Refusal> {
        let key = notes.key(self.idempotency_key);
        SendTestWebhook::parse(&self.endpoint_id, ExpectedVersion::default(), key.as_deref())
    }
}

/// What an endpoint is to be told anew.
#[derive(InputObject)]
pub(in crate::graphql) struct ReplayWebhooksInput {
    /// The endpoint.
    endpoint_id: ID,
    /// After what: the id of the last event that it has (`evt_…`, as in the messages and as a `cursor` of
    /// `events`), or a moment such as `2026-12-01T15:00:00Z`.
    after: String,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl ReplayWebhooksInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<ReplayWebhooks, Refusal> {
        let event = self.after.parse::<Cursor>().ok().map(|cursor| ReplayAfter::Event(cursor.0));
        let moment = || self.after.parse().ok().map(ReplayAfter::Moment);
        let key = notes.key(self.idempotency_key);
        ReplayWebhooks::parse(&self.endpoint_id, event.or_else(moment), key.as_deref())
    }
}

macro_rules! endpoint_payload {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(SimpleObject)]
        pub(in crate::graphql) struct $name {
            /// The endpoint as it is now.
            endpoint: Option<WebhookEndpointObject>,
            /// Why it was not done, or null when it was.
            error: Option<BookingErrorObject>,
        }

        impl $name {
            pub(in crate::graphql) fn of(
                result: Result<EndpointOutcome, Refusal>,
            ) -> Result<Self, ApiError> {
                match result {
                    Ok(outcome) => {
                        let endpoint = Some(WebhookEndpointObject(outcome.endpoint));
                        Ok(Self { endpoint, error: None })
                    }
                    Err(error) => Ok(Self { endpoint: None, error: Some(refused(error)?) }),
                }
            }
        }
    };
}

endpoint_payload!(UpdateWebhookEndpointPayload, "What `updateWebhookEndpoint` answers.");
endpoint_payload!(DeleteWebhookEndpointPayload, "What `deleteWebhookEndpoint` answers.");
endpoint_payload!(ReplayWebhooksPayload, "What `replayWebhooks` answers.");

macro_rules! secret_payload {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(SimpleObject)]
        pub(in crate::graphql) struct $name {
            /// The endpoint as it is now.
            endpoint: Option<WebhookEndpointObject>,
            /// What its messages are signed with; begins with `whsec_`. It is told this once: null when the request
            /// is repeated.
            secret: Option<String>,
            /// Why it was not done, or null when it was.
            error: Option<BookingErrorObject>,
        }

        impl $name {
            pub(in crate::graphql) fn of(
                result: Result<EndpointOutcome, Refusal>,
            ) -> Result<Self, ApiError> {
                match result {
                    Ok(outcome) => Ok(Self {
                        secret: outcome.secret.map(|secret| secret.reveal()),
                        endpoint: Some(WebhookEndpointObject(outcome.endpoint)),
                        error: None,
                    }),
                    Err(error) => {
                        Ok(Self { endpoint: None, secret: None, error: Some(refused(error)?) })
                    }
                }
            }
        }
    };
}

secret_payload!(CreateWebhookEndpointPayload, "What `createWebhookEndpoint` answers.");
secret_payload!(RotateWebhookSecretPayload, "What `rotateWebhookSecret` answers.");

/// What `sendTestWebhook` answers.
#[derive(SimpleObject)]
pub(in crate::graphql) struct SendTestWebhookPayload {
    /// The trial, with what became of it.
    delivery: Option<WebhookDeliveryObject>,
    /// Why it was not sent, or null when it was.
    error: Option<BookingErrorObject>,
}

impl SendTestWebhookPayload {
    pub(in crate::graphql) fn of(
        result: Result<DeliveryOutcome, Refusal>,
    ) -> Result<Self, ApiError> {
        match result {
            Ok(outcome) => {
                Ok(Self { delivery: Some(WebhookDeliveryObject(outcome.delivery)), error: None })
            }
            Err(error) => Ok(Self { delivery: None, error: Some(refused(error)?) }),
        }
    }
}
