//! Which token a request brings, and what it opens.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

use crate::access::Actor;
use crate::http::problem::Problem;
use crate::request::ErrorCode;

/// Which tokens open what.
pub struct Authenticator {
    token: Option<String>,
    metrics_token: Option<String>,
}

impl Authenticator {
    /// Authenticator by `token`, if one is asked for; `metrics_token` opens the metrics alone.
    pub fn new(token: Option<String>, metrics_token: Option<String>) -> Self {
        Self { token, metrics_token }
    }

    /// Who a bearer of `token` is, or nobody.
    pub(in crate::http) fn actor(&self, token: Option<&str>) -> Option<Actor> {
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
}

/// Compares in a time that tells nothing of how much of it is right.
fn is_same(expected: &str, given: &str) -> bool {
    expected.as_bytes().ct_eq(given.as_bytes()).into()
}

/// Asks for the bearer token, if there is one, and says who calls.
pub(in crate::http) async fn authenticate(
    State(access): State<Arc<Authenticator>>,
    request: Request,
    next: Next,
) -> Response {
    let detail = "This needs the API token: -H 'Authorization: Bearer …'";
    admit(access.actor(bearer(request.headers())), detail, request, next).await
}

/// The same for the metrics, which have a token of their own.
pub(in crate::http) async fn authenticate_for_metrics(
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
pub(in crate::http) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    value
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
}
