//! Lies: a confirmation that is about something else than what was asked.

use axum::body::Body;
use axum::extract::Request;
use axum::http::Method;
use axum::http::header::CONTENT_LENGTH;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::MockScheduler;
use super::faults::Lie;

/// Nobody's: an id of zeroes is never given.
const NOBODY: &str = "apt_00000000000000000000000000";
/// So much a lie is beside the truth.
const BESIDE: i64 = 15;

/// Whether the request is one that is answered with a confirmation.
pub(super) fn may_be_confirmed(request: &Request) -> bool {
    matches!(*request.method(), Method::POST | Method::PUT)
}

/// Makes a lie of a confirmation; whatever else it is stays as it is.
pub(super) async fn told(lie: Lie, mock: &MockScheduler, response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut body: Value = match serde_json::from_slice(&bytes) {
        Ok(body) if parts.status.is_success() => body,
        _ => return Response::from_parts(parts, Body::from(bytes)),
    };
    match lie {
        Lie::Reference => body["reference"] = json!(NOBODY),
        Lie::Time => {
            let time = body["time"].as_str().and_then(|time| time.parse::<Timestamp>().ok());
            let later = SignedDuration::from_mins(BESIDE);
            body["time"] = json!(time.and_then(|time| time.checked_add(later).ok()));
        }
        Lie::Length => {
            let minutes = body["duration_minutes"].as_i64().unwrap_or_default();
            body["duration_minutes"] = json!(minutes + BESIDE);
        }
        Lie::Id => {
            let own = body["appointment_id"].as_str().unwrap_or_default();
            if let Some(another) = mock.another_than(own) {
                body["appointment_id"] = json!(another);
            }
        }
    }
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body.to_string()))
}
