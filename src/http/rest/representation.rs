//! Appointments as the REST door shows them.

use axum::Json;
use axum::http::header::{CONTENT_LOCATION, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::precondition;
use crate::access::Actor;
use crate::booking::Outcome;
use crate::domain::time_slot::rfc3339;
use crate::domain::{Appointment, Patient, PatientClock, Provenance, Provider};
use crate::http::idempotency::REPLAYED;
use crate::http::problem::Problem;
use crate::request::Refusal;
use crate::services::Services;

/// An appointment. The first five keys are there in this order; `patient`, `patient_id` and `reason` are left
/// out for whom the patient is not to see.
#[derive(Clone, Serialize, ToSchema)]
pub(in crate::http) struct AppointmentBody {
    /// The patient's name; left out for whom it is not to see.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "John Doe")]
    patient: Option<String>,
    /// True when the scheduling service's confirmation is stored and it is not being cancelled.
    scheduled: bool,
    /// Identifies it, through every change of time.
    #[schema(example = "apt_01h455vb4pex5vsknk084sn02q")]
    appointment_id: String,
    /// The provider's name.
    #[schema(example = "Dr. Jane Doe")]
    provider: String,
    /// When it starts.
    #[schema(example = "2027-01-15T14:30:00Z")]
    time: String,
    /// Where it stands: PENDING, CONFIRMED, `CHECKED_IN`, COMPLETED, `NO_SHOW`, CANCELLING, CANCELLED, FAILED or
    /// EXPIRED.
    #[schema(example = "CONFIRMED")]
    status: &'static str,
    /// Counts what has changed about it, from 1; the `ETag` says it too.
    #[schema(example = 2)]
    version: i32,
    /// How long it is, in minutes.
    #[schema(example = 30)]
    duration_minutes: i64,
    /// Who sees the patient.
    #[schema(example = "prv_01h455vb4pex5vsknk084sn02q")]
    provider_id: String,
    /// Who is seen; left out for whom it is not to see.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "pat_01h455vb4pex5vsknk084sn02q")]
    patient_id: Option<String>,
    /// The name of its visit type; left out where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Follow-up")]
    visit_type: Option<String>,
    /// Two-letter code of the state it was booked for.
    #[schema(example = "CT")]
    state: &'static str,
    /// When it starts on the provider's clock.
    #[schema(example = "2027-01-15T09:30:00-05:00")]
    local_time: String,
    /// When it starts on the patient's clock.
    #[schema(example = "2027-01-15T06:30:00-08:00")]
    patient_local_time: Option<String>,
    /// IANA name of the zone of that clock: the patient's own, where it is one of the visit's state and for
    /// you to see, else the one that most people of that state live in.
    #[schema(example = "America/Los_Angeles")]
    patient_time_zone: Option<String>,
    /// The new start, while a reschedule or a reassignment is on its way to the scheduling service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_time: Option<String>,
    /// True when its time, or that of its move, came before the scheduling service had answered: it has
    /// ended here, or stayed, and may still stand there otherwise. False once the service has answered.
    unsettled_outside: bool,
    /// By which door it was booked: GRAPHQL, REST, DESK, `PATIENT_LINK`, WAITLIST or SERIES; left out where an
    /// older version has booked it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "REST")]
    provenance: Option<&'static str>,
    /// Why the patient comes; left out for whom it is not to see.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Why it was cancelled; left out for whom it is not to see.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel_reason: Option<String>,
}

/// A page of appointments.
#[derive(Clone, Serialize, ToSchema)]
pub(in crate::http) struct AppointmentsBody {
    /// The appointments, by start.
    pub(super) appointments: Vec<AppointmentBody>,
    /// Pass it as `cursor` for the next page; null on the last.
    pub(super) next_cursor: Option<String>,
}

/// An answer that shows one appointment and where to find it again.
pub(super) async fn answer(
    services: &Services,
    actor: &Actor,
    status: StatusCode,
    outcome: Outcome,
) -> Result<Response, Problem> {
    let shown = outcome.appointment.clone();
    let body = describe(services, actor, &[outcome.appointment]).await?;
    let mut response = (status, Json(body.into_iter().next())).into_response();
    let headers = response.headers_mut();
    if let Ok(location) = HeaderValue::try_from(format!("/appointment/{}", shown.id)) {
        // The body is what is to be found there, and so the tag is that one's.
        headers.insert(CONTENT_LOCATION, location.clone());
        headers.insert(LOCATION, location);
    }
    precondition::tag(headers, &shown);
    if outcome.replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// The appointments with the names that belong to them, in the same order.
pub(super) async fn describe(
    services: &Services,
    actor: &Actor,
    appointments: &[Appointment],
) -> Result<Vec<AppointmentBody>, Refusal> {
    let directory = services.records.directory(actor).await?;
    let patients = services.records.patients_of_visits(actor, appointments).await?;
    let bodies = appointments.iter().map(|appointment| {
        let provider = directory.provider_of_visit(appointment.provider_id);
        let provider = provider.ok_or_else(|| Refusal::missing("provider"))?;
        let visit_type = appointment
            .visit_type_id
            .map(|id| directory.visit_type(id).ok_or_else(|| Refusal::missing("visit type")));
        let visit_type = visit_type.transpose()?.map(|kind| kind.name.clone());
        let patient = patients.get(&appointment.patient_id);
        if let Some(patient) = patient {
            actor.saw_patients([patient.id]);
            actor.saw_appointments([appointment.id]);
        }
        Ok(body(appointment, (provider, visit_type), patient))
    });
    bodies.collect()
}

/// The appointment as it is shown, without a patient to whom theirs is not to see.
fn body(
    appointment: &Appointment,
    (provider, visit_type): (&Provider, Option<String>),
    patient: Option<&Patient>,
) -> AppointmentBody {
    let starts_at = appointment.slot.starts_at();
    let zone = patient.and_then(|patient| patient.time_zone.as_deref());
    let clock = PatientClock::of(appointment.state, zone);
    AppointmentBody {
        patient: patient.map(|patient| patient.name.clone()),
        patient_local_time: Some(clock.local(starts_at)),
        patient_time_zone: Some(clock.time_zone().to_owned()),
        scheduled: appointment.is_scheduled(),
        appointment_id: appointment.id.to_string(),
        provider: provider.name.clone(),
        time: rfc3339(starts_at),
        status: appointment.status.as_str(),
        version: appointment.version,
        duration_minutes: appointment.slot.minutes(),
        provider_id: appointment.provider_id.to_string(),
        patient_id: patient.map(|_| appointment.patient_id.to_string()),
        visit_type,
        state: appointment.state.code(),
        local_time: provider.local(starts_at),
        pending_time: appointment
            .is_on_the_move()
            .then(|| rfc3339(appointment.asked_slot().starts_at())),
        unsettled_outside: appointment.unsettled_outside,
        provenance: appointment.provenance.map(Provenance::as_str),
        reason: appointment.reason.clone().filter(|_| patient.is_some()),
        cancel_reason: appointment.cancel_reason.clone().filter(|_| patient.is_some()),
    }
}
