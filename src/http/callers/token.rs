//! Which token a request brings, and what it opens.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

use super::client_address::ClientAddress;
use super::guesses::{Guesses, NotAdmitted};
use super::rate::{Caller, whole_seconds};
use crate::access::Actor;
use crate::http::identity::RequestId;
use crate::http::problem::Problem;
use crate::request::ErrorCode;

/// Which tokens open what.
pub struct Authenticator {
    token: Option<String>,
    metrics_token: Option<String>,
    guesses: Guesses,
}

impl Authenticator {
    /// Authenticator by `token`, if one is asked for; `metrics_token` opens the metrics alone.
    pub fn new(token: Option<String>, metrics_token: Option<String>) -> Self {
        Self { token, metrics_token, guesses: Guesses::default() }
    }

    /// Who a bearer of `token` is, who comes from there.
    ///
    /// # Errors
    ///
    /// [`NotAdmitted`].
    pub(in crate::http) fn actor(
        &self,
        token: Option<&str>,
        from: IpAddr,
    ) -> Result<Actor, NotAdmitted> {
        let Some(expected) = &self.token else { return Ok(Actor::anonymous()) };
        self.guesses.judge((from, "api"), given(token)?, |token| {
            is_same(expected, token).then(Actor::token_holder)
        })
    }

    /// Who a bearer of `token` is that reads the metrics.
    fn reader_of_metrics(&self, token: Option<&str>, from: IpAddr) -> Result<Actor, NotAdmitted> {
        // Where everything else is open, whoever set it wants these closed.
        let Some(expected) = &self.metrics_token else { return self.actor(token, from) };
        self.guesses.judge((from, "metrics"), given(token)?, |token| {
            if is_same(expected, token) {
                return Some(Actor::metrics_reader());
            }
            let api = self.token.as_ref().filter(|expected| is_same(expected, token));
            api.map(|_| Actor::token_holder())
        })
    }
}

fn given(token: Option<&str>) -> Result<&str, NotAdmitted> {
    token.filter(|token| !token.is_empty()).ok_or(NotAdmitted::Unauthenticated)
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
    let judged = access.actor(bearer(request.headers()), sender(&request));
    admit(judged, detail, request, next).await
}

/// The same for the metrics, which have a token of their own.
pub(in crate::http) async fn authenticate_for_metrics(
    State(access): State<Arc<Authenticator>>,
    request: Request,
    next: Next,
) -> Response {
    let detail = "The metrics need their token or the API token: -H 'Authorization: Bearer …'";
    let judged = access.reader_of_metrics(bearer(request.headers()), sender(&request));
    admit(judged, detail, request, next).await
}

async fn admit(
    judged: Result<Actor, NotAdmitted>,
    detail: &'static str,
    mut request: Request,
    next: Next,
) -> Response {
    let actor = match judged {
        Ok(actor) => actor,
        Err(not_admitted) => return refusal(not_admitted, detail).into_response(),
    };
    let caller = caller(&actor, sender(&request));
    let request_id = request.extensions().get().map(|RequestId(id)| id.as_str());
    let actor = actor.asking(Some(sender(&request)), request_id);
    request.extensions_mut().insert(caller);
    request.extensions_mut().insert(actor);
    next.run(request).await
}

/// Whom a limit counts for.
pub(in crate::http) fn caller(actor: &Actor, from: IpAddr) -> Caller {
    if *actor == Actor::anonymous() { Caller::at(from) } else { Caller::Token }
}

/// How one is told that they are not let in.
pub(in crate::http) fn refusal(not_admitted: NotAdmitted, detail: &'static str) -> Problem {
    match not_admitted {
        NotAdmitted::Unauthenticated => Problem::new(ErrorCode::Unauthenticated, detail),
        NotAdmitted::TooManyGuesses { retry_after } => {
            let detail =
                "Too many wrong tokens came from this address, so this one was not looked at";
            Problem::rate_limited(detail, whole_seconds(retry_after))
        }
    }
}

fn sender(request: &Request) -> IpAddr {
    request.extensions().get().copied().unwrap_or(ClientAddress::UNKNOWN).0
}

/// The bearer token, if the headers hold one.
pub(in crate::http) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    value
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
}
