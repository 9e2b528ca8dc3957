//! The waitlist: what its mutations take and answer.

use async_graphql::{ID, InputObject, SimpleObject};

use super::access_change::refused;
use super::booking_error::BookingErrorObject;
use super::input::PatientInput;
use super::instant::DateTime;
use super::slot::asked_visit_type;
use super::waitlist::WaitlistEntryObject;
use super::working_hours::Weekday;
use crate::booking::command::RawWaiting;
use crate::booking::{JoinWaitlist, WaitlistOutcome, WhichEntry};
use crate::graphql::error::ApiError;
use crate::graphql::notes::Notes;
use crate::request::{ExpectedVersion, Refusal};

/// A patient who is to wait for a time: for a new visit, or for another time of the visit `insteadOf`.
#[derive(InputObject)]
pub(in crate::graphql) struct JoinWaitlistInput {
    /// Who waits, as they describe themselves. Either this, `patientId` or `insteadOf`.
    patient: Option<PatientInput>,
    /// Who waits: a patient who is known. Either this or `patient`.
    patient_id: Option<ID>,
    /// Goes with `patientId`: the state the patient is in; the last one unless given.
    state: Option<String>,
    /// Goes with `patientId`: the insurance of the visit; the last one unless given.
    insurance: Option<String>,
    /// With whom; anybody who may treat the patient unless given.
    provider_id: Option<ID>,
    /// Length of the visit: 5 to 480 whole minutes; as its visit type says unless given, else 30. Where a visit moves,
    /// as long as that one.
    duration_minutes: Option<i32>,
    /// The visit type: who offers it is considered, and its buffers count where they are the larger ones. Not together with
    /// `insteadOf`.
    visit_type_id: Option<ID>,
    /// The earliest start that will do; now unless given.
    earliest: Option<DateTime>,
    /// The latest start that will do. Unless given: before the start of the visit that is to move, else as far ahead as visits
    /// can be booked now.
    latest: Option<DateTime>,
    /// On which days of the week a visit may start, on the patient's clock; on all unless given.
    weekdays: Option<Vec<Weekday>>,
    /// The earliest start of a day on the patient's clock, `HH:MM`. Nothing is offered outside the hours at which the clinic
    /// offers visits (`patientEarliest` and `patientLatest` of its rules), whatever is asked for.
    local_from: Option<String>,
    /// Before when a visit must start on a day, on the patient's clock, `HH:MM`; at most `24:00`.
    local_until: Option<String>,
    /// The visit that moves to the time that is found. It stays as it is until an offer is accepted; patient, state,
    /// insurance and visit type are its own.
    instead_of: Option<ID>,
    /// Makes a retry safe: the same key answers the same entry. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl JoinWaitlistInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<JoinWaitlist, Refusal> {
        let mut booking = self.patient.map(PatientInput::booking).unwrap_or_default();
        booking.patient_id = self.patient_id.map(|id| id.0);
        booking.visit_state = self.state;
        booking.visit_insurance = self.insurance;
        booking.provider_id = self.provider_id.map(|id| id.0);
        booking.duration_minutes = self.duration_minutes.map(i64::from);
        booking.visit_type = asked_visit_type(self.visit_type_id);
        booking.idempotency_key = notes.key(self.idempotency_key);
        JoinWaitlist::parse(RawWaiting {
            booking,
            earliest: self.earliest.map(|time| time.0),
            latest: self.latest.map(|time| time.0),
            weekdays: self.weekdays.map(|days| days.into_iter().map(Into::into).collect()),
            local_from: self.local_from,
            local_until: self.local_until,
            instead_of: self.instead_of.map(|id| id.0),
        })
    }
}

macro_rules! which_entry {
    ($($(#[$doc:meta])* $input:ident)*) => {
        $($(#[$doc])*
        #[derive(InputObject)]
        pub(in crate::graphql) struct $input {
            /// The entry of the waitlist.
            id: ID,
            /// The version of the entry that you have seen: when it is at another, nothing is done.
            expected_version: Option<i32>,
            /// Makes a retry safe. 1 to 255 visible ASCII characters.
            idempotency_key: Option<String>,
        }

        impl $input {
            pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<WhichEntry, Refusal> {
                let expected = ExpectedVersion::of_field(self.expected_version.map(i64::from));
                let key = notes.key(self.idempotency_key);
                WhichEntry::parse(&self.id, expected, key.as_deref())
            }
        })*
    };
}
which_entry! {
    /// A patient who is to wait no more.
    LeaveWaitlistInput
}

macro_rules! entry_payload {
    ($($name:ident $doc:literal $entry:literal)*) => {
        $(#[doc = $doc]
        #[derive(SimpleObject)]
        pub(in crate::graphql) struct $name {
            #[doc = $entry]
            entry: Option<WaitlistEntryObject>,
            /// Why it was not done, or null when it was.
            error: Option<BookingErrorObject>,
        }

        impl $name {
            pub(in crate::graphql) fn of(
                result: Result<WaitlistOutcome, Refusal>,
            ) -> Result<Self, ApiError> {
                match result {
                    Ok(outcome) => {
                        Ok(Self { entry: Some(WaitlistEntryObject(outcome.entry)), error: None })
                    }
                    Err(error) => Ok(Self { entry: None, error: Some(refused(error)?) }),
                }
            }
        })*
    };
}
entry_payload! {
    JoinWaitlistPayload
        "What `joinWaitlist` answers."
        "The entry: OFFERED at once where something is free, else WAITING."
    LeaveWaitlistPayload
        "What `leaveWaitlist` answers."
        "The entry: LEFT, or as it was where it was over before."
    DeclineOfferPayload
        "What `declineOffer` answers."
        "The entry, which waits again."
}
