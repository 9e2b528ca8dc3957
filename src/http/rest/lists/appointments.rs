//! `GET /appointments`.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;

use super::csv::Row;
use super::reading::{ListPage, ListRequest};
use crate::access::Actor;
use crate::domain::{AppointmentFilter, AppointmentPosition, AppointmentStatus};
use crate::http::problem::Problem;
use crate::http::rest::bodies::Problems;
use crate::http::rest::representation::{AppointmentBody, AppointmentsBody, describe};
use crate::request::parse_provider_id;
use crate::services::Services;

impl Row for AppointmentBody {
    const COLUMNS: &'static [&'static str] = &[
        "patient",
        "scheduled",
        "appointment_id",
        "provider",
        "time",
        "status",
        "version",
        "duration_minutes",
        "provider_id",
        "patient_id",
        "visit_type",
        "state",
        "local_time",
        "patient_local_time",
        "patient_time_zone",
        "pending_time",
        "unsettled_outside",
        "provenance",
        "reason",
        "cancel_reason",
    ];
}

/// The appointments of a window
///
/// All that overlap it, also those that began before it, by start; those with one provider if one is
/// given; a clinician's own, for a clinician. A day as `from` or `to` is in the window as a whole.
#[utoipa::path(
    get,
    path = "/appointments",
    tag = "appointments",
    params(
        ("provider_id" = Option<String>, Query, description = "Only those with this provider"),
        ("from" = String, Query, description = "Start of the window: an RFC 3339 instant, or a day such as 2027-01-15, on the clinic's clock", example = "2027-01-15"),
        ("to" = String, Query, description = "End of the window: an RFC 3339 instant, which does not belong to it, or a day, which does", example = "2027-01-15"),
        ("status" = Option<String>, Query, description = "Statuses, separated by commas; all but CANCELLED, FAILED and EXPIRED unless given")
    ),
    responses((status = 200, description = "A page of appointments", body = AppointmentsBody), Problems)
)]
pub(in crate::http) async fn list_appointments(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    ListRequest { mut query, answer }: ListRequest,
) -> Result<Response, Problem> {
    let provider_id = query.text("provider_id");
    let window = query.window(&services, &actor).await?;
    let statuses = query.text("status").map(|text| {
        let names: Vec<String> =
            text.split(',').map(|name| name.trim().to_ascii_uppercase()).collect();
        let parsed: Vec<AppointmentStatus> =
            names.iter().filter_map(|name| name.parse().ok()).collect();
        if parsed.len() < names.len() {
            query.wrong("status", "must be statuses such as CONFIRMED, separated by commas");
        }
        parsed
    });
    let page = ListPage::<AppointmentPosition>::parsed(&mut query);
    query.finish()?;
    let provider_id = provider_id.as_deref().map(parse_provider_id).transpose()?;
    let window = Some(window);
    let filter = AppointmentFilter { window, provider_id, statuses, ..Default::default() };
    let mut found = services.records.appointments(&actor, &filter, page.page()).await?;
    let next = page.cut(&mut found, |last| AppointmentPosition::of(last).to_string());
    let rows = describe(&services, &actor, &found).await?;
    Ok(answer.page(rows, next, |appointments, next_cursor| AppointmentsBody {
        appointments,
        next_cursor,
    }))
}
