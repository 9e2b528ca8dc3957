//! What can be wrong with a request to the mocked service.

use std::io;

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::json;

/// Something wrong with a request, told in words. Never stored under a key.
pub(super) struct Problem {
    status: StatusCode,
    message: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        tracing::error!(%error, "The mocked scheduling service's ledger failed: {error}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the ledger failed")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "message": self.message }))).into_response()
    }
}

/// The key a writing request must carry.
pub(super) fn key_of(headers: &HeaderMap) -> Result<String, Problem> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    match key {
        Some(key) if (1..=255).contains(&key.len()) => Ok(key.to_owned()),
        _ => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "an Idempotency-Key of 1 to 255 visible ASCII characters is needed",
        )),
    }
}

/// Reads a JSON body whatever its content type: `curl -d` sends none that fits.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        let status = if error.is_data() {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::BAD_REQUEST
        };
        Problem::new(status, error.to_string())
    })
}

/// Refuses a request that says something impossible.
pub(super) fn require(met: bool, message: &str) -> Result<(), Problem> {
    if met { Ok(()) } else { Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, message)) }
}
