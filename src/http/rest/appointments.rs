//! The REST routes of one appointment: book, show.

use std::slice;
use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::bodies::{BodyProblems, BookAppointmentBody, Problems};
use super::calendars::{file_of, visit};
use super::object_reader::{JsonObject, ObjectReader};
use super::precondition::{if_match, tag};
use super::representation::{AppointmentBody, answer, describe};
use crate::access::Actor;
use crate::booking::command::{RawBooking, RawOverrule};
use crate::booking::{BookAppointment, on_its_own_task};
use crate::domain::{AppointmentStatus, Provenance};
use crate::http::idempotency::idempotency_key;
use crate::http::problem::Problem;
use crate::http::query_string::PathId;
use crate::http::recorded::or_refused;
use crate::request::{AskedVisitType, ExpectedVersion, Field, parse_appointment_id};
use crate::services::Services;

/// Book a visit
///
/// With whoever may treat the patient, at the first free time, unless a provider or a time is
/// asked for. Where neither is, it is the first in the patient's day (between 07:00 and 21:00 on the
/// patient's clock unless the clinic has set others), if there is one.
#[utoipa::path(
    post,
    path = "/appointment",
    tag = "appointments",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a retry safe: the same key answers the same appointment. 1 to 255 visible ASCII characters.", pattern = "^[!-~]{1,255}$")),
    request_body(
        content = BookAppointmentBody,
        example = json!({ "patient": { "name": "John Doe", "email": "john@example.com", "state": "CT", "insurance": "Aetna" } })
    ),
    responses(
        (status = 200, description = "A repeat whose appointment has ended since", body = AppointmentBody),
        (status = 201, description = "Booked: the scheduling service has confirmed", body = AppointmentBody),
        (status = 202, description = "The time is held; the scheduling service has not answered yet", body = AppointmentBody),
        Problems,
        BodyProblems
    )
)]
pub(in crate::http) async fn book(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    JsonObject(object): JsonObject,
) -> Result<Response, Problem> {
    let command = BookAppointment::parse(read_booking(object, &headers));
    let command = or_refused(&services, &actor, "bookAppointment", command).await?;
    let (booking, caller) = (Arc::clone(&services.booking), actor.clone());
    let outcome = on_its_own_task(async move { booking.book(&caller, &command).await }).await?;
    let status = match outcome.appointment.status {
        AppointmentStatus::Confirmed => StatusCode::CREATED,
        AppointmentStatus::Pending => StatusCode::ACCEPTED,
        AppointmentStatus::CheckedIn
        | AppointmentStatus::Completed
        | AppointmentStatus::NoShow
        | AppointmentStatus::Cancelling
        | AppointmentStatus::Cancelled
        | AppointmentStatus::Failed
        | AppointmentStatus::Expired => StatusCode::OK,
    };
    answer(&services, &actor, status, outcome).await
}

/// One appointment
///
/// As it stands, also when it was cancelled or never came about.
#[utoipa::path(
    get,
    path = "/appointment/{id}",
    tag = "appointments",
    params(("id" = String, Path, description = "The appointment's id", example = "apt_01h455vb4pex5vsknk084sn02q"), ("If-Match" = Option<String>, Header, description = "An `ETag`: the appointment is shown only while it is at that version (else 412)", example = "*", pattern = r#"^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$"#)),
    responses((status = 200, description = "The appointment", body = AppointmentBody, headers(("ETag" = String, description = "Its version, for `If-Match`"))), Problems)
)]
pub(in crate::http) async fn show(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // A path can't be told from another by how its last part ends.
    if file_of(&id).is_some() {
        return visit(State(services), Extension(actor), PathId(id)).await;
    }
    let expected = ExpectedVersion { field: None, any_of: if_match(&headers)? };
    let appointment = services.records.appointment(&actor, parse_appointment_id(&id)?).await?;
    expected.check_appointment(&appointment)?;
    let body = describe(&services, &actor, slice::from_ref(&appointment)).await?;
    let mut response = Json(body.into_iter().next()).into_response();
    tag(response.headers_mut(), &appointment);
    Ok(response)
}

fn read_booking(
    object: serde_json::Map<String, serde_json::Value>,
    headers: &HeaderMap,
) -> RawBooking {
    let mut body = ObjectReader::new(object);
    let visit_type = body.text("visit_type", Field::VisitType);
    let mut raw = RawBooking {
        provider_id: body.text("provider_id", Field::ProviderId),
        starts_at: body.instant("time", Field::StartsAt),
        after: body.instant("after", Field::After),
        duration_minutes: body.integer("duration_minutes", Field::DurationMinutes),
        visit_type: visit_type.map(|text| AskedVisitType::of_id_or_name(&text)),
        reason: body.text("reason", Field::Reason),
        idempotency_key: idempotency_key(headers),
        patient_id: body.text("patient_id", Field::PatientId),
        visit_state: body.text("state", Field::VisitState),
        visit_insurance: body.text("insurance", Field::VisitInsurance),
        hold_token: body.text("hold_token", Field::HoldToken),
        overrule: overrule(&mut body),
        provenance: Some(Provenance::Rest),
        ..RawBooking::default()
    };
    raw.describes_patient = body.has("patient");
    if let Some(mut patient) = body.object("patient", Field::Patient) {
        raw.name = patient.text("name", Field::PatientName);
        raw.email = patient.text("email", Field::PatientEmail);
        raw.phone = patient.text("phone", Field::PatientPhone);
        raw.birth_date = patient.date("birth_date", Field::PatientBirthDate);
        raw.time_zone = patient.text("time_zone", Field::PatientTimeZone);
        raw.state = patient.text("state", Field::PatientState);
        raw.insurance = patient.text("insurance", Field::PatientInsurance);
        raw.violations = patient.finish();
    }
    raw.violations.extend(body.finish());
    raw
}

/// The rules of policy that do not count, and why.
pub(super) fn overrule(body: &mut ObjectReader) -> RawOverrule {
    let codes = body.texts("overrule", Field::Overrule);
    RawOverrule { codes, reason: body.text("overrule_reason", Field::OverruleReason) }
}
