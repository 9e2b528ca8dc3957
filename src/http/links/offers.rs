//! `/offer/{token}`: a time that is offered to a patient who waits.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::Asker;
use super::plain::{refused, status_of};
use super::shown;
use super::template::{self, Message, nothing};
use super::words::why;
use crate::audit::Answered as Shown;
use crate::booking::on_its_own_task;
use crate::domain::time_slot::rfc3339;
use crate::http::own_form::{own_form, see};
use crate::http::problem::Problem;
use crate::http::query_string::PathId;
use crate::http::recorded::told;
use crate::http::session::pages::prefix;
use crate::http::state::AppState;
use crate::links::{Answered, OpenOffer};
use crate::request::Refusal;

/// What a page shows of a patient.
const SHOWN: &str = "offers startsAt provider";

/// `GET /offer/{token}`
pub(in crate::http) async fn offer(
    State(state): State<AppState>,
    PathId(token): PathId,
    request: Request,
) -> Result<Response, Problem> {
    let asker = Asker::of(&request);
    let Some(open) = state.services.links.open_offer(&token, asker.asking()).await? else {
        return Ok(nothing());
    };
    Ok(show(&state, StatusCode::OK, (&token, Message::Nothing), (&open, true)).await)
}

/// `GET` of where a form is sent, by whoever loads that address again: leads to the page.
pub(in crate::http) async fn back_to_offer(
    State(state): State<AppState>,
    PathId(token): PathId,
    request: Request,
) -> Result<Response, Problem> {
    let asker = Asker::of(&request);
    let open = state.services.links.open_offer(&token, asker.asking()).await?;
    Ok(open.map_or_else(nothing, |_open| see(&format!("/offer/{token}"))))
}

/// The page, once it is written down that it was shown; whether what is offered may be answered.
async fn show(
    state: &AppState,
    status: StatusCode,
    (token, message): (&str, Message<'_>),
    (open, is_open): (&OpenOffer, bool),
) -> Response {
    let path = format!("{}/offer/{token}", prefix(state));
    let page = shown::offer(status, (&path, message), (open, is_open));
    open.actor.saw_patients([open.patient.id]);
    open.actor.saw_appointments(open.moves.as_ref().map(|visit| visit.id));
    let asked = || Shown { operation: "GET /offer/{token}".to_owned(), fields: SHOWN.to_owned() };
    told(&state.services, &open.actor, asked, page).await
}

/// `GET /offer/declined`: where somebody is led who has turned an offer down. Says nothing of anybody.
pub(in crate::http) async fn declined() -> Response {
    let lines = [
        "You stay on the waitlist. When another time is free for you, you get a mail.",
        "You can close this page.",
    ];
    template::told(StatusCode::OK, "You have turned this time down", &lines)
}

#[derive(Deserialize)]
struct Nothing {}

/// `POST /offer/{token}/accept`: leads on to the visit.
pub(in crate::http) async fn accept(
    State(state): State<AppState>,
    PathId(token): PathId,
    request: Request,
) -> Result<Response, Problem> {
    let asker = Asker::of(&request);
    own_form::<Nothing>(&state, request).await?;
    let (links, shown_token, who) = (Arc::clone(&state.services.links), token.clone(), asker);
    let of_task = who.clone();
    let answered =
        on_its_own_task(async move { links.accept(&shown_token, of_task.asking()).await });
    match answered.await? {
        None => Ok(nothing()),
        Some(Answered::Done(link, to)) => {
            Ok(see(&format!("{}?done=accepted&to={}", link.path(), rfc3339(to))))
        }
        Some(Answered::Refused(open, refusal)) => {
            again(&state, (&token, &who), *open, refusal).await
        }
    }
}

/// `POST /offer/{token}/decline`
pub(in crate::http) async fn decline(
    State(state): State<AppState>,
    PathId(token): PathId,
    request: Request,
) -> Result<Response, Problem> {
    let asker = Asker::of(&request);
    own_form::<Nothing>(&state, request).await?;
    let links = Arc::clone(&state.services.links);
    let declined =
        on_its_own_task(async move { links.decline(&token, asker.asking()).await }).await;
    match declined {
        Ok(true) => Ok(see("/offer/declined")),
        // Somebody was faster, or it has lapsed.
        Ok(false) | Err(Refusal::HoldExpired) => Ok(nothing()),
        Err(refusal) => Err(refusal.into()),
    }
}

/// The page again, with why it was not done.
async fn again(
    state: &AppState,
    (token, asker): (&str, &Asker),
    seen: OpenOffer,
    refusal: Refusal,
) -> Result<Response, Problem> {
    let why = why(&refusal);
    let answer = Problem::from(refusal).into_response();
    let open = state.services.links.open_offer(token, asker.asking()).await?;
    let message = (token, Message::Wrong(&why));
    // Where it is gone meanwhile it is told, and offered no more.
    let shown = (open.as_ref().unwrap_or(&seen), open.is_some());
    let page = show(state, status_of(&answer), message, shown).await;
    Ok(refused(page, &answer))
}
