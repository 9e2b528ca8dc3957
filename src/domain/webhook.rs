//! Webhooks: other programs that are told what happens to visits, each event once in effect and those of one visit
//! in order, by the Standard Webhooks specification 1.0.

mod address;
mod body;
mod pause;
mod secret;

pub use address::is_global_unicast;
pub use body::{event_id, trial_body, trial_id};
pub use pause::pause_after;
pub use secret::{EndpointSecrets, WebhookSecret};

use jiff::{SignedDuration, Timestamp};

use super::appointment_event::{AppointmentEventKind, EventPosition};
use super::ids::{WebhookDeliveryId, WebhookEndpointId};
use super::named::named;

/// For so long a delivery is tried, and an endpoint may fail before it is switched off: 3 days.
pub const TRIED_FOR: SignedDuration = SignedDuration::from_hours(3 * 24);

/// A program that is told. Its secrets are apart: [`EndpointSecrets`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEndpoint {
    /// Its id.
    pub id: WebhookEndpointId,
    /// Grows with every change that somebody makes, or that switches it off.
    pub version: i32,
    /// Where it is told.
    pub url: String,
    /// What it is told; everything where there is none.
    pub kinds: Vec<AppointmentEventKind>,
    /// Whether it is told anything.
    pub active: bool,
    /// Since when every attempt has failed; none after one that did not.
    pub failing_since: Option<Timestamp>,
    /// When it was switched off because it failed for too long, or said that it is gone.
    pub switched_off_at: Option<Timestamp>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl WebhookEndpoint {
    /// Whether it is told what is of that kind.
    pub fn wants(&self, kind: AppointmentEventKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}

named! {
    /// Where a delivery stands.
    DeliveryStatus {
        /// It is to be made, or tried again.
        Pending "PENDING",
        /// The endpoint has taken it; final.
        Delivered "DELIVERED",
        /// It was given up; final, unless it is told anew.
        Failed "FAILED",
    }
}

named! {
    /// What became of an attempt.
    WebhookOutcome {
        /// It was answered by a status of 200 to 299.
        Accepted "ACCEPTED",
        /// It was answered by another one.
        Refused "REFUSED",
        /// It was sent elsewhere, where nobody goes.
        Redirected "REDIRECTED",
        /// There was no answer in time.
        TimedOut "TIMED_OUT",
        /// The name was not found, nobody listens, or the connection failed.
        Unreachable "UNREACHABLE",
        /// The name leads to an address that nobody is to be sent to.
        AddressNotAllowed "ADDRESS_NOT_ALLOWED",
    }
}

/// What an endpoint is told, once in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// Its id.
    pub id: WebhookDeliveryId,
    /// To whom.
    pub endpoint_id: WebhookEndpointId,
    /// Of which event; none for a trial.
    pub position: Option<EventPosition>,
    /// What happened; none for a trial.
    pub kind: Option<AppointmentEventKind>,
    /// When that happened.
    pub at: Timestamp,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// What became of the last attempt.
    pub outcome: Option<WebhookOutcome>,
    /// How that was answered, as a status of HTTP.
    pub response_status: Option<u16>,
    /// How often it was tried, since it was to be told last.
    pub attempts: u32,
    /// Since when.
    pub tried_since: Option<Timestamp>,
    /// When it is tried next.
    pub next_attempt_at: Option<Timestamp>,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempted {
    /// What became of it.
    pub outcome: WebhookOutcome,
    /// How it was answered, if it was.
    pub response_status: Option<u16>,
}

/// 410 Gone: whoever answers so wants nothing more (Standard Webhooks, "Delivery").
const GONE: u16 = 410;

impl Attempted {
    /// Whether it asks to be told nothing any more.
    pub fn is_gone(self) -> bool {
        self.response_status == Some(GONE)
    }
}

impl WebhookDelivery {
    /// What it is after an attempt that ended at `now`. `jitter`, from 0 to 1, tells one delivery's pauses from
    /// another's.
    #[must_use]
    pub fn after(&self, attempted: Attempted, now: Timestamp, jitter: f64) -> Self {
        let since = self.tried_since.unwrap_or(now);
        let attempts = self.attempts.saturating_add(1);
        let next = now.saturating_add(pause_after(attempts, jitter)).unwrap_or(Timestamp::MAX);
        let is_over = self.position.is_none() || next.duration_since(since) > TRIED_FOR;
        let (status, next_attempt_at) = match attempted.outcome {
            WebhookOutcome::Accepted => (DeliveryStatus::Delivered, None),
            _ if is_over => (DeliveryStatus::Failed, None),
            _ => (DeliveryStatus::Pending, Some(next)),
        };
        Self {
            status,
            outcome: Some(attempted.outcome),
            response_status: attempted.response_status,
            attempts,
            tried_since: Some(since),
            next_attempt_at,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests;
