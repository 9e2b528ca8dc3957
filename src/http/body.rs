//! The bodies of requests, as far as both doors read them alike.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use http_body_util::LengthLimitError;

use super::problem::Problem;
use crate::request::ErrorCode;

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
