//! The bodies of requests, and the problems that may answer any, as the OpenAPI document shows them.
//!
//! What `appointments` reads stands here once more; `tests/it/request_bodies.rs` holds the two together.

use serde::Deserialize;
use utoipa::{IntoResponses, ToSchema};

use crate::http::problem::Problem;

/// The patient to book for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes what `object_reader` reads field by field")]
pub(super) struct PatientBody {
    /// 1 to 200 characters.
    #[schema(example = "John Doe", min_length = 1, max_length = 200)]
    name: String,
    /// An e-mail address.
    #[schema(example = "john@example.com", max_length = 254)]
    email: String,
    /// A telephone number.
    #[schema(example = "+1 203 555 0142", max_length = 50)]
    phone: Option<String>,
    /// The day of birth, from 1900-01-01 on.
    #[schema(example = "1980-05-17", format = Date)]
    birth_date: Option<String>,
    /// IANA name of the zone whose clock the patient lives by.
    #[schema(example = "America/New_York")]
    time_zone: Option<String>,
    /// The state the patient is in: a two-letter code or a name.
    #[schema(example = "CT")]
    state: String,
    /// The patient's insurance, under any of the names that people write for it.
    #[schema(example = "Aetna")]
    insurance: String,
}

/// A visit to book.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes what `object_reader` reads field by field")]
pub(super) struct BookAppointmentBody {
    /// Who is to be seen, as they describe themselves. Either this or `patient_id`.
    patient: Option<PatientBody>,
    /// Who is to be seen: a patient who is known. Either this or `patient`.
    patient_id: Option<String>,
    /// Goes with `patient_id`: the state the patient is in this time; the last one unless given.
    #[schema(max_length = 200)]
    state: Option<String>,
    /// Goes with `patient_id`: the insurance of this visit; the last one unless given.
    #[schema(max_length = 200)]
    insurance: Option<String>,
    /// The provider asked for; any who may treat the patient unless given.
    #[schema(example = "prv_01h455vb4pex5vsknk084sn02q")]
    provider_id: Option<String>,
    /// The start asked for (RFC 3339): a whole minute. Not together with `after`.
    #[schema(format = DateTime, example = "2027-01-13T15:00:00Z")]
    time: Option<String>,
    /// The earliest start (RFC 3339); now unless given.
    #[schema(format = DateTime, example = "2027-01-13T15:00:00Z")]
    after: Option<String>,
    /// Length of the visit: 5 to 480 whole minutes; as its visit type says unless given, else 30.
    // No `default`: to generators of clients it means that the field is always there.
    #[schema(minimum = 5, maximum = 480)]
    duration_minutes: Option<i64>,
    /// The visit type, by its id or name.
    #[schema(max_length = 200)]
    visit_type: Option<String>,
    /// Why the patient comes.
    #[schema(max_length = 1000)]
    reason: Option<String>,
    /// The rules of policy that do not count this time; it stands in the history.
    #[schema(example = json!(["NOTICE_TOO_SHORT"]))]
    overrule: Option<Vec<String>>,
    /// Why they do not.
    #[schema(max_length = 1000)]
    overrule_reason: Option<String>,
    /// The token of a hold, from `POST /hold`: that time is booked. Provider, start, length and visit type are as
    /// it is held: leave them out, or say the same.
    hold_token: Option<String>,
}

/// A time to hold.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes what `object_reader` reads field by field")]
pub(super) struct HoldSlotBody {
    /// Whose time; unless it is given, state and insurance are needed.
    #[schema(example = "prv_01h455vb4pex5vsknk084sn02q")]
    provider_id: Option<String>,
    /// The state the patient is in; goes with insurance.
    #[schema(example = "CT", max_length = 200)]
    state: Option<String>,
    /// The patient's insurance; goes with state.
    #[schema(example = "Aetna", max_length = 200)]
    insurance: Option<String>,
    /// The start asked for (RFC 3339): a whole minute that is still to come. Not together with `after`.
    #[schema(format = DateTime, example = "2027-01-13T15:00:00Z")]
    time: Option<String>,
    /// The earliest start (RFC 3339); now unless given.
    #[schema(format = DateTime, example = "2027-01-13T15:00:00Z")]
    after: Option<String>,
    /// Length of the visit: 5 to 480 whole minutes; as its visit type says unless given, else 30.
    #[schema(minimum = 5, maximum = 480)]
    duration_minutes: Option<i64>,
    /// The visit type, by its id or name.
    #[schema(max_length = 200)]
    visit_type: Option<String>,
    /// For how many minutes; 5 unless given. No time is held past its own start.
    #[schema(minimum = 1, maximum = 30)]
    minutes: Option<i64>,
}

/// Why a visit is cancelled.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes what `object_reader` reads field by field")]
pub(super) struct CancelAppointmentBody {
    /// Why.
    #[schema(max_length = 1000)]
    reason: Option<String>,
    /// The version that you have seen: when it is at another, nothing is done.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    expected_version: Option<i64>,
}

/// A new time for a visit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes what `object_reader` reads field by field")]
pub(super) struct RescheduleAppointmentBody {
    /// The new start (RFC 3339): a whole minute.
    #[schema(format = DateTime, example = "2027-01-13T15:00:00Z")]
    time: String,
    /// The new length; as it was unless given.
    #[schema(minimum = 5, maximum = 480)]
    duration_minutes: Option<i64>,
    /// The rules of policy that do not count this time; it stands in the history.
    #[schema(example = json!(["NOTICE_TOO_SHORT"]))]
    overrule: Option<Vec<String>>,
    /// Why they do not.
    #[schema(max_length = 1000)]
    overrule_reason: Option<String>,
    /// The version that you have seen: when it is at another, nothing is done.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    expected_version: Option<i64>,
}

/// What became of a visit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes what `object_reader` reads field by field")]
pub(super) struct SetVisitStatusBody {
    /// `CHECKED_IN`: the patient has come, on the visit's day at the earliest. `COMPLETED`: the patient was
    /// seen. `NO_SHOW`: the patient never came; both from the start on. `CONFIRMED` takes it back.
    #[schema(example = "CHECKED_IN", pattern = "^(CONFIRMED|CHECKED_IN|COMPLETED|NO_SHOW)$")]
    status: String,
    /// The version that you have seen: when it is at another, nothing is done.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    expected_version: Option<i64>,
}

/// What any route may answer instead.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes what `problem` answers")]
pub(in crate::http) enum Problems {
    /// Not JSON, or a malformed query string: `BAD_REQUEST`.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// The token or the session is missing or wrong: `UNAUTHENTICATED`.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(Problem),
    /// The caller's role does not allow it: `FORBIDDEN`. Or a browser page of an origin that is not
    /// allowed: `FORBIDDEN_ORIGIN`.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// `NOT_FOUND` or `NO_MATCHING_PROVIDER`.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// `SLOT_TAKEN`, `SLOT_HELD`, `HOLD_EXPIRED`, `IN_BUFFER`, `DAILY_LIMIT_REACHED`, `PATIENT_DOUBLE_BOOKED`, `NO_AVAILABILITY`, `SCHEDULING_REFUSED`, `ILLEGAL_TRANSITION`,
    /// `VERSION_CONFLICT` or `IDEMPOTENCY_KEY_IN_USE`.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Problem),
    /// `If-Match` names no version that the appointment is at: `VERSION_CONFLICT`.
    #[response(status = 412, content_type = "application/problem+json")]
    PreconditionFailed(Problem),
    /// Sent to a name that is none of this server's: `MISDIRECTED_REQUEST`.
    #[response(status = 421, content_type = "application/problem+json")]
    Misdirected(Problem),
    /// `INVALID_INPUT`, `UNKNOWN_STATE`, `UNKNOWN_INSURANCE`, `PROVIDER_NOT_ELIGIBLE`, `TIME_IN_PAST`,
    /// `BEYOND_HORIZON`, `NOTICE_TOO_SHORT`, `OUTSIDE_WORKING_HOURS`, `PROVIDER_AWAY`, `VISIT_TYPE_NOT_OFFERED` or
    /// `IDEMPOTENCY_KEY_REUSED`.
    #[response(status = 422, content_type = "application/problem+json")]
    Unprocessable(Problem),
    /// Too much in too short a time, for one patient, or held by one caller: `RATE_LIMITED`.
    #[response(status = 429, content_type = "application/problem+json")]
    RateLimited(Problem),
    /// A bug; carries a request id: `INTERNAL`.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(Problem),
    /// The database is down or overloaded: `UNAVAILABLE`.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

/// What a route that takes a body may answer besides.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes what `problem` answers")]
pub(in crate::http) enum BodyProblems {
    /// The body is larger than 64 KiB: `PAYLOAD_TOO_LARGE`.
    #[response(status = 413, content_type = "application/problem+json")]
    PayloadTooLarge(Problem),
    /// The body is not JSON by its media type, or packed in a way that is not read:
    /// `UNSUPPORTED_MEDIA_TYPE`.
    #[response(status = 415, content_type = "application/problem+json")]
    UnsupportedMediaType(Problem),
}
