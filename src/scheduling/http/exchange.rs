//! One request and its answer, as part of the trace that they belong to.

use reqwest::header::HeaderValue;
use reqwest::{Client, Request, RequestBuilder};
use tracing::Instrument as _;

use super::answer::Answer;
use crate::scheduling::{SchedulingError, TIMEOUT, Trouble};
use crate::traces::spans;

/// The pattern of the path that a call goes to.
pub(super) fn route(call: &'static str) -> &'static str {
    match call {
        "reschedule" | "cancel" => "/appointments/{appointment_id}",
        _ => "/appointments",
    }
}

/// Sends the request once, as part of the trace it belongs to, and reads the answer, up to `limit` bytes.
pub(super) async fn exchange(
    request: RequestBuilder,
    route: &'static str,
    limit: usize,
) -> Result<Answer, SchedulingError> {
    let (client, request) = request.build_split();
    let mut request = request.map_err(|error| lost(&error))?;
    let (host, port) = (request.url().host_str().unwrap_or_default(), request.url().port());
    let span = spans::outside_call(request.method().as_str(), route, host, port);
    if let Some(parent) = span.in_scope(spans::current)
        && let Ok(parent) = HeaderValue::try_from(parent.to_string())
    {
        request.headers_mut().insert("traceparent", parent);
    }
    let answer = read(client, request, limit).instrument(span.clone()).await;
    let outcome = match &answer {
        Ok(answer) => Ok(answer.status),
        Err(SchedulingError::Unknown { cause, .. }) => Err(*cause),
        Err(_) => Err("not sent"),
    };
    spans::called(&span, outcome);
    answer
}

async fn read(client: Client, request: Request, limit: usize) -> Result<Answer, SchedulingError> {
    let mut response = client.execute(request).await.map_err(|error| lost(&error))?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| lost(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(SchedulingError::Unknown {
                cause: "oversized answer",
                trouble: Trouble::Call,
            });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, body })
}

/// Says in words of our own why there is no answer: reqwest's text would hold the URL.
fn lost(error: &reqwest::Error) -> SchedulingError {
    let (cause, trouble) = if error.is_builder() {
        ("request could not be made", Trouble::Call)
    } else if error.is_connect() {
        ("could not connect", Trouble::Service)
    } else if error.is_timeout() {
        (TIMEOUT, Trouble::Service)
    } else {
        ("connection lost", Trouble::Service)
    };
    SchedulingError::Unknown { cause, trouble }
}
