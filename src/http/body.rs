//! JSON bodies, read field by field, so that everything wrong is named at once.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use http_body_util::LengthLimitError;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::fields::INSTANT_EXPECTED;
use super::problem::Problem;
use crate::booking::{ErrorCode, Field, Violation};
use crate::domain::time_slot::parse_rfc3339;

/// The largest body of a REST request, in bytes.
pub(super) const LARGEST_BODY: usize = 64 * 1024;

/// Whether the media type is JSON, in the one encoding that JSON has.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let media_type =
        headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = media_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, encoding)) if name.trim().eq_ignore_ascii_case("charset") => {
            encoding.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    };
    essence.eq_ignore_ascii_case("application/json") && parts.all(utf8)
}

/// How long a body may take to arrive, from its first byte to its last.
const ARRIVES_WITHIN: Duration = Duration::from_secs(10);

/// The body of a request, up to a number of bytes.
pub(super) async fn read_bytes(body: Body, most: usize) -> Result<Bytes, Problem> {
    match tokio::time::timeout(ARRIVES_WITHIN, to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_long(&error) => {
            let detail = format!("The body must be at most {most} bytes");
            Err(Problem::new(ErrorCode::PayloadTooLarge, detail))
        }
        Ok(Err(_broken)) => Err(Problem::new(ErrorCode::BadRequest, "The body is cut off")),
        Err(_elapsed) => {
            let detail = format!("The body must arrive within {} s", ARRIVES_WITHIN.as_secs());
            Err(Problem::new(ErrorCode::BadRequest, detail))
        }
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    matches!(std::error::Error::source(error), Some(cause) if cause.is::<LengthLimitError>())
}

/// A JSON object as it was sent; read with [`ObjectReader`].
pub(super) struct JsonObject(pub(super) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for JsonObject {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let typed = is_json(request.headers());
        let says_nothing = !request.headers().contains_key(CONTENT_TYPE);
        let bytes = read_bytes(request.into_body(), LARGEST_BODY).await?;
        if bytes.is_empty() && says_nothing {
            return Ok(Self(Map::new()));
        }
        if !typed {
            let detail = "The body must be JSON, and say so: -H 'Content-Type: application/json'";
            return Err(Problem::new(ErrorCode::UnsupportedMediaType, detail));
        }
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(object)) => Ok(Self(object)),
            Ok(_) => Err(Problem::new(ErrorCode::BadRequest, "The body must be a JSON object")),
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                let detail = format!("The body is not JSON: see line {line}, column {column}");
                Err(Problem::new(ErrorCode::BadRequest, detail))
            }
        }
    }
}

/// Takes fields out of a JSON object; what is left over is not known.
pub(super) struct ObjectReader {
    object: Map<String, Value>,
    pointer: String,
    violations: Vec<Violation>,
}

impl ObjectReader {
    pub(super) fn new(object: Map<String, Value>) -> Self {
        Self { object, pointer: String::new(), violations: Vec::new() }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        // Null means the same as nothing.
        self.object.remove(name).filter(|value| !value.is_null())
    }

    fn wrong(&mut self, field: Field, message: &'static str) {
        self.violations.push(Violation::new(field, message));
    }

    pub(super) fn text(&mut self, name: &str, field: Field) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => {
                self.wrong(field, "must be a string");
                None
            }
        }
    }

    pub(super) fn integer(&mut self, name: &str, field: Field) -> Option<i64> {
        let number = self.take(name)?.as_i64();
        if number.is_none() {
            self.wrong(field, "must be a whole number");
        }
        number
    }

    pub(super) fn instant(&mut self, name: &str, field: Field) -> Option<Timestamp> {
        let instant = self.take(name)?.as_str().and_then(parse_rfc3339);
        if instant.is_none() {
            self.wrong(field, INSTANT_EXPECTED);
        }
        instant
    }

    /// An object inside this one, which must be there.
    pub(super) fn object(&mut self, name: &str, field: Field) -> Option<Self> {
        match self.take(name) {
            Some(Value::Object(object)) => {
                let pointer = format!("{}/{name}", self.pointer);
                Some(Self { object, pointer, violations: Vec::new() })
            }
            Some(_) => {
                self.wrong(field, "must be an object");
                None
            }
            None => {
                self.wrong(field, "is required");
                None
            }
        }
    }

    /// Ends the reading: everything wrong, and every field that is not known.
    pub(super) fn finish(self) -> Vec<Violation> {
        let Self { object, pointer, mut violations } = self;
        for name in object.into_iter().map(|(name, _)| name) {
            let name = name.replace('~', "~0").replace('/', "~1");
            violations.push(Violation::new(
                Field::Other(format!("{pointer}/{name}")),
                "is not a known field",
            ));
        }
        violations
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_not_waited_for() {
        let never =
            Body::from_stream(futures_util::stream::pending::<Result<Bytes, axum::Error>>());
        let problem = read_bytes(never, 100)
            .await
            .err()
            .and_then(|problem| serde_json::to_value(problem).ok());
        assert_eq!(problem.unwrap()["code"], "BAD_REQUEST");
    }
}
