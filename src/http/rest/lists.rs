//! The REST routes that search: a provider's appointments, and the first free time.

use axum::extract::State;
use axum::{Extension, Json};

use super::bodies::Problems;
use super::representation::{AppointmentsBody, FirstAvailableBody, describe};
use crate::access::Actor;
use crate::domain::{AppointmentFilter, AppointmentPosition, AppointmentStatus, Page};
use crate::http::problem::Problem;
use crate::http::query_string::{QueryParameters, in_query};
use crate::request::parse_provider_id;
use crate::search::AvailabilityQuery;
use crate::services::Services;

const PAGE: i64 = 50;
const LARGEST_PAGE: i64 = 200;

/// A provider's appointments in a window
///
/// All that overlap `[from, to)`, also those that began before it, by start.
#[utoipa::path(
    get,
    path = "/appointments",
    tag = "appointments",
    params(
        ("provider_id" = String, Query, description = "The provider's id", example = "prv_01h455vb4pex5vsknk084sn02q"),
        ("from" = String, Query, description = "Start of the window, RFC 3339", format = DateTime, example = "2027-01-11T00:00:00Z"),
        ("to" = String, Query, description = "End of the window, RFC 3339", format = DateTime, example = "2027-01-18T00:00:00Z"),
        ("status" = Option<String>, Query, description = "Statuses, separated by commas; all but CANCELLED, FAILED and EXPIRED unless given"),
        ("limit" = Option<i64>, Query, description = "1 to 200; 50 unless given", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before")
    ),
    responses((status = 200, description = "A page of appointments", body = AppointmentsBody), Problems)
)]
pub(in crate::http) async fn list(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    mut query: QueryParameters,
) -> Result<Json<AppointmentsBody>, Problem> {
    let provider_id = query.text("provider_id");
    if provider_id.is_none() {
        query.wrong("provider_id", "is required");
    }
    let window = query.window();
    let statuses = query.text("status").map(|text| {
        let names: Vec<String> =
            text.split(',').map(|name| name.trim().to_ascii_uppercase()).collect();
        names
    });
    let statuses = statuses.map(|names| {
        let parsed: Vec<AppointmentStatus> =
            names.iter().filter_map(|name| name.parse().ok()).collect();
        if parsed.len() < names.len() {
            query.wrong("status", "must be statuses such as CONFIRMED, separated by commas");
        }
        parsed
    });
    let limit = query.integer("limit").unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        query.wrong("limit", "must be from 1 to 200");
    }
    let cursor = query.text("cursor").map(|text| text.parse::<AppointmentPosition>());
    if matches!(cursor, Some(Err(_))) {
        query.wrong("cursor", "must be the next_cursor of an answer");
    }
    query.finish()?;
    let provider_id = parse_provider_id(&provider_id.unwrap_or_default())?;
    let provider_id = Some(provider_id);
    let filter = AppointmentFilter { window, provider_id, statuses, ..Default::default() };
    let limit = usize::try_from(limit).unwrap_or_default();
    let page = Page {
        after: cursor.and_then(Result::ok),
        ..Page::first(u64::try_from(limit).unwrap_or_default() + 1)
    };
    let mut found = services.records.appointments(&actor, &filter, page).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more).map(|last| AppointmentPosition::of(last).to_string());
    let appointments = describe(&services, &actor, &found).await?;
    Ok(Json(AppointmentsBody { appointments, next_cursor: last }))
}

/// The first free time
///
/// Of one provider, or of all who may treat a patient in a state with an insurance: then it lies between
/// 07:00 and 21:00 (unless the clinic has set others) on the clock of most people of the state, if anybody
/// has such a time.
#[utoipa::path(
    get,
    path = "/appointments/first-available",
    tag = "appointments",
    params(
        ("after" = Option<String>, Query, description = "The earliest start, RFC 3339; now unless given", format = DateTime),
        ("duration_minutes" = Option<i64>, Query, description = "5 to 480; 30 unless given", minimum = 5, maximum = 480),
        ("provider_id" = Option<String>, Query, description = "Only this provider"),
        ("state" = Option<String>, Query, description = "The state the patient is in; goes with insurance", example = "CT"),
        ("insurance" = Option<String>, Query, description = "The patient's insurance; goes with state", example = "Aetna")
    ),
    responses((status = 200, description = "The first free time", body = FirstAvailableBody), Problems)
)]
pub(in crate::http) async fn first_available(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    mut query: QueryParameters,
) -> Result<Json<FirstAvailableBody>, Problem> {
    let after = query.instant("after");
    let minutes = query.integer("duration_minutes");
    let (provider_id, state, insurance) =
        (query.text("provider_id"), query.text("state"), query.text("insurance"));
    let parsed = AvailabilityQuery::parse(
        provider_id.as_deref(),
        state.as_deref(),
        insurance.as_deref(),
        minutes,
        query.violations(),
    );
    let query = parsed.map_err(in_query)?;
    let offer = services.search.first_available(&actor, &query, after).await?;
    Ok(Json(offer.into()))
}
