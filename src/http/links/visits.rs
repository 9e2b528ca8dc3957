//! `/visit/{token}`: a patient's visit, and what they do with it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::Asker;
use super::plain::{refused, status_of};
use super::shown;
use super::template::{Message, kept_private, nothing};
use super::words::{done, why};
use crate::audit::Answered;
use crate::booking::on_its_own_task;
use crate::domain::time_slot::rfc3339;
use crate::http::own_form::{own_form, see};
use crate::http::problem::Problem;
use crate::http::query_string::{PathId, QueryParameters};
use crate::http::recorded::told;
use crate::http::session::pages::prefix;
use crate::http::state::AppState;
use crate::links::{Links, OpenVisit};
use crate::request::{Field, Refusal, Violation};

/// What a page shows of a patient.
const SHOWN: &str = "startsAt provider status reminders";

/// `GET /visit/{token}`
pub(in crate::http) async fn visit(
    State(state): State<AppState>,
    PathId(token): PathId,
    query: Result<QueryParameters, Problem>,
    request: Request,
) -> Result<Response, Problem> {
    let who = Asker::of(&request);
    let links = &state.services.links;
    let Some(open) = links.open_visit(&token, who.asking()).await? else {
        return Ok(nothing());
    };
    // Mail programs add to addresses what they like.
    let asked = query.ok().map(|mut query| (query.text("done"), query.text("to")));
    let (word, to) = asked.unwrap_or_default();
    let message = done((word.as_deref(), to.as_deref()), &open);
    let message = message.map_or(Message::Nothing, Message::Done);
    show(&state, StatusCode::OK, (&token, message), &open).await
}

/// `GET` of where a form is sent, by whoever loads that address again: leads to the page.
pub(in crate::http) async fn back_to_visit(
    State(state): State<AppState>,
    PathId(token): PathId,
    request: Request,
) -> Result<Response, Problem> {
    let who = Asker::of(&request);
    let open = state.services.links.open_visit(&token, who.asking()).await?;
    Ok(open.map_or_else(nothing, |_open| see(&format!("/visit/{token}"))))
}

/// The page, once it is written down that it was shown.
async fn show(
    state: &AppState,
    status: StatusCode,
    (token, message): (&str, Message<'_>),
    open: &OpenVisit,
) -> Result<Response, Problem> {
    let links = &state.services.links;
    let (times, are_more) = links.times_to_move_to(open).await?;
    let path = format!("{}/visit/{token}", prefix(state));
    let times = (times.as_slice(), are_more);
    let page = shown::visit(status, (&path, message), open, (times, links.rules()));
    open.actor.saw_patients([open.patient.id]);
    open.actor.saw_appointments([open.visit.id]);
    let asked =
        || Answered { operation: "GET /visit/{token}".to_owned(), fields: SHOWN.to_owned() };
    Ok(told(&state.services, &open.actor, asked, page).await)
}

/// `GET /visit/{token}/calendar.ics`
pub(in crate::http) async fn calendar(
    State(state): State<AppState>,
    PathId(token): PathId,
    request: Request,
) -> Result<Response, Problem> {
    let who = Asker::of(&request);
    let links = &state.services.links;
    let Some(open) = links.open_visit(&token, who.asking()).await? else {
        return Ok(nothing());
    };
    let file = links.calendar_file(&open).await?;
    open.actor.saw_patients([open.patient.id]);
    open.actor.saw_appointments([open.visit.id]);
    let media_type = HeaderValue::try_from(file.media_type());
    let media_type = media_type.unwrap_or(HeaderValue::from_static("text/calendar"));
    let named = HeaderValue::from_static("attachment; filename=\"visit.ics\"");
    let headers = [(CONTENT_TYPE, media_type), (CONTENT_DISPOSITION, named)];
    let asked = || Answered {
        operation: "GET /visit/{token}/calendar.ics".to_owned(),
        fields: "patient email startsAt provider".to_owned(),
    };
    let response = (headers, kept_private(), file.text).into_response();
    Ok(told(&state.services, &open.actor, asked, response).await)
}

#[derive(Deserialize)]
struct Cancel {
    /// The version that the page showed.
    version: Option<i32>,
}

#[derive(Deserialize)]
struct Move {
    #[serde(default)]
    time: String,
    version: Option<i32>,
}

#[derive(Deserialize)]
struct Reminders {
    #[serde(default)]
    on: String,
}

/// What is wished of a visit.
enum Wish {
    Cancel(Cancel),
    Move(Move),
    Reminders(bool),
}

impl Wish {
    /// Has it done; what the page is called with then.
    async fn grant(&self, links: &Links, open: &OpenVisit) -> Result<String, Refusal> {
        match self {
            Self::Cancel(Cancel { version }) => {
                links.cancel(open, *version).await?;
                Ok("done=cancelled".to_owned())
            }
            Self::Move(Move { time, version }) => {
                let to = Box::pin(links.reschedule(open, (time, *version))).await?;
                Ok(format!("done=moved&to={}", rfc3339(to)))
            }
            Self::Reminders(on) => {
                links.set_reminders(open, *on).await?;
                Ok(format!("done=reminders-{}", if *on { "on" } else { "off" }))
            }
        }
    }
}

/// `POST /visit/{token}/cancel`
pub(in crate::http) async fn cancel(
    State(state): State<AppState>,
    PathId(token): PathId,
    request: Request,
) -> Result<Response, Problem> {
    let asker = Asker::of(&request);
    let (_shown, form) = own_form::<Cancel>(&state, request).await?;
    act(&state, (&token, &asker), Wish::Cancel(form)).await
}

/// `POST /visit/{token}/move`
pub(in crate::http) async fn reschedule(
    State(state): State<AppState>,
    PathId(token): PathId,
    request: Request,
) -> Result<Response, Problem> {
    let asker = Asker::of(&request);
    let (_shown, form) = own_form::<Move>(&state, request).await?;
    act(&state, (&token, &asker), Wish::Move(form)).await
}

/// `POST /visit/{token}/reminders`
pub(in crate::http) async fn set_reminders(
    State(state): State<AppState>,
    PathId(token): PathId,
    request: Request,
) -> Result<Response, Problem> {
    let asker = Asker::of(&request);
    let (_shown, form) = own_form::<Reminders>(&state, request).await?;
    let on = form.on.parse().map_err(|_neither| {
        let field = Field::Other("on".to_owned());
        Problem::from(Refusal::Invalid(vec![Violation::new(field, "must be true or false")]))
    })?;
    act(&state, (&token, &asker), Wish::Reminders(on)).await
}

/// Does what is wished and leads back to the page; or shows it again, with why not.
async fn act(
    state: &AppState,
    (token, asker): (&str, &Asker),
    wish: Wish,
) -> Result<Response, Problem> {
    let links = &state.services.links;
    let Some(open) = links.open_visit(token, asker.asking()).await? else {
        return Ok(nothing());
    };
    let (of_task, opened) = (Arc::clone(links), open.clone());
    let done = on_its_own_task(async move { wish.grant(&of_task, &opened).await }).await;
    match done {
        Ok(query) => Ok(see(&format!("/visit/{token}?{query}"))),
        Err(refusal) => {
            let why = why(&refusal);
            let answer = Problem::from(refusal).into_response();
            // As it stands by now.
            let Some(open) = links.open_visit(token, asker.asking()).await? else {
                return Ok(nothing());
            };
            let message = (token, Message::Wrong(&why));
            let page = show(state, status_of(&answer), message, &open).await?;
            Ok(refused(page, &answer))
        }
    }
}
