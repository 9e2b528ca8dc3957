//! Visits for calendars: the file of one, and a feed, which its secret opens for whoever has it.

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::bodies::Problems;
use crate::access::Actor;
use crate::audit::Answered;
use crate::http::callers::ClientAddress;
use crate::http::identity::RequestId;
use crate::http::problem::Problem;
use crate::http::query_string::PathId;
use crate::http::recorded::told;
use crate::request::{ErrorCode, parse_appointment_id};
use crate::services::Services;

/// How the files end, by which a route that shows a visit is told from the one of its file.
const ENDING: &str = ".ics";
/// What is told of a patient in a file.
const SHOWN: &str = "patient email";

/// What a path names, where it ends as a file for calendars does.
pub(super) fn file_of(path: &str) -> Option<&str> {
    path.strip_suffix(ENDING)
}

/// One appointment for calendars
///
/// As iCalendar (RFC 5545), to be opened by a calendar or sent by mail: `METHOD:REQUEST`, or `CANCEL` once it does not
/// take place any more. Its `UID` stays, its `SEQUENCE` is the version, so that a newer file changes the entry that is
/// there. The patient attends; for whom they are not to see, there is nobody who does, and it is `METHOD:PUBLISH`.
#[utoipa::path(
    get,
    path = "/appointment/{id}.ics",
    tag = "appointments",
    operation_id = "show_calendar_file",
    params(("id" = String, Path, description = "The appointment's id", example = "apt_01h455vb4pex5vsknk084sn02q")),
    responses(
        (status = 200, description = "The file", body = String, content_type = "text/calendar", headers(("Content-Disposition" = String, description = "What to call it"))),
        Problems
    )
)]
pub(in crate::http) async fn visit(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    PathId(path): PathId,
) -> Result<Response, Problem> {
    let id = parse_appointment_id(file_of(&path).unwrap_or(&path))?;
    let file = services.feeds.visit(&actor, id).await?;
    let named = HeaderValue::from_static("attachment; filename=\"visit.ics\"");
    let headers = [(CONTENT_TYPE, media_type(&file.media_type())), (CONTENT_DISPOSITION, named)];
    let asked =
        || Answered { operation: "GET /appointment/{id}.ics".to_owned(), fields: SHOWN.to_owned() };
    Ok(told(&services, &actor, asked, (headers, file.text).into_response()).await)
}

/// A provider's calendar
///
/// As iCalendar (RFC 5545), for calendars that subscribe to it by its address, which `createCalendarFeed` tells once.
/// Visits from 30 days back to 400 days ahead; those that were cancelled are told as such for 30 days. Whoever has the
/// address may read it, with no token and no session; it shows what whoever made it may see, and ends with their rights.
#[utoipa::path(
    get,
    path = "/calendar/{token}.ics",
    tag = "appointments",
    operation_id = "read_calendar_feed",
    security(()),
    params(
        ("token" = String, Path, description = "The feed's secret", example = "clf_01h455vb4pex5vsknk084sn02q"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of what was read last: 304 where nothing has changed since", example = "W/\"0\"")
    ),
    responses(
        (status = 200, description = "The calendar", body = String, content_type = "text/calendar", headers(("ETag" = String, description = "Tells what it says from what it said at other times"), ("Content-Disposition" = String, description = "What to call it"))),
        (status = 304, description = "It says what it said then", headers(("ETag" = String, description = "Tells what it says from what it said at other times"))),
        Problems
    )
)]
pub(in crate::http) async fn feed(
    State(services): State<Services>,
    PathId(path): PathId,
    request: Request,
) -> Result<Response, Problem> {
    let nothing = || Problem::new(ErrorCode::NotFound, "There is no such calendar");
    let secret = file_of(&path).ok_or_else(nothing)?;
    let extensions = request.extensions();
    let ClientAddress(address) = extensions.get().copied().unwrap_or(ClientAddress::UNKNOWN);
    let request_id = extensions.get().map(|RequestId(id)| id.as_str());
    let reading = services.feeds.read(secret, (address, request_id)).await?;
    let reading = reading.ok_or_else(nothing)?;
    let kept = kept(&reading.tag);
    if is_known(request.headers(), &reading.tag) {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    let named = HeaderValue::from_static("inline; filename=\"clinic.ics\"");
    let headers =
        [(CONTENT_TYPE, media_type(&reading.file.media_type())), (CONTENT_DISPOSITION, named)];
    reading.is_told();
    let asked =
        || Answered { operation: "GET /calendar/{token}.ics".to_owned(), fields: SHOWN.to_owned() };
    let response = (kept, headers, reading.file.text).into_response();
    Ok(told(&services, &reading.owner, asked, response).await)
}

fn media_type(text: &str) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("text/calendar"))
}

/// Whoever reads it may keep it, and asks each time whether it is still so. It is the same calendar whenever it was
/// written, and not the same text: the tag is a weak one.
fn kept(tag: &str) -> [(HeaderName, HeaderValue); 2] {
    let tag = HeaderValue::try_from(format!("W/\"{tag}\""));
    let tag = tag.unwrap_or(HeaderValue::from_static("W/\"\""));
    [(ETAG, tag), (CACHE_CONTROL, HeaderValue::from_static("private, no-cache"))]
}

/// Whether `If-None-Match` names it; compared weakly, as RFC 9110 has it there.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let lines = headers.get_all(IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let mut named = lines.flat_map(|line| line.split(',')).map(str::trim);
    named.any(|one| {
        let quoted = one.strip_prefix("W/").unwrap_or(one);
        one == "*" || quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) == Some(tag)
    })
}
