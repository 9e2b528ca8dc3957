//! The REST route that says what became of a visit.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::appointments::expected;
use super::bodies::{BodyProblems, Problems, SetVisitStatusBody};
use super::object_reader::{JsonObject, ObjectReader};
use super::representation::{AppointmentBody, answer};
use crate::access::Actor;
use crate::booking::{SetVisitStatus, on_its_own_task};
use crate::http::idempotency::idempotency_key;
use crate::http::problem::Problem;
use crate::http::query_string::PathId;
use crate::http::recorded::or_refused;
use crate::request::Field;
use crate::services::Services;

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
    let (expected, key) = (expected(&mut body, &headers)?, idempotency_key(&headers));
    let (status, violations) = (status.as_deref(), body.finish());
    let command = SetVisitStatus::parse(&id, status, expected, key.as_deref(), violations);
    let command = or_refused(&services, &actor, "setVisitStatus", command).await?;
    let (booking, caller) = (Arc::clone(&services.booking), actor.clone());
    let outcome =
        on_its_own_task(async move { booking.set_status(&caller, &command).await }).await?;
    answer(&services, &actor, StatusCode::OK, outcome).await
}
