//! The REST routes that change an appointment: cancel, reschedule, say what became of it.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::appointments::overrule;
use super::bodies::{
    BodyProblems, CancelAppointmentBody, Problems, RescheduleAppointmentBody, SetVisitStatusBody,
};
use super::object_reader::{JsonObject, ObjectReader, OptionalJsonObject};
use super::precondition::{MalformedPrecondition, if_match};
use super::representation::{AppointmentBody, answer};
use crate::access::Actor;
use crate::booking::command::RawVisit;
use crate::booking::{
    CancelAppointment, RescheduleAppointment, SetVisitStatus, VisitChange, on_its_own_task,
};
use crate::domain::{Appointment, AppointmentStatus};
use crate::http::idempotency::idempotency_key;
use crate::http::problem::Problem;
use crate::http::query_string::PathId;
use crate::http::recorded::or_refused;
use crate::request::{ExpectedVersion, Field, Refusal};
use crate::services::Services;

/// Cancel a visit
///
/// Cancelling what is cancelled answers it as it stands.
#[utoipa::path(
    post,
    path = "/appointment/{id}/cancel",
    tag = "appointments",
    params(("id" = String, Path, description = "The appointment's id", example = "apt_01h455vb4pex5vsknk084sn02q"), ("If-Match" = Option<String>, Header, description = "The `ETag` of the appointment that you have seen: when it is at another version, nothing is done (412)", example = "*", pattern = r#"^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$"#), ("Idempotency-Key" = Option<String>, Header, description = "Makes a retry safe: the same key answers the same appointment. 1 to 255 visible ASCII characters.", pattern = "^[!-~]{1,255}$")),
    request_body(content = CancelAppointmentBody, example = json!({ "reason": "The patient called" })),
    responses(
        (status = 200, description = "Cancelled", body = AppointmentBody),
        (status = 202, description = "Being cancelled; the scheduling service has not acknowledged yet", body = AppointmentBody),
        Problems,
        BodyProblems
    )
)]
pub(in crate::http) async fn cancel(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    PathId(id): PathId,
    headers: HeaderMap,
    OptionalJsonObject(object): OptionalJsonObject,
) -> Result<Response, Problem> {
    let mut body = ObjectReader::new(object);
    let reason = body.text("reason", Field::Reason);
    let visit = which_visit(id, body, &headers)?;
    carried_out(&services, &actor, CancelAppointment::parse(visit, reason.as_deref())).await
}

/// Move a visit to another time
///
/// The id stays; the old time is kept until the scheduling service has confirmed the new one.
#[utoipa::path(
    post,
    path = "/appointment/{id}/reschedule",
    tag = "appointments",
    params(("id" = String, Path, description = "The appointment's id", example = "apt_01h455vb4pex5vsknk084sn02q"), ("If-Match" = Option<String>, Header, description = "The `ETag` of the appointment that you have seen: when it is at another version, nothing is done (412)", example = "*", pattern = r#"^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$"#), ("Idempotency-Key" = Option<String>, Header, description = "Makes a retry safe: the same key answers the same appointment. 1 to 255 visible ASCII characters.", pattern = "^[!-~]{1,255}$")),
    request_body(content = RescheduleAppointmentBody, example = json!({ "time": "2027-01-13T15:00:00Z" })),
    responses(
        (status = 200, description = "Moved", body = AppointmentBody),
        (status = 202, description = "Both times are held; the scheduling service has not answered yet", body = AppointmentBody),
        Problems,
        BodyProblems
    )
)]
pub(in crate::http) async fn reschedule(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    PathId(id): PathId,
    headers: HeaderMap,
    JsonObject(object): JsonObject,
) -> Result<Response, Problem> {
    let mut body = ObjectReader::new(object);
    let time = body.instant("time", Field::StartsAt);
    let duration = body.integer("duration_minutes", Field::DurationMinutes);
    let overrule = overrule(&mut body);
    let visit = which_visit(id, body, &headers)?;
    let command = RescheduleAppointment::parse(visit, time, duration, &overrule);
    carried_out(&services, &actor, command).await
}

/// Say what became of a visit
///
/// That the patient has come, was seen or never came; or take it back. The visit stays scheduled and keeps its
/// time.
#[utoipa::path(
    post,
    path = "/appointment/{id}/status",
    tag = "appointments",
    params(("id" = String, Path, description = "The appointment's id", example = "apt_01h455vb4pex5vsknk084sn02q"), ("If-Match" = Option<String>, Header, description = "The `ETag` of the appointment that you have seen: when it is at another version, nothing is done (412)", example = "*", pattern = r#"^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$"#), ("Idempotency-Key" = Option<String>, Header, description = "Makes a retry safe: the same key answers the same appointment. 1 to 255 visible ASCII characters.", pattern = "^[!-~]{1,255}$")),
    request_body(content = SetVisitStatusBody, example = json!({ "status": "CONFIRMED" })),
    responses((status = 200, description = "So it is from now on", body = AppointmentBody), Problems, BodyProblems)
)]
pub(in crate::http) async fn set_status(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    PathId(id): PathId,
    headers: HeaderMap,
    JsonObject(object): JsonObject,
) -> Result<Response, Problem> {
    let mut body = ObjectReader::new(object);
    let status = body.text("status", Field::Status);
    let visit = which_visit(id, body, &headers)?;
    carried_out(&services, &actor, SetVisitStatus::parse(visit, status.as_deref())).await
}

/// Which visit is to be changed, and on which terms: the version by the body, by `If-Match`, or by both. The
/// last that is read of a body.
fn which_visit(
    id: String,
    mut body: ObjectReader,
    headers: &HeaderMap,
) -> Result<RawVisit, MalformedPrecondition> {
    let field = body.integer("expected_version", Field::ExpectedVersion);
    let expected = ExpectedVersion { field, any_of: if_match(headers)? };
    let (idempotency_key, violations) = (idempotency_key(headers), body.finish());
    Ok(RawVisit { id, expected, idempotency_key, violations })
}

/// Changes a visit as it was asked for, if it could be read, and shows it.
async fn carried_out<C: VisitChange + Send + 'static>(
    services: &Services,
    actor: &Actor,
    command: Result<C, Refusal>,
) -> Result<Response, Problem> {
    let command = or_refused(services, actor, C::OPERATION, command).await?;
    let (booking, caller) = (Arc::clone(&services.booking), actor.clone());
    let outcome = on_its_own_task(async move { booking.change(&caller, &command).await }).await?;
    answer(services, actor, final_or_under_way(&outcome.appointment), outcome).await
}

fn final_or_under_way(appointment: &Appointment) -> StatusCode {
    let under_way =
        appointment.status == AppointmentStatus::Cancelling || appointment.is_on_the_move();
    if under_way { StatusCode::ACCEPTED } else { StatusCode::OK }
}
