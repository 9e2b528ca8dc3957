//! The REST routes of appointments.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

use super::body::{JsonObject, ObjectReader};
use super::fields::{PathId, QueryParameters, in_query};
use super::openapi::{
    BookAppointmentBody, CancelAppointmentBody, Problems, RescheduleAppointmentBody,
};
use super::problem::Problem;
use super::representation::{
    AppointmentBody, AppointmentsBody, FirstAvailableBody, answer, describe,
};
use crate::booking::command::{RawBooking, parse_appointment_id, parse_provider_id};
use crate::booking::error::Resource;
use crate::booking::{
    Actor, BookAppointment, BookingError, BookingService, CancelAppointment, Field,
    RescheduleAppointment, Search, on_its_own_task,
};
use crate::db::Page;
use crate::db::appointments::{self, AppointmentFilter, Position};
use crate::domain::{Appointment, AppointmentStatus};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const PAGE: i64 = 50;
const LARGEST_PAGE: i64 = 200;

type Service = State<Arc<BookingService>>;

/// Book a visit
///
/// With whoever may treat the patient, at the first free time, unless a provider or a time is
/// asked for.
#[utoipa::path(
    post,
    path = "/appointment",
    tag = "appointments",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a retry safe: the same key answers the same appointment. 1 to 255 visible ASCII characters.", pattern = "^[!-~]{1,255}$")),
    request_body = BookAppointmentBody,
    responses(
        (status = 200, description = "A repeat whose appointment has ended since", body = AppointmentBody),
        (status = 201, description = "Booked: the scheduling service has confirmed", body = AppointmentBody),
        (status = 202, description = "The time is held; the scheduling service has not answered yet", body = AppointmentBody),
        Problems
    )
)]
pub(super) async fn book(
    State(service): Service,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    JsonObject(object): JsonObject,
) -> Result<Response, Problem> {
    let command = BookAppointment::parse(read_booking(object, &headers))?;
    let booking = Arc::clone(&service);
    let outcome = on_its_own_task(async move { booking.book(&actor, &command).await }).await?;
    let status = match outcome.appointment.status {
        AppointmentStatus::Confirmed => StatusCode::CREATED,
        AppointmentStatus::Pending => StatusCode::ACCEPTED,
        _ => StatusCode::OK,
    };
    answer(&service, status, outcome).await
}

/// One appointment
#[utoipa::path(
    get,
    path = "/appointment/{id}",
    tag = "appointments",
    params(("id" = String, Path, description = "The appointment's id")),
    responses((status = 200, description = "The appointment", body = AppointmentBody), Problems)
)]
pub(super) async fn show(State(service): Service, PathId(id): PathId) -> Result<Response, Problem> {
    let id = parse_appointment_id(&id)?;
    let found = appointments::find(service.db().read(), id).await.map_err(BookingError::from)?;
    let appointment = found.ok_or(BookingError::NotFound(Resource::Appointment))?;
    let body = describe(&service, &[appointment]).await.map_err(BookingError::from)?;
    Ok(Json(body.into_iter().next()).into_response())
}

/// Cancel a visit
///
/// Cancelling what is cancelled answers it as it stands.
#[utoipa::path(
    post,
    path = "/appointment/{id}/cancel",
    tag = "appointments",
    params(("id" = String, Path, description = "The appointment's id"), ("Idempotency-Key" = Option<String>, Header, description = "Makes a retry safe: the same key answers the same appointment. 1 to 255 visible ASCII characters.", pattern = "^[!-~]{1,255}$")),
    request_body = CancelAppointmentBody,
    responses(
        (status = 200, description = "Cancelled", body = AppointmentBody),
        (status = 202, description = "Being cancelled; the scheduling service has not acknowledged yet", body = AppointmentBody),
        Problems
    )
)]
pub(super) async fn cancel(
    State(service): Service,
    Extension(actor): Extension<Actor>,
    PathId(id): PathId,
    headers: HeaderMap,
    JsonObject(object): JsonObject,
) -> Result<Response, Problem> {
    let mut body = ObjectReader::new(object);
    let reason = body.text("reason", Field::Reason);
    let command =
        CancelAppointment::parse(&id, reason.as_deref(), key(&headers).as_deref(), body.finish())?;
    let booking = Arc::clone(&service);
    let outcome = on_its_own_task(async move { booking.cancel(&actor, &command).await }).await?;
    answer(&service, final_or_under_way(&outcome.appointment), outcome).await
}

/// Move a visit to another time
///
/// The id stays; the old time is kept until the scheduling service has confirmed the new one.
#[utoipa::path(
    post,
    path = "/appointment/{id}/reschedule",
    tag = "appointments",
    params(("id" = String, Path, description = "The appointment's id"), ("Idempotency-Key" = Option<String>, Header, description = "Makes a retry safe: the same key answers the same appointment. 1 to 255 visible ASCII characters.", pattern = "^[!-~]{1,255}$")),
    request_body = RescheduleAppointmentBody,
    responses(
        (status = 200, description = "Moved", body = AppointmentBody),
        (status = 202, description = "Both times are held; the scheduling service has not answered yet", body = AppointmentBody),
        Problems
    )
)]
pub(super) async fn reschedule(
    State(service): Service,
    Extension(actor): Extension<Actor>,
    PathId(id): PathId,
    headers: HeaderMap,
    JsonObject(object): JsonObject,
) -> Result<Response, Problem> {
    let mut body = ObjectReader::new(object);
    let time = body.instant("time", Field::StartsAt);
    let duration = body.integer("duration_minutes", Field::DurationMinutes);
    let key = key(&headers);
    let command = RescheduleAppointment::parse(&id, time, duration, key.as_deref(), body.finish())?;
    let booking = Arc::clone(&service);
    let outcome =
        on_its_own_task(async move { booking.reschedule(&actor, &command).await }).await?;
    answer(&service, final_or_under_way(&outcome.appointment), outcome).await
}

/// A provider's appointments in a window
///
/// All that overlap `[from, to)`, also those that began before it, by start.
#[utoipa::path(
    get,
    path = "/appointments",
    tag = "appointments",
    params(
        ("provider_id" = String, Query, description = "The provider's id"),
        ("from" = String, Query, description = "Start of the window, RFC 3339", format = DateTime),
        ("to" = String, Query, description = "End of the window, RFC 3339", format = DateTime),
        ("status" = Option<String>, Query, description = "Statuses, separated by commas; all but CANCELLED, FAILED and EXPIRED unless given"),
        ("limit" = Option<i64>, Query, description = "1 to 200; 50 unless given", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before")
    ),
    responses((status = 200, description = "A page of appointments", body = AppointmentsBody), Problems)
)]
pub(super) async fn list(
    State(service): Service,
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
    let cursor = query.text("cursor").map(|text| text.parse::<Position>());
    if matches!(cursor, Some(Err(_))) {
        query.wrong("cursor", "must be the next_cursor of an answer");
    }
    query.finish()?;
    let provider_id = parse_provider_id(&provider_id.unwrap_or_default())?;
    if service.directory().await.map_err(BookingError::from)?.provider(provider_id).is_none() {
        return Err(BookingError::NotFound(Resource::Provider).into());
    }
    let filter = AppointmentFilter {
        window,
        provider_id: Some(provider_id),
        patient_id: None,
        state: None,
        statuses,
        updated_since: None,
    };
    let limit = usize::try_from(limit).unwrap_or_default();
    let page = Page {
        after: cursor.and_then(Result::ok),
        ..Page::first(u64::try_from(limit).unwrap_or_default() + 1)
    };
    let mut found =
        appointments::page(service.db().read(), &filter, page).await.map_err(BookingError::from)?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more).map(|last| Position::of(last).to_string());
    let appointments = describe(&service, &found).await.map_err(BookingError::from)?;
    Ok(Json(AppointmentsBody { appointments, next_cursor: last }))
}

/// The first free time
///
/// Of one provider, or of all who may treat a patient in a state with an insurance.
#[utoipa::path(
    get,
    path = "/appointments/first-available",
    tag = "appointments",
    params(
        ("after" = Option<String>, Query, description = "The earliest start, RFC 3339; now unless given", format = DateTime),
        ("duration_minutes" = Option<i64>, Query, description = "5 to 480; 30 unless given", minimum = 5, maximum = 480),
        ("provider_id" = Option<String>, Query, description = "Only this provider"),
        ("state" = Option<String>, Query, description = "The state the patient is in; goes with insurance"),
        ("insurance" = Option<String>, Query, description = "The patient's insurance; goes with state")
    ),
    responses((status = 200, description = "The first free time", body = FirstAvailableBody), Problems)
)]
pub(super) async fn first_available(
    State(service): Service,
    mut query: QueryParameters,
) -> Result<Json<FirstAvailableBody>, Problem> {
    let after = query.instant("after");
    let minutes = query.integer("duration_minutes");
    let (provider_id, state, insurance) =
        (query.text("provider_id"), query.text("state"), query.text("insurance"));
    let search = Search::parse(
        provider_id.as_deref(),
        state.as_deref(),
        insurance.as_deref(),
        minutes,
        query.violations(),
    );
    let Search { whose, length } = search.map_err(in_query)?;
    let after = after.unwrap_or_else(|| service.now());
    let offer = service.first_available(&whose, after, length).await?;
    Ok(Json(offer.into()))
}

fn read_booking(
    object: serde_json::Map<String, serde_json::Value>,
    headers: &HeaderMap,
) -> RawBooking {
    let mut body = ObjectReader::new(object);
    let mut raw = RawBooking {
        provider_id: body.text("provider_id", Field::ProviderId),
        starts_at: body.instant("time", Field::StartsAt),
        after: body.instant("after", Field::After),
        duration_minutes: body.integer("duration_minutes", Field::DurationMinutes),
        reason: body.text("reason", Field::Reason),
        idempotency_key: key(headers),
        ..RawBooking::default()
    };
    if let Some(mut patient) = body.object("patient", Field::Patient) {
        raw.name = patient.text("name", Field::PatientName);
        raw.email = patient.text("email", Field::PatientEmail);
        raw.state = patient.text("state", Field::PatientState);
        raw.insurance = patient.text("insurance", Field::PatientInsurance);
        raw.violations = patient.finish();
    }
    raw.violations.extend(body.finish());
    raw
}

fn key(headers: &HeaderMap) -> Option<String> {
    // What is not visible ASCII becomes something that the parser refuses.
    headers.get(IDEMPOTENCY_KEY).map(|value| value.to_str().unwrap_or_default().to_owned())
}

fn final_or_under_way(appointment: &Appointment) -> StatusCode {
    let under_way =
        appointment.status == AppointmentStatus::Cancelling || appointment.moving_to.is_some();
    if under_way { StatusCode::ACCEPTED } else { StatusCode::OK }
}
