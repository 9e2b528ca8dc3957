//! What the mutations of a visit's life take.

use async_graphql::{ID, InputObject};

use super::appointment::AppointmentStatusEnum;
use super::booking_error::ErrorCodeEnum;
use super::input::overrule;
use super::instant::DateTime;
use crate::booking::{ReassignAppointment, SetVisitStatus};
use crate::domain::AppointmentStatus;
use crate::graphql::notes::Notes;
use crate::request::{ExpectedVersion, Refusal};

/// What became of a visit.
#[derive(InputObject)]
pub(in crate::graphql) struct SetVisitStatusInput {
    /// The appointment.
    id: ID,
    /// `CHECKED_IN`: the patient has come, on the visit's day at the earliest. `COMPLETED`: the patient was
    /// seen. `NO_SHOW`: the patient never came; both from the start on. `CONFIRMED` takes it back. No other
    /// status is given by hand.
    status: AppointmentStatusEnum,
    /// The version of the appointment that you have seen: when it is at another, nothing is done.
    expected_version: Option<i32>,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl SetVisitStatusInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<SetVisitStatus, Refusal> {
        let key = notes.key(self.idempotency_key);
        let expected = ExpectedVersion::of_field(self.expected_version.map(i64::from));
        let status = AppointmentStatus::from(self.status).as_str();
        SetVisitStatus::parse(&self.id, Some(status), expected, key.as_deref(), Vec::new())
    }
}

/// A visit to give to another provider.
#[derive(InputObject)]
pub(in crate::graphql) struct ReassignAppointmentInput {
    /// The appointment.
    id: ID,
    /// The provider who is to see the patient: licensed in the visit's state, and taking its insurance.
    provider_id: ID,
    /// The new start: a whole minute; as it was unless given. The length stays.
    starts_at: Option<DateTime>,
    /// The rules of policy that do not count this time, as in `bookAppointment`.
    overrule: Option<Vec<ErrorCodeEnum>>,
    /// Why they do not: at most 1000 characters.
    overrule_reason: Option<String>,
    /// The version of the appointment that you have seen: when it is at another, nothing is done.
    expected_version: Option<i32>,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl ReassignAppointmentInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<ReassignAppointment, Refusal> {
        let key = notes.key(self.idempotency_key);
        ReassignAppointment::parse(
            (&self.id, &self.provider_id),
            self.starts_at.map(|time| time.0),
            &overrule(self.overrule, self.overrule_reason),
            ExpectedVersion::of_field(self.expected_version.map(i64::from)),
            key.as_deref(),
        )
    }
}
