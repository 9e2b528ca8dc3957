//! What the mutations of patients take and answer.

use async_graphql::{ID, InputObject, MaybeUndefined, SimpleObject};

use super::booking_error::BookingErrorObject;
use super::date::Date;
use super::patient::PatientObject;
use crate::access::Actor;
use crate::graphql::error::ApiError;
use crate::graphql::notes::Notes;
use crate::patients::command::RawPatientChange;
use crate::patients::{MergePatients, PatientOutcome, UpdatePatient};
use crate::request::{ErrorCode, ExpectedVersion, FieldChange, Refusal};

/// What is known of a patient, corrected. What is left out stays.
#[derive(InputObject)]
pub(in crate::graphql) struct UpdatePatientInput {
    /// The patient.
    id: ID,
    /// The name: 1 to 200 characters.
    name: MaybeUndefined<String>,
    /// The e-mail address.
    email: MaybeUndefined<String>,
    /// The telephone number; null when none is known any more.
    phone: MaybeUndefined<String>,
    /// The day of birth; null when it is not known any more.
    birth_date: MaybeUndefined<Date>,
    /// IANA name of the zone whose clock the patient lives by; null for that of the state.
    time_zone: MaybeUndefined<String>,
    /// Whether the patient is reminded of visits.
    reminders: MaybeUndefined<bool>,
    /// The state the patient is in: a two-letter code or a name. Visits that are booked stay as they
    /// are.
    state: MaybeUndefined<String>,
    /// The patient's insurance, under any of the names that people write for it. Visits that are
    /// booked stay as they are.
    insurance: MaybeUndefined<String>,
    /// The version of the patient that you have seen: when it is at another, nothing is done.
    expected_version: Option<i32>,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

pub(in crate::graphql::types) fn change<T>(given: MaybeUndefined<T>) -> FieldChange<T> {
    match given {
        MaybeUndefined::Undefined => FieldChange::Stays,
        MaybeUndefined::Null => FieldChange::Cleared,
        MaybeUndefined::Value(value) => FieldChange::Is(value),
    }
}

impl UpdatePatientInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<UpdatePatient, Refusal> {
        UpdatePatient::parse(RawPatientChange {
            id: self.id.0,
            name: change(self.name),
            email: change(self.email),
            phone: change(self.phone),
            birth_date: change(self.birth_date.map_value(|date| date.0)),
            time_zone: change(self.time_zone),
            reminders: change(self.reminders),
            state: change(self.state),
            insurance: change(self.insurance),
            expected: ExpectedVersion::of_field(self.expected_version.map(i64::from)),
            idempotency_key: notes.key(self.idempotency_key),
        })
    }
}

/// Two patients who are one person.
#[derive(InputObject)]
pub(in crate::graphql) struct MergePatientsInput {
    /// The patient who is kept.
    keep_id: ID,
    /// The patient whose visits become those of the kept one.
    merge_id: ID,
    /// The version of the kept patient that you have seen: when it is at another, nothing is done.
    expected_version: Option<i32>,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl MergePatientsInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<MergePatients, Refusal> {
        let expected = ExpectedVersion::of_field(self.expected_version.map(i64::from));
        let key = notes.key(self.idempotency_key);
        MergePatients::parse(&self.keep_id, &self.merge_id, expected, key.as_deref())
    }
}

macro_rules! payload {
    ($name:ident, $doc:literal, $patient:literal) => {
        #[doc = $doc]
        #[derive(SimpleObject)]
        pub(in crate::graphql) struct $name {
            #[doc = $patient]
            patient: Option<PatientObject>,
            /// Why it was not done, or null when it was.
            error: Option<BookingErrorObject>,
        }

        impl $name {
            pub(in crate::graphql) fn of(
                actor: &Actor,
                result: Result<PatientOutcome, Refusal>,
            ) -> Result<Self, ApiError> {
                match result {
                    Ok(outcome) => {
                        let patient = PatientObject::shown(actor, outcome.patient);
                        Ok(Self { patient: Some(patient), error: None })
                    }
                    // A bug is not something that a client can plan for.
                    Err(error) if error.code() == ErrorCode::Internal => Err(error.into()),
                    Err(error) => {
                        if let Refusal::Store(cause) = &error {
                            tracing::error!(%cause, "A mutation could not be carried out");
                        }
                        Ok(Self { patient: None, error: Some(error.into()) })
                    }
                }
            }
        }
    };
}

payload!(
    UpdatePatientPayload,
    "What `updatePatient` answers.",
    "The patient as they are known now."
);
payload!(
    MergePatientsPayload,
    "What `mergePatients` answers.",
    "The patient who was kept, with the visits of both."
);
