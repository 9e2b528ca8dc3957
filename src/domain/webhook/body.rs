//! What an endpoint is told, to the byte. It is made of what the log holds alone: told anew it is the same.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{EventPosition, ToldEvent, WebhookDeliveryId};

#[derive(Serialize)]
struct Body<'a, Data> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    timestamp: Timestamp,
    data: Data,
}

#[derive(Serialize)]
struct Visit {
    appointment_id: String,
    provider_id: String,
    status: &'static str,
    starts_at: Timestamp,
    ends_at: Timestamp,
    previous_starts_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct Nothing {}

/// The id of an event, which is its cursor in `events`, and of every message about it.
pub fn event_id(position: EventPosition) -> String {
    format!("evt_{:012x}", position.0)
}

/// The id of a message that is only a trial.
pub fn trial_id(id: WebhookDeliveryId) -> String {
    id.to_string().replacen(WebhookDeliveryId::PREFIX, "evt", 1)
}

/// The body of a trial.
pub fn trial_body(id: WebhookDeliveryId, at: Timestamp) -> String {
    write(&Body { id: &trial_id(id), kind: "webhook.test", timestamp: at, data: Nothing {} })
}

impl ToldEvent {
    /// The id of every message about it.
    pub fn id(&self) -> String {
        event_id(self.position)
    }

    /// The body of a message about it.
    pub fn body(&self) -> String {
        write(&Body {
            id: &event_id(self.position),
            kind: &format!("appointment.{}", self.kind.as_str().to_ascii_lowercase()),
            timestamp: self.at,
            data: Visit {
                appointment_id: self.appointment_id.to_string(),
                provider_id: self.provider_id.to_string(),
                status: self.status.as_str(),
                starts_at: self.starts_at,
                ends_at: self.ends_at,
                previous_starts_at: self.previous_starts_at,
            },
        })
    }
}

fn write(body: &impl Serialize) -> String {
    // Texts and instants alone, which have no way to fail.
    serde_json::to_string(body).unwrap_or_default()
}
