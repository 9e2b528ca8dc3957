//! From what a caller sent to what is to be done.

use jiff::Timestamp;

use crate::domain::{AppointmentEventKind, EventPosition, WebhookEndpointId};
use crate::request::{
    ExpectedVersion, Field, FieldReader, IdempotencyKey, Refusal, Resource, Violation, fingerprint,
};

fn parse_id(text: &str) -> Result<WebhookEndpointId, Refusal> {
    text.parse().map_err(|_malformed| Refusal::NotFound(Resource::WebhookEndpoint))
}

/// Each kind once, in the order of the log's words.
fn distinct(kinds: &[AppointmentEventKind]) -> Vec<AppointmentEventKind> {
    AppointmentEventKind::ALL.into_iter().filter(|kind| kinds.contains(kind)).collect()
}

fn named(kinds: &[AppointmentEventKind]) -> String {
    kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(",")
}

/// What is wrong with where an endpoint is.
pub(super) fn wrong_url(why: &'static str) -> Violation {
    Violation::new(Field::Other("url".to_owned()), why)
}

/// Tell another program.
#[derive(Clone)]
pub struct CreateWebhookEndpoint {
    /// Where it is told; judged by whoever carries it out.
    pub url: String,
    /// Of what; of everything where there is none.
    pub kinds: Vec<AppointmentEventKind>,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl CreateWebhookEndpoint {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`].
    pub fn parse(
        url: String,
        kinds: Option<&[AppointmentEventKind]>,
        idempotency_key: Option<&str>,
    ) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let idempotency_key = fields.key(idempotency_key);
        fields.finish()?;
        Ok(Self { url, kinds: distinct(kinds.unwrap_or_default()), idempotency_key })
    }

    pub(super) fn fingerprint(&self) -> String {
        fingerprint(&["create webhook endpoint", &self.url, &named(&self.kinds)])
    }
}

/// What is to become of an endpoint, as a door received it.
#[derive(Default)]
pub struct RawEndpointChange {
    /// Which.
    pub id: String,
    /// Where it is told.
    pub url: Option<String>,
    /// Of what.
    pub kinds: Option<Vec<AppointmentEventKind>>,
    /// Whether it is told anything.
    pub active: Option<bool>,
    /// The version that the caller has seen.
    pub expected: ExpectedVersion,
    /// Makes a retry safe.
    pub idempotency_key: Option<String>,
}

/// Tell another program elsewhere, of other things, or no more.
#[derive(Clone)]
pub struct UpdateWebhookEndpoint {
    /// Which.
    pub id: WebhookEndpointId,
    /// Where it is told, if that is another place; judged by whoever carries it out.
    pub url: Option<String>,
    /// Of what, if that is something else.
    pub kinds: Option<Vec<AppointmentEventKind>>,
    /// Whether it is told anything, if that changes.
    pub active: Option<bool>,
    /// The version that the caller has seen.
    pub expected: ExpectedVersion,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl UpdateWebhookEndpoint {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(raw: RawEndpointChange) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let expected = fields.expected(raw.expected);
        let idempotency_key = fields.key(raw.idempotency_key.as_deref());
        fields.finish()?;
        Ok(Self {
            id: parse_id(&raw.id)?,
            url: raw.url,
            kinds: raw.kinds.as_deref().map(distinct),
            active: raw.active,
            expected,
            idempotency_key,
        })
    }

    pub(super) fn fingerprint(&self) -> String {
        let texts = [
            Some(self.id.to_string()),
            self.url.as_ref().map(|url| format!("url {url}")),
            self.kinds.as_ref().map(|kinds| format!("kinds {}", named(kinds))),
            self.active.map(|active| format!("active {active}")),
            self.expected.fingerprint(),
        ];
        let parts = std::iter::once("update webhook endpoint".to_owned());
        fingerprint(&parts.chain(texts.into_iter().flatten()).collect::<Vec<_>>())
    }
}

macro_rules! of_one_endpoint {
    ($(#[$doc:meta])* $name:ident, $operation:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            /// Which.
            pub id: WebhookEndpointId,
            /// The version that the caller has seen.
            pub expected: ExpectedVersion,
            /// Makes a retry safe.
            pub idempotency_key: Option<IdempotencyKey>,
        }

        impl $name {
            /// Reads what a door received.
            ///
            /// # Errors
            ///
            /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
            pub fn parse(
                id: &str,
                expected: ExpectedVersion,
                idempotency_key: Option<&str>,
            ) -> Result<Self, Refusal> {
                let mut fields = FieldReader::default();
                let expected = fields.expected(expected);
                let idempotency_key = fields.key(idempotency_key);
                fields.finish()?;
                Ok(Self { id: parse_id(id)?, expected, idempotency_key })
            }

            pub(super) fn fingerprint(&self) -> String {
                let mut parts = vec![$operation.to_owned(), self.id.to_string()];
                parts.extend(self.expected.fingerprint());
                fingerprint(&parts)
            }
        }
    };
}

of_one_endpoint!(
    /// Tell another program nothing any more, and forget it.
    DeleteWebhookEndpoint,
    "delete webhook endpoint"
);
of_one_endpoint!(
    /// Give an endpoint another secret.
    RotateWebhookSecret,
    "rotate webhook secret"
);
of_one_endpoint!(
    /// Send an endpoint a message that is only a trial.
    SendTestWebhook,
    "send test webhook"
);

/// After what an endpoint is told anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayAfter {
    /// An event.
    Event(EventPosition),
    /// A moment.
    Moment(Timestamp),
}

/// Tell an endpoint anew what has happened.
#[derive(Clone)]
pub struct ReplayWebhooks {
    /// Which.
    pub id: WebhookEndpointId,
    /// After what.
    pub after: ReplayAfter,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl ReplayWebhooks {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(
        id: &str,
        after: Option<ReplayAfter>,
        idempotency_key: Option<&str>,
    ) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let idempotency_key = fields.key(idempotency_key);
        if after.is_none() {
            fields.wrong(wrong_after());
        }
        fields.finish()?;
        let after = after.ok_or_else(|| Refusal::bug("a field was lost"))?;
        Ok(Self { id: parse_id(id)?, after, idempotency_key })
    }

    pub(super) fn fingerprint(&self) -> String {
        let after = match self.after {
            ReplayAfter::Event(position) => position.0.to_string(),
            ReplayAfter::Moment(moment) => moment.to_string(),
        };
        fingerprint(&["replay webhooks".to_owned(), self.id.to_string(), after])
    }
}

/// What is wrong with after what an endpoint is to be told anew.
pub(super) fn wrong_after() -> Violation {
    let expected = "must be the id of an event (evt_…), or a moment such as 2026-12-01T15:00:00Z";
    Violation::new(Field::Other("after".to_owned()), expected)
}
