//! The REST door described as OpenAPI 3.1. The page to try it is `http::pages::docs`.

mod additions;
mod model_week;

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use jiff::Timestamp;
use utoipa::OpenApi;

use self::additions::{AnswerHeaders, BearerToken, OptionalBody, PlainParameters};
use super::lists::described::DescribedLists;
use super::{appointments, calendars, changes, holds, lists};
use crate::http::problem::{Alternative, FieldProblem, Problem};
use crate::http::session;
use crate::http::state::AppState;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "clinic",
        description = "Books visits at a virtual clinic. GraphQL at /graphql does more; the two share every rule and every error code."
    ),
    servers((url = "/", description = "This server")),
    paths(
        appointments::book,
        appointments::show,
        calendars::visit,
        calendars::feed,
        changes::cancel,
        changes::reschedule,
        changes::set_status,
        holds::hold,
        holds::release,
        lists::appointments::list_appointments,
        lists::slots::first_available,
        lists::slots::list_slots,
        lists::providers::list_providers,
        lists::patients::list_patients,
        lists::insurances::list_insurances,
        session::who,
        session::sign_in,
        session::sign_out,
        session::set_password,
    ),
    // The macro finds what a route answers, but not what stands in `Problems`.
    components(schemas(Problem, FieldProblem, Alternative)),
    tags(
        (name = "appointments", description = "Booking, changing and finding visits"),
        (name = "holds", description = "Keeping a time while you talk"),
        (name = "session", description = "Signing in and out"),
        (name = "looking", description = "Free times, and who and what the clinic knows")
    ),
    modifiers(&BearerToken, &OptionalBody, &DescribedLists, &PlainParameters, &AnswerHeaders),
    security((), ("token" = []))
)]
struct Document;

/// The document as it stands in the source.
static WRITTEN: LazyLock<String> =
    LazyLock::new(|| Document::openapi().to_json().unwrap_or_default());

/// The OpenAPI document, with times in its examples that can be booked at `now`.
pub fn openapi(now: Timestamp) -> String {
    model_week::moved(&WRITTEN, now)
}

/// The document, saying that what it describes is at `url`.
fn served_at(url: &str, document: &str) -> Option<String> {
    let mut document: serde_json::Value = serde_json::from_str(document).ok()?;
    *document.pointer_mut("/servers/0/url")? = url.into();
    Some(document.to_string())
}

/// `GET /openapi.json`
pub(in crate::http) async fn show(State(state): State<AppState>) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        // Its examples are of the week that comes next.
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    let document = openapi(state.services.now());
    let public = state.public_url.as_ref().and_then(|url| served_at(url.as_str(), &document));
    (headers, public.unwrap_or(document))
}
