//! What mutations take.

use async_graphql::{ID, InputObject};

use super::booking_error::ErrorCodeEnum;
use super::date::Date;
use super::instant::DateTime;
use super::slot::asked_visit_type;
use crate::booking::command::{RawBooking, RawOverrule, RawVisit};
use crate::booking::{BookAppointment, CancelAppointment, RescheduleAppointment};
use crate::graphql::notes::Notes;
use crate::request::{ErrorCode, ExpectedVersion, Refusal};

/// The patient to book for.
#[derive(InputObject)]
pub(in crate::graphql) struct PatientInput {
    /// The patient's name: 1 to 200 characters.
    name: String,
    /// The patient's e-mail address.
    email: String,
    /// The patient's telephone number, such as `+1 203 555 0142`.
    phone: Option<String>,
    /// The day the patient was born, from 1900-01-01 on. Tells people of one name and address apart.
    birth_date: Option<Date>,
    /// IANA name of the zone whose clock the patient lives by, such as `America/New_York`.
    time_zone: Option<String>,
    /// The state the patient is in: a two-letter code or a name, such as `CT` or `Connecticut`.
    state: String,
    /// The patient's insurance, under any of the names that people write for it, such as `Aetna`.
    insurance: String,
}

impl PatientInput {
    /// A booking of which nothing but the patient is said.
    pub(super) fn booking(self) -> RawBooking {
        RawBooking {
            describes_patient: true,
            name: Some(self.name),
            email: Some(self.email),
            phone: self.phone,
            birth_date: self.birth_date.map(|date| date.0),
            time_zone: self.time_zone,
            state: Some(self.state),
            insurance: Some(self.insurance),
            ..RawBooking::default()
        }
    }
}

/// A visit to book. Without `providerId` whoever may treat the patient is considered; without
/// `startsAt` the first free time is taken; without both, the first in the patient's day (between 07:00
/// and 21:00 on the patient's clock unless the clinic has set others), if there is one.
#[derive(InputObject)]
pub(in crate::graphql) struct BookAppointmentInput {
    /// Who is to be seen, as they describe themselves. Either this or `patientId`.
    patient: Option<PatientInput>,
    /// Who is to be seen: a patient who is known. Either this or `patient`.
    patient_id: Option<ID>,
    /// Goes with `patientId`: the state the patient is in this time; the last one unless given.
    state: Option<String>,
    /// Goes with `patientId`: the insurance of this visit; the last one unless given.
    insurance: Option<String>,
    /// The provider asked for; any who may treat the patient unless given.
    provider_id: Option<ID>,
    /// The start asked for: a whole minute. Not together with `after`.
    starts_at: Option<DateTime>,
    /// The earliest start; now unless given.
    after: Option<DateTime>,
    /// Length of the visit: 5 to 480 whole minutes; as its visit type says unless given, else 30.
    duration_minutes: Option<i32>,
    /// The visit type: who offers it is considered, and its buffers count where they are the larger ones.
    visit_type_id: Option<ID>,
    /// Why the patient comes: at most 1000 characters.
    reason: Option<String>,
    /// The rules of policy that do not count this time: `OUTSIDE_WORKING_HOURS`, `PROVIDER_AWAY`, `IN_BUFFER`,
    /// `NOTICE_TOO_SHORT`, `BEYOND_HORIZON`, `DAILY_LIMIT_REACHED`. It stands in the history.
    overrule: Option<Vec<ErrorCodeEnum>>,
    /// Why they do not: at most 1000 characters.
    overrule_reason: Option<String>,
    /// The token of a hold, from `holdSlot`: that time is booked, and is never refused as long as it is held.
    /// Provider, start, length and visit type are as it is held: leave them out, or say the same.
    hold_token: Option<String>,
    /// Makes a retry safe: the same key answers the same appointment. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl BookAppointmentInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<BookAppointment, Refusal> {
        let described = self.patient.map(PatientInput::booking);
        BookAppointment::parse(RawBooking {
            patient_id: self.patient_id.map(|id| id.0),
            visit_state: self.state,
            visit_insurance: self.insurance,
            provider_id: self.provider_id.map(|id| id.0),
            starts_at: self.starts_at.map(|time| time.0),
            after: self.after.map(|time| time.0),
            duration_minutes: self.duration_minutes.map(i64::from),
            visit_type: asked_visit_type(self.visit_type_id),
            reason: self.reason,
            hold_token: self.hold_token,
            overrule: overrule(self.overrule, self.overrule_reason),
            provenance: Some(notes.provenance()),
            idempotency_key: notes.key(self.idempotency_key),
            ..described.unwrap_or_default()
        })
    }
}

/// A visit to cancel.
#[derive(InputObject)]
pub(in crate::graphql) struct CancelAppointmentInput {
    /// The appointment.
    id: ID,
    /// Why: at most 1000 characters.
    reason: Option<String>,
    /// The version of the appointment that you have seen: when it is at another, nothing is done.
    expected_version: Option<i32>,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl CancelAppointmentInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<CancelAppointment, Refusal> {
        let visit = which_visit(notes, self.id, self.expected_version, self.idempotency_key);
        CancelAppointment::parse(visit, self.reason.as_deref())
    }
}

/// A visit to move to another time or length.
#[derive(InputObject)]
pub(in crate::graphql) struct RescheduleAppointmentInput {
    /// The appointment.
    id: ID,
    /// The new start: a whole minute.
    starts_at: DateTime,
    /// The new length: 5 to 480 whole minutes; as it was unless given.
    duration_minutes: Option<i32>,
    /// The rules of policy that do not count this time, as in `bookAppointment`.
    overrule: Option<Vec<ErrorCodeEnum>>,
    /// Why they do not: at most 1000 characters.
    overrule_reason: Option<String>,
    /// The version of the appointment that you have seen: when it is at another, nothing is done.
    expected_version: Option<i32>,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl RescheduleAppointmentInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<RescheduleAppointment, Refusal> {
        RescheduleAppointment::parse(
            which_visit(notes, self.id, self.expected_version, self.idempotency_key),
            Some(self.starts_at.0),
            self.duration_minutes.map(i64::from),
            &overrule(self.overrule, self.overrule_reason),
        )
    }
}

/// Which visit is to be changed, and on which terms.
pub(super) fn which_visit(
    notes: &Notes,
    id: ID,
    expected_version: Option<i32>,
    idempotency_key: Option<String>,
) -> RawVisit {
    RawVisit {
        id: id.0,
        expected: ExpectedVersion::of_field(expected_version.map(i64::from)),
        idempotency_key: notes.key(idempotency_key),
        violations: Vec::new(),
    }
}

/// Rules of policy that do not count, and why.
pub(super) fn overrule(codes: Option<Vec<ErrorCodeEnum>>, reason: Option<String>) -> RawOverrule {
    let written = |code: ErrorCodeEnum| ErrorCode::from(code).as_str().to_owned();
    RawOverrule { codes: codes.map(|codes| codes.into_iter().map(written).collect()), reason }
}
