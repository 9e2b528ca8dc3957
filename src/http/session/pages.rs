//! The pages to sign in with.

use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::markup::{self, Form, Message};
use super::{begin, end, forgetting, keeping};
use crate::http::own_form::{own_form, see};
use crate::http::problem::Problem;
use crate::http::query_string::QueryParameters;
use crate::http::state::AppState;
use crate::oidc::LocalPath;
use crate::request::Refusal;

/// `GET /sign-in`: a form, or who is signed in.
pub(in crate::http) async fn sign_in(
    State(state): State<AppState>,
    mut query: QueryParameters,
    request: Request,
) -> Result<Response, Problem> {
    let (shown, prefix) = (state.access.shown(&request), prefix(&state));
    if let Some(secret) = shown.session()
        && let Some(admission) = state.services.people.admit_session(secret, shown.is_act()).await?
    {
        let actor = admission.actor;
        let name = actor.caller.name().unwrap_or_default();
        return Ok(markup::signed_in(&prefix, name, actor.role.as_str()));
    }
    let (next, done) = (query.text("next"), query.text("done"));
    let message = match done.as_deref() {
        Some("password") => Message::Done("Your password is set: sign in with it."),
        Some("signed-out") => Message::Done("You are signed out."),
        _ => Message::Nothing,
    };
    let next = local_path(next.as_deref());
    let offers_provider = state.access.offers_provider();
    let form = Form { message, email: "", next: next.as_str(), offers_provider };
    Ok(markup::form(StatusCode::OK, &prefix, &form))
}

#[derive(Deserialize)]
struct SignInForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    sign_out: bool,
}

/// `POST /sign-in`: signs in, or out.
pub(in crate::http) async fn signing_in(
    State(state): State<AppState>,
    request: Request,
) -> Result<Response, Problem> {
    let (shown, form) = own_form::<SignInForm>(&state, request).await?;
    if form.sign_out {
        end(&state, &shown).await?;
        return Ok((forgetting(&state), see("/sign-in?done=signed-out")).into_response());
    }
    let next = local_path(Some(&form.next));
    match begin(&state, &shown, &form.email, &form.password).await {
        Ok(signed_in) => Ok((keeping(&state, &signed_in), see(next.as_str())).into_response()),
        Err(refusal) => {
            let (status, headers, message) = told(refusal);
            let (email, offers_provider) = (form.email.as_str(), state.access.offers_provider());
            let form = Form { message, email, next: next.as_str(), offers_provider };
            Ok((headers, markup::form(status, &prefix(&state), &form)).into_response())
        }
    }
}

/// `GET /sign-in/password`
pub(in crate::http) async fn password(State(state): State<AppState>) -> Response {
    markup::password(StatusCode::OK, &prefix(&state), &Message::Nothing)
}

#[derive(Deserialize)]
struct PasswordForm {
    #[serde(default)]
    invitation: String,
    #[serde(default)]
    password: String,
}

/// `POST /sign-in/password`: sets a password by an invitation.
pub(in crate::http) async fn setting_password(
    State(state): State<AppState>,
    request: Request,
) -> Result<Response, Problem> {
    let (shown, form) = own_form::<PasswordForm>(&state, request).await?;
    let (people, visitor) = (&state.services.people, shown.visitor());
    match people.set_password(&form.invitation, &form.password, &visitor).await {
        Ok(_person) => Ok(see("/sign-in?done=password")),
        Err(refusal) => {
            let (status, headers, message) = told(refusal);
            Ok((headers, markup::password(status, &prefix(&state), &message)).into_response())
        }
    }
}

/// How a page says what was refused: what a program is told, without the body of a problem.
fn told(refusal: Refusal) -> (StatusCode, HeaderMap, Message) {
    let message = match &refusal {
        Refusal::Invalid(violations) => {
            let first = violations.first().map(|violation| violation.message.as_ref());
            format!("The password {}.", first.unwrap_or("will not do"))
        }
        Refusal::TooManyTries { retry_after } => {
            let minutes = retry_after.as_secs().div_ceil(60);
            format!("Too many wrong tries: try again in {minutes} minutes.")
        }
        refusal => format!("{}.", refusal.message(|_| String::new())),
    };
    let problem = Problem::from(refusal).into_response();
    let mut headers = problem.headers().clone();
    headers.remove(CONTENT_TYPE);
    headers.remove(axum::http::header::CONTENT_LENGTH);
    (problem.status(), headers, Message::Wrong(message))
}

/// A page of this server, and never an address elsewhere; the landing page where it is none.
fn local_path(path: Option<&str>) -> LocalPath {
    path.and_then(LocalPath::read).unwrap_or_default()
}

pub(in crate::http) fn prefix(state: &AppState) -> String {
    state.public_url.as_ref().map_or_else(String::new, |url| url.prefix().to_owned())
}
