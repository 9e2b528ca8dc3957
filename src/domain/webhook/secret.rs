//! What messages are signed with, and the signatures (Standard Webhooks 1.0, "Signature scheme").

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;

const PREFIX: &str = "whsec_";

/// 256 random bits that an endpoint and we have. `Debug` does not show them.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret([u8; 32]);

impl WebhookSecret {
    /// Of these bits, which nobody else can guess.
    pub fn of(bits: [u8; 32]) -> Self {
        Self(bits)
    }

    /// The secret as it is written: `whsec_` and base64.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(self.0))
    }

    /// The secret of that text.
    pub fn parse(text: &str) -> Option<Self> {
        let bits = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        bits.try_into().ok().map(Self)
    }

    fn sign(&self, signed: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            // HMAC takes keys of every length.
            return String::new();
        };
        mac.update(signed.as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(..)")
    }
}

/// What an endpoint's messages are signed with: while a secret is being changed, by the one of before as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSecrets {
    /// The secret.
    pub current: WebhookSecret,
    /// Those of before, the latest first.
    pub previous: Vec<WebhookSecret>,
    /// Until when they count.
    pub previous_until: Option<Timestamp>,
}

/// How many of before count: whoever asks again and again, for the answer was lost, has not gone over yet.
const MOST_BEFORE: usize = 3;

impl EndpointSecrets {
    /// The header `webhook-signature` of a message that is sent at `now`.
    pub fn signature(&self, id: &str, now: Timestamp, body: &str) -> String {
        let signed = format!("{id}.{}.{body}", now.as_second());
        let previous = self.previous_at(now).iter();
        let secrets = std::iter::once(&self.current).chain(previous);
        secrets.map(|secret| secret.sign(&signed)).collect::<Vec<_>>().join(" ")
    }

    fn previous_at(&self, now: Timestamp) -> &[WebhookSecret] {
        if self.previous_until.is_some_and(|until| now < until) { &self.previous } else { &[] }
    }

    /// The same with another secret at `now`: those of before count until `until`.
    #[must_use]
    pub fn rotated(&self, new: WebhookSecret, now: Timestamp, until: Timestamp) -> Self {
        let before = std::iter::once(&self.current).chain(self.previous_at(now));
        let previous = before.take(MOST_BEFORE).cloned().collect();
        Self { current: new, previous, previous_until: Some(until) }
    }
}
