//! What happens to every request: a name for it, a line in the log.

use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use super::callers::ClientAddress;
use super::graphql::OperationSeen;
use super::identity::{REQUEST_ID, RequestId, trace_parent};
use super::problem::ProblemCode;
use crate::traces::spans::{self, Answer};

/// Names the request, logs how it went (never its query string or body) and counts it.
pub(super) async fn observe(mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    let (method, started) = (known_method(request.method()), Instant::now());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "unmatched".to_owned());
    let caller = trace_parent(request.headers());
    let client = request.extensions().get().map(|ClientAddress(client)| *client);
    let span = tracing::info_span!(
        "request",
        id = id.0,
        client = client.map(tracing::field::display),
        trace_id = Empty,
        parent_id = caller.as_ref().map(|caller| caller.parent_id.as_str()),
    );
    // Inside the other, so that whoever takes the current span along takes both.
    let served = span.in_scope(|| spans::request(method, &route, &id.0, caller.as_ref()));
    if let Some(trace) = served.in_scope(spans::current).or(caller) {
        span.record("trace_id", trace.trace_id);
    }
    request.extensions_mut().insert(id.clone());
    let response = async {
        let response = next.run(request).await;
        let (status, seconds) = (response.status().as_u16(), started.elapsed().as_secs_f64());
        log(method, &route, seconds, &response);
        trace(&served, &response);
        let labels = [
            ("method", method.to_owned()),
            ("route", route.clone()),
            ("status", status.to_string()),
        ];
        metrics::counter!("clinic_http_requests_total", &labels).increment(1);
        metrics::histogram!("clinic_http_request_seconds", "route" => route).record(seconds);
        response
    };
    let response = response.instrument(served.clone()).instrument(span).await;
    let mut response = name_in_problem(response, &id.0).await;
    if let Ok(id) = HeaderValue::try_from(id.0) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// One line: what was asked for, what became of it, and why.
fn log(method: &str, route: &str, seconds: f64, response: &Response) {
    let status = response.status().as_u16();
    if let Some(seen) = response.extensions().get::<OperationSeen>() {
        tracing::info!(
            method,
            route,
            status,
            seconds,
            operation = seen.name(),
            operation_type = seen.kind(),
            outcome = seen.outcome(),
            code = seen.code(),
            "{method} {route} {status} {seen}"
        );
    } else if let Some(ProblemCode(code)) = response.extensions().get() {
        tracing::info!(method, route, status, seconds, code, "{method} {route} {status} {code}");
    } else {
        tracing::info!(method, route, status, seconds, "{method} {route} {status}");
    }
}

/// The same, for the trace that the request belongs to.
fn trace(served: &Span, response: &Response) {
    let status = response.status().as_u16();
    let seen = response.extensions().get::<OperationSeen>();
    if let Some(seen) = seen {
        spans::operation(served, seen.kind(), seen.name());
    }
    let code = match seen {
        Some(seen) => seen.code(),
        None => response.extensions().get().map(|ProblemCode(code)| *code),
    };
    let failed = seen.is_some_and(|seen| seen.outcome() == Some("failed"));
    let is_failure = failed || status >= 500;
    spans::answered(served, Answer { status, code, is_failure });
}

/// The method, where it is one of HTTP's: anybody can make up others, and each would be a new
/// series of the metrics.
fn known_method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        _ => "OTHER",
    }
}

/// Puts the request's name into the body of a server error, where people copy it from.
async fn name_in_problem(response: Response, id: &str) -> Response {
    let is_problem = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|media_type| media_type.as_bytes().starts_with(b"application/problem+json"));
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR || !is_problem {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, super::body::LARGEST_BODY).await.unwrap_or_default();
    let Ok(serde_json::Value::Object(mut problem)) = serde_json::from_slice(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    problem.insert("request_id".to_owned(), id.into());
    parts.headers.remove(axum::http::header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(serde_json::Value::Object(problem).to_string()))
}
