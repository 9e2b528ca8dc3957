//! Errors of the REST door: `application/problem+json` (RFC 9457).

use std::any::Any;

use axum::Json;
use axum::http::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::idempotency::REPLAYED;
use crate::domain::Offer;
use crate::domain::time_slot::rfc3339;
use crate::request::{ErrorCode, Field, Refusal};

/// The code of a problem, for the log.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProblemCode(pub(super) &'static str);

/// A field that is not acceptable.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// JSON pointer (RFC 6901) to the field in the body, or the name of the query parameter.
    #[schema(example = "/patient/email")]
    pointer: String,
    /// What is wrong with it and what is acceptable.
    detail: String,
}

/// A free time that can be booked instead.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct Alternative {
    /// Whose time it is.
    #[schema(example = "prv_01h455vb4pex5vsknk084sn02q")]
    provider_id: String,
    /// The provider's name.
    #[schema(example = "Dr. Jane Doe")]
    provider: String,
    /// When it starts.
    #[schema(example = "2027-01-15T14:30:00Z")]
    time: String,
    /// When it starts on the patient's clock.
    #[schema(example = "2027-01-15T06:30:00-08:00")]
    patient_local_time: Option<String>,
    /// IANA name of the zone of that clock.
    #[schema(example = "America/Los_Angeles")]
    patient_time_zone: Option<String>,
}

/// What went wrong.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Names the kind of problem; `urn:clinic:error:` and the code.
    #[serde(rename = "type")]
    #[schema(example = "urn:clinic:error:SLOT_TAKEN")]
    kind: String,
    /// The kind of problem, for people.
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 409)]
    status: u16,
    /// What went wrong, for people.
    detail: String,
    /// The kind of problem, for programs; the same words as in GraphQL.
    #[schema(example = "SLOT_TAKEN")]
    code: &'static str,
    /// Every field that is not acceptable.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    /// Names that come near to one that is not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<String>,
    /// Up to three other times.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alternatives: Vec<Alternative>,
    /// Why a provider may not treat the patient.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// The appointment it is about, where one is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    appointment_id: Option<String>,
    /// How far it was looked, or the last moment at which a visit may start, or when the next visit is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    /// The first moment at which a visit may start.
    #[serde(skip_serializing_if = "Option::is_none")]
    earliest_starts_at: Option<String>,
    /// Until when the time is held at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    held_until: Option<String>,
    /// The statuses that the appointment may change to.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<Vec<&'static str>>,
    /// The version that it is at now.
    #[serde(skip_serializing_if = "Option::is_none")]
    current_version: Option<i32>,
    /// Names this request in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request_id: Option<String>,
    /// Whether it repeats the answer to an earlier request with the same key: said by a header.
    #[serde(skip)]
    replayed: bool,
    /// Seconds after which the same may be asked again: said by a header.
    #[serde(skip)]
    retry_after: Option<u64>,
    /// The codings that are read, where it is about another: said by a header.
    #[serde(skip)]
    pub(super) codings: Option<&'static str>,
}

impl Problem {
    /// A problem that needs no more than its code.
    pub(crate) fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:clinic:error:{}", code.as_str()),
            title: code.title(),
            status: code.status(),
            detail: detail.into(),
            code: code.as_str(),
            errors: Vec::new(),
            suggestions: Vec::new(),
            alternatives: Vec::new(),
            reason: None,
            appointment_id: None,
            until: None,
            earliest_starts_at: None,
            held_until: None,
            allowed: None,
            current_version: None,
            request_id: None,
            replayed: false,
            retry_after: None,
            codings: None,
        }
    }

    /// One that is asked again after so many seconds.
    pub(super) fn rate_limited(detail: impl Into<String>, retry_after: u64) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(ErrorCode::RateLimited, detail) }
    }
}

impl From<Refusal> for Problem {
    fn from(error: Refusal) -> Self {
        if let Refusal::Store(cause) = &error {
            tracing::error!(%cause, "A request could not be answered");
        }
        let mut problem = Self::new(error.code(), error.message(rest_name));
        problem.replayed = error.is_replayed();
        problem.retry_after = error.retry_after().map(|wait| wait.as_secs().max(1));
        problem.appointment_id = error.appointment().map(|appointment| appointment.id.to_string());
        match error {
            Refusal::Invalid(violations) => {
                let errors = violations.into_iter().map(|violation| FieldProblem {
                    pointer: rest_pointer(&violation.field),
                    detail: violation.message.into_owned(),
                });
                problem.errors = errors.collect();
            }
            Refusal::UnknownState { suggestions } | Refusal::UnknownInsurance { suggestions } => {
                problem.suggestions = suggestions;
            }
            Refusal::NotEligible(reason) => problem.reason = Some(reason.as_str()),
            Refusal::BeyondHorizon { ends_at: until }
            | Refusal::NoAvailability { searched_until: until } => {
                problem.until = Some(rfc3339(until));
            }
            Refusal::TooManyOpenVisits { one_ends_at, .. } => {
                problem.until = one_ends_at.map(rfc3339);
            }
            Refusal::NoticeTooShort { earliest_starts_at } => {
                problem.earliest_starts_at = Some(rfc3339(earliest_starts_at));
            }
            Refusal::SlotHeld { held_until, alternatives } => {
                problem.held_until = held_until.map(rfc3339);
                problem.alternatives = alternatives.into_iter().map(Alternative::from).collect();
            }
            Refusal::SlotTaken { alternatives } | Refusal::InBuffer { alternatives } => {
                problem.alternatives = alternatives.into_iter().map(Alternative::from).collect();
            }
            Refusal::IllegalTransition { allowed, .. } => {
                problem.allowed = Some(allowed.iter().map(|status| status.as_str()).collect());
            }
            Refusal::VersionConflict { current_version, by_precondition, .. } => {
                problem.current_version = Some(current_version);
                if by_precondition {
                    problem.status = StatusCode::PRECONDITION_FAILED.as_u16();
                }
            }
            _ => {}
        }
        problem
    }
}

impl From<Offer> for Alternative {
    fn from(offer: Offer) -> Self {
        let (patient_local_time, patient_time_zone) = offer.patient_local();
        Self {
            patient_local_time,
            patient_time_zone,
            provider_id: offer.provider.id.to_string(),
            provider: offer.provider.name.clone(),
            time: rfc3339(offer.slot.starts_at()),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (replayed, codings) = (self.replayed, self.codings);
        let unavailable = status == StatusCode::SERVICE_UNAVAILABLE;
        let retry_after = self.retry_after.or(unavailable.then_some(1));
        let code = ProblemCode(self.code);
        let mut response = (status, Json(self)).into_response();
        response.extensions_mut().insert(code);
        let headers = response.headers_mut();
        if replayed {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        if let Some(codings) = codings {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(codings));
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            // The rest of the body is not read, so nothing else can come this way.
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// A field of a body as a JSON pointer; a query parameter by its name.
pub(super) fn rest_pointer(field: &Field) -> String {
    match field {
        Field::Patient => "/patient",
        Field::PatientId => "/patient_id",
        Field::VisitState => "/state",
        Field::VisitInsurance => "/insurance",
        Field::PatientName => "/patient/name",
        Field::PatientEmail => "/patient/email",
        Field::PatientPhone => "/patient/phone",
        Field::PatientBirthDate => "/patient/birth_date",
        Field::PatientTimeZone => "/patient/time_zone",
        Field::PatientState => "/patient/state",
        Field::PatientInsurance => "/patient/insurance",
        Field::ProviderId => "/provider_id",
        Field::StartsAt => "/time",
        Field::Rule => "/rule",
        Field::Times => "/times",
        Field::After => "/after",
        Field::DurationMinutes => "/duration_minutes",
        Field::VisitType => "/visit_type",
        Field::Status => "/status",
        Field::Overrule => "/overrule",
        Field::OverruleReason => "/overrule_reason",
        Field::Reason => "/reason",
        Field::ExpectedVersion => "/expected_version",
        Field::HoldToken => "/hold_token",
        Field::HoldMinutes => "/minutes",
        Field::IdempotencyKey => "Idempotency-Key",
        Field::Other(name) => name,
    }
    .to_owned()
}

/// The same in a sentence: `patient.email`.
fn rest_name(field: &Field) -> String {
    let pointer = rest_pointer(field);
    let steps = pointer.strip_prefix('/').unwrap_or(&pointer).split('/');
    let steps: Vec<String> = steps.map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    steps.join(".")
}

/// The answer to a path that leads nowhere. It may have a secret in it, so it is not repeated.
pub(super) async fn no_such_route() -> Problem {
    Problem::new(ErrorCode::NotFound, "There is nothing at this address")
}

/// The answer to a method that a route does not have.
pub(super) async fn method_not_allowed(method: Method) -> Problem {
    Problem::new(ErrorCode::MethodNotAllowed, format!("This address has no {method}"))
}

/// The answer after a panic: a bug, of which the client learns nothing but the request id.
pub(super) fn after_panic(_panic: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("A handler panicked");
    Problem::new(ErrorCode::Internal, "Internal error").into_response()
}
