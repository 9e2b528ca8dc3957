//! What the mutations of a visit's life take.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::appointment::AppointmentStatusEnum;
use super::booking_error::ErrorCodeEnum;
use super::input::{overrule, which_visit};
use super::instant::DateTime;
use super::patient_change::change;
use crate::booking::command::RawVisitUpdate;
use crate::booking::{ReassignAppointment, SetVisitStatus, UpdateAppointment};
use crate::domain::AppointmentStatus;
use crate::graphql::notes::Notes;
use crate::request::{AskedVisitType, Refusal};

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
        let visit = which_visit(notes, self.id, self.expected_version, self.idempotency_key);
        SetVisitStatus::parse(visit, Some(AppointmentStatus::from(self.status).as_str()))
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
        ReassignAppointment::parse(
            which_visit(notes, self.id, self.expected_version, self.idempotency_key),
            &self.provider_id,
            self.starts_at.map(|time| time.0),
            &overrule(self.overrule, self.overrule_reason),
        )
    }
}

/// What is written down of a visit, corrected. What is left out stays.
#[derive(InputObject)]
pub(in crate::graphql) struct UpdateAppointmentInput {
    /// The appointment.
    id: ID,
    /// Why the patient comes: at most 1000 characters; null when that is not said any more.
    reason: MaybeUndefined<String>,
    /// The state the patient is in: a two-letter code or a name.
    state: MaybeUndefined<String>,
    /// The insurance of the visit, under any of the names that people write for it.
    insurance: MaybeUndefined<String>,
    /// The visit type; null when it is of none any more.
    visit_type_id: MaybeUndefined<ID>,
    /// The version of the appointment that you have seen: when it is at another, nothing is done.
    expected_version: Option<i32>,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl UpdateAppointmentInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<UpdateAppointment, Refusal> {
        let visit = which_visit(notes, self.id, self.expected_version, self.idempotency_key);
        let visit_type = self.visit_type_id.map_value(|id| AskedVisitType::of_id(&id));
        let raw = RawVisitUpdate {
            reason: change(self.reason),
            state: change(self.state),
            insurance: change(self.insurance),
            visit_type: change(visit_type),
        };
        UpdateAppointment::parse(visit, raw)
    }
}
