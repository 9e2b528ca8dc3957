//! Signing in at the clinic's identity provider: the way there, and the way back.
//!
//! Both are GETs that act, the only ones: a browser comes to them from other pages. So neither looks at
//! the session, and what the second does hangs on a cookie of its own that the first has set.

use axum::extract::{Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};

use super::markup::{self, Form, Message};
use super::pages::prefix;
use crate::http::callers::named_host;
use crate::http::own_form::see;
use crate::http::problem::Problem;
use crate::http::query_string::QueryParameters;
use crate::http::state::AppState;
use crate::oidc::{Arrival, Departure, LocalPath, PendingSignIn, SignInRefusal};
use crate::request::{ErrorCode, Refusal};

const UNAVAILABLE: &str = "The clinic's identity provider can't be reached. Try again in a minute, or \
                           sign in with a password.";
const LAPSED: &str = "Signing in took too long, or was done already. Please begin again.";
const NOT_ASKED_FOR: &str = "That answer does not belong to a sign-in that began here. Please begin \
                             again, in one tab.";
const DENIED: &str = "The clinic's identity provider did not sign you in.";
const NOBODY: &str = "Your account at the clinic's identity provider is nobody here. An administrator \
                      can invite you at the e-mail address that you have there.";

/// `GET /session/oidc`: sends the browser to the provider.
pub(in crate::http) async fn begin(
    State(state): State<AppState>,
    mut query: QueryParameters,
    request: Request,
) -> Result<Response, Problem> {
    let client = state.access.provider().ok_or_else(nobody)?;
    let return_to = query.text("next");
    let return_to = return_to.and_then(|path| LocalPath::read(&path)).unwrap_or_default();
    let redirect_uri = redirect_uri(&state, &request).ok_or_else(unnamed)?;
    Ok(match client.depart(&redirect_uri, &return_to).await {
        Ok(Departure { location, pending }) => {
            let kept = state.access.pending_cookie().keep(&pending.to_cookie());
            (AppendHeaders(kept.map(|kept| (SET_COOKIE, kept))), see(location.as_str()))
                .into_response()
        }
        Err(refusal) => told(&state, refusal),
    })
}

/// `GET /session/oidc/callback`: where the provider sends the browser back to.
pub(in crate::http) async fn callback(
    State(state): State<AppState>,
    mut query: QueryParameters,
    request: Request,
) -> Result<Response, Problem> {
    let client = state.access.provider().ok_or_else(nobody)?;
    let cookie = state.access.pending_cookie();
    let redirect_uri = redirect_uri(&state, &request).ok_or_else(unnamed)?;
    let visitor = state.access.shown(&request).visitor();
    let pending = cookie.shown(request.headers()).and_then(PendingSignIn::from_cookie);
    let arrival = Arrival {
        code: query.text("code"),
        state: query.text("state"),
        issuer: query.text("iss"),
        error: query.text("error"),
    };
    let arrived = match &pending {
        Some(pending) => client.complete(pending, arrival, &redirect_uri).await,
        None => Err(SignInRefusal::Lapsed),
    };
    let answer = match arrived {
        Ok(identity) => match state.services.people.sign_in_stated(&identity, &visitor).await {
            Ok(signed_in) => {
                let return_to = pending.map(|pending| pending.return_to()).unwrap_or_default();
                let kept = state.access.cookie().keep(signed_in.secret.reveal());
                (with(kept), see(return_to.as_str())).into_response()
            }
            Err(Refusal::Unauthenticated(_)) => page(&state, StatusCode::FORBIDDEN, NOBODY),
            Err(refusal) => return Err(refusal.into()),
        },
        Err(refusal) => {
            tracing::info!("A sign-in at the identity provider came to nothing: {refusal}");
            if matches!(refusal, SignInRefusal::Denied | SignInRefusal::Token(_)) {
                state.services.people.not_stated(&visitor);
            }
            told(&state, refusal)
        }
    };
    // However it went, it is used.
    Ok((with(cookie.forget()), answer).into_response())
}

type Cookies = AppendHeaders<Option<(axum::http::HeaderName, HeaderValue)>>;

fn with(cookie: Option<HeaderValue>) -> Cookies {
    AppendHeaders(cookie.map(|cookie| (SET_COOKIE, cookie)))
}

fn nobody() -> Problem {
    Problem::new(ErrorCode::NotFound, "No identity provider is set: see OIDC_ISSUER")
}

fn unnamed() -> Problem {
    Problem::new(ErrorCode::BadRequest, "The request names no Host")
}

/// The address that the provider sends the browser back to, and knows us by.
fn redirect_uri(state: &AppState, request: &Request) -> Option<String> {
    let ours = match &state.public_url {
        Some(url) => url.as_str().to_owned(),
        None => format!("http://{}", named_host(request).ok().flatten()?),
    };
    Some(format!("{ours}/session/oidc/callback"))
}

/// Why nobody is signed in, on the page to sign in with.
fn told(state: &AppState, refusal: SignInRefusal) -> Response {
    let (status, text) = match refusal {
        SignInRefusal::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE),
        SignInRefusal::Lapsed => (StatusCode::BAD_REQUEST, LAPSED),
        SignInRefusal::NotAskedFor => (StatusCode::BAD_REQUEST, NOT_ASKED_FOR),
        SignInRefusal::Denied | SignInRefusal::Token(_) => (StatusCode::FORBIDDEN, DENIED),
    };
    page(state, status, text)
}

fn page(state: &AppState, status: StatusCode, text: &str) -> Response {
    let message = Message::Wrong(text.to_owned());
    let form = Form { message, email: "", next: "/", offers_provider: true };
    markup::form(status, &prefix(state), &form)
}
