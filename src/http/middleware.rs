//! What happens to every request: a name for it, a line in the log, who may call.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::Instrument as _;

use super::graphql::OperationSeen;
use super::idempotency::REPLAYED;
use super::identity::{REQUEST_ID, RequestId, TraceParent};
use super::problem::{Problem, ProblemCode};
use crate::access::Actor;
use crate::request::ErrorCode;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Who may call.
pub struct Authenticator {
    token: Option<String>,
    metrics_token: Option<String>,
    origins: HashSet<String>,
}

impl Authenticator {
    /// Authenticator by `token`, if one is asked for, and from browser pages of `origins`;
    /// `metrics_token` opens the metrics alone.
    pub fn new(token: Option<String>, metrics_token: Option<String>, origins: &[String]) -> Self {
        Self { token, metrics_token, origins: origins.iter().cloned().collect() }
    }

    /// Who a bearer of `token` is, or nobody.
    pub(super) fn actor(&self, token: Option<&str>) -> Option<Actor> {
        match (&self.token, token) {
            (None, _) => Some(Actor::anonymous()),
            (Some(expected), Some(given)) if is_same(expected, given) => {
                Some(Actor::token_holder())
            }
            (Some(_), _) => None,
        }
    }

    /// Who a bearer of `token` is that reads the metrics, or nobody.
    fn reader_of_metrics(&self, token: Option<&str>) -> Option<Actor> {
        match (&self.metrics_token, token) {
            (Some(expected), Some(given)) if is_same(expected, given) => {
                Some(Actor::metrics_reader())
            }
            // Where everything else is open, whoever set it wants these closed.
            (Some(_), _) if self.token.is_none() => None,
            _ => self.actor(token),
        }
    }

    /// Whether a browser page of `origin` may call a server that is reached as `host`.
    pub(super) fn allows_origin(&self, origin: &str, host: Option<&str>) -> bool {
        let origin = origin.to_ascii_lowercase();
        let own = origin.split_once("://").map(|(_, authority)| authority);
        self.origins.contains(&origin)
            || own.zip(host).is_some_and(|(own, host)| own.eq_ignore_ascii_case(host))
    }
}

/// Compares in a time that tells nothing of how much of it is right.
fn is_same(expected: &str, given: &str) -> bool {
    expected.as_bytes().ct_eq(given.as_bytes()).into()
}

/// Names the request, logs how it went (never its query string or body) and counts it.
pub(super) async fn observe(mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    let (method, started) = (known_method(request.method()), Instant::now());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "unmatched".to_owned());
    let trace = TraceParent::of(request.headers());
    let span = tracing::info_span!(
        "request",
        id = id.0,
        trace_id = trace.map(|trace| trace.trace_id),
        parent_id = trace.map(|trace| trace.parent_id),
    );
    request.extensions_mut().insert(id.clone());
    let response = async {
        let response = next.run(request).await;
        let (status, seconds) = (response.status().as_u16(), started.elapsed().as_secs_f64());
        log(method, &route, seconds, &response);
        let labels = [
            ("method", method.to_owned()),
            ("route", route.clone()),
            ("status", status.to_string()),
        ];
        metrics::counter!("clinic_http_requests_total", &labels).increment(1);
        metrics::histogram!("clinic_http_request_seconds", "route" => route).record(seconds);
        response
    };
    let mut response = name_in_problem(response.instrument(span).await, &id.0).await;
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

/// Asks for the bearer token, if there is one, and says who calls.
pub(super) async fn authenticate(
    State(access): State<Arc<Authenticator>>,
    request: Request,
    next: Next,
) -> Response {
    let detail = "This needs the API token: -H 'Authorization: Bearer …'";
    admit(access.actor(bearer(request.headers())), detail, request, next).await
}

/// The same for the metrics, which have a token of their own.
pub(super) async fn authenticate_for_metrics(
    State(access): State<Arc<Authenticator>>,
    request: Request,
    next: Next,
) -> Response {
    let detail = "The metrics need their token or the API token: -H 'Authorization: Bearer …'";
    admit(access.reader_of_metrics(bearer(request.headers())), detail, request, next).await
}

async fn admit(
    actor: Option<Actor>,
    detail: &'static str,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(actor) = actor else {
        return Problem::new(ErrorCode::Unauthenticated, detail).into_response();
    };
    request.extensions_mut().insert(actor);
    next.run(request).await
}

/// The bearer token, if the headers hold one.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    text(headers, &AUTHORIZATION)
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
}

/// Refuses what a browser sends on behalf of a page of another origin.
pub(super) async fn check_origin(
    State(access): State<Arc<Authenticator>>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let origin = text(headers, &ORIGIN);
    let host = text(headers, &HOST)
        .or_else(|| request.uri().authority().map(axum::http::uri::Authority::as_str));
    let foreign = match origin {
        Some(origin) => !access.allows_origin(origin, host),
        None => text(headers, &SEC_FETCH_SITE)
            .is_some_and(|site| site.eq_ignore_ascii_case("cross-site")),
    };
    if request.method() == Method::POST && foreign {
        let detail = "A page of this origin may not call: see CORS_ORIGINS";
        return Problem::new(ErrorCode::ForbiddenOrigin, detail).into_response();
    }
    next.run(request).await
}

/// What browsers are told about other origins.
pub(super) fn cors(access: &Authenticator) -> CorsLayer {
    let origins = access.origins.iter().filter_map(|origin| HeaderValue::try_from(origin).ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, HeaderName::from_static("idempotency-key")])
        .expose_headers([axum::http::header::LOCATION, REQUEST_ID, REPLAYED])
}

pub(super) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
