//! Whom the mocked service answers: who calls it by this machine's own name, with its token.
//!
//! It listens on a loopback address and asks for no name and no password, so any page in a browser
//! on this machine could drive it by making a name of its own lead here (DNS rebinding).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::uri::Authority;
use axum::http::{StatusCode, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::Host;

use super::MockScheduler;
use super::problem::Problem;

/// Refuses what is sent to a name that is not this machine's for itself (RFC 9112, section 3.2).
pub(super) async fn check_host(request: Request, next: Next) -> Response {
    match named_host(&request) {
        Ok(Some(host)) if !is_loopback(&host) => {
            Problem::new(StatusCode::MISDIRECTED_REQUEST, "this is no name of the mocked service")
                .into_response()
        }
        Ok(_) => next.run(request).await,
        Err(wrong) => Problem::new(StatusCode::BAD_REQUEST, wrong).into_response(),
    }
}

fn named_host(request: &Request) -> Result<Option<Host<String>>, &'static str> {
    let mut values = request.headers().get_all(HOST).iter();
    let header = match (values.next(), values.next()) {
        (Some(_), Some(_)) => return Err("the request has more than one Host"),
        (None, _) if request.version() == Version::HTTP_11 && request.uri().host().is_none() => {
            return Err("the request has no Host, which HTTP/1.1 needs");
        }
        (header, _) => header.map(|header| header.to_str().unwrap_or_default()),
    };
    // A target that is a whole address counts for more than the header.
    let Some(named) = request.uri().authority().map(Authority::as_str).or(header) else {
        return Ok(None);
    };
    let malformed = "the Host is malformed";
    let named: Authority = named.parse().map_err(|_malformed| malformed)?;
    if named.as_str().contains('@') {
        return Err(malformed);
    }
    let host = named.host().strip_suffix('.').unwrap_or(named.host());
    Host::parse(host).map(Some).map_err(|_malformed| malformed)
}

fn is_loopback(host: &Host<String>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.to_canonical().is_loopback(),
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
    }
}

/// Refuses who does not bring the token, where the mock has been given one.
pub(super) async fn check_token(
    State(mock): State<Arc<MockScheduler>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(token) = mock.token() else {
        return next.run(request).await;
    };
    let given = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given.and_then(|value| value.strip_prefix("Bearer ")) == Some(token) {
        return next.run(request).await;
    }
    Problem::new(StatusCode::UNAUTHORIZED, "the bearer token is missing or wrong").into_response()
}
