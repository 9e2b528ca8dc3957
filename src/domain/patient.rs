//! Patients: who they are, and when two descriptions mean one person.
//!
//! Nothing here implements `Display`, and `Debug` says nothing, so that a name cannot
//! slip into a log line or an error.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use super::folding::name_key;
use super::ids::{PatientId, PayerId};
use super::name_and_address::email_key;
use super::patient_clock::PatientClock;
use super::patient_details::{BirthDate, PatientDetails, PhoneNumber, TimeZoneName};
use super::us_state::UsState;

/// A patient, as the clinic knows them since their latest booking.
#[derive(Clone, PartialEq, Eq)]
pub struct Patient {
    /// Its identifier.
    pub id: PatientId,
    /// The name as it is shown.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The state the patient was in at the latest booking.
    pub state: UsState,
    /// The payer at the latest booking.
    pub payer_id: PayerId,
    /// The telephone number, if known.
    pub phone: Option<String>,
    /// The day of birth, if known.
    pub birth_date: Option<Date>,
    /// IANA name of the zone whose clock the patient lives by, if they said.
    pub time_zone: Option<String>,
    /// Whether they are reminded of their visits.
    pub reminders: bool,
    /// Counts the committed changes, from 1.
    pub version: i32,
    /// When they were booked for first.
    pub created_at: Timestamp,
}

impl Patient {
    /// The clock that they live by where they are for a visit.
    pub fn clock_in(&self, state: UsState) -> PatientClock {
        PatientClock::of(state, self.time_zone.as_deref())
    }

    /// Whether somebody of the same name and address may be this person, as far as birth dates tell:
    /// where both are known they agree.
    pub fn may_be(&self, details: &PatientDetails) -> bool {
        let given = details.birth_date.map(BirthDate::day);
        given.zip(self.birth_date).is_none_or(|(given, known)| given == known)
    }

    /// Somebody who is booked for the first time.
    pub fn new(
        details: &PatientDetails,
        state: UsState,
        payer_id: PayerId,
        now: Timestamp,
    ) -> Self {
        Self {
            id: PatientId::generate(now),
            name: details.name.as_str().to_owned(),
            email: details.email.as_str().to_owned(),
            state,
            payer_id,
            phone: details.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            birth_date: details.birth_date.map(BirthDate::day),
            time_zone: details.time_zone.as_ref().map(|zone| zone.as_str().to_owned()),
            reminders: true,
            version: 1,
            created_at: now,
        }
    }

    /// The patient as a further booking describes them: the newest spelling of the same name and
    /// address, and what was not known. Unchanged where nothing is new.
    pub fn booked_again(
        &self,
        details: Option<&PatientDetails>,
        state: UsState,
        payer_id: PayerId,
    ) -> Self {
        let mut after = Self { state, payer_id, ..self.clone() };
        if let Some(PatientDetails { name, email, phone, birth_date, time_zone }) = details {
            // Whoever was merged into another may be booked for under the name of before.
            if name_key(name.as_str()) == name_key(&self.name) {
                name.as_str().clone_into(&mut after.name);
            }
            if email.key() == email_key(&self.email) {
                email.as_str().clone_into(&mut after.email);
            }
            let text = |given: Option<&str>, known: &mut Option<String>| {
                if let Some(given) = given {
                    *known = Some(given.to_owned());
                }
            };
            text(phone.as_ref().map(PhoneNumber::as_str), &mut after.phone);
            text(time_zone.as_ref().map(TimeZoneName::as_str), &mut after.time_zone);
            after.birth_date = birth_date.map(BirthDate::day).or(self.birth_date);
        }
        if after == *self { after } else { Self { version: self.version + 1, ..after } }
    }

    /// The patient with what is known of another, who is the same person. `later` says that the other
    /// was booked for last: state and insurance are theirs then.
    pub fn with(&self, other: &Self, later: bool) -> Self {
        let last = if later { other } else { self };
        Self {
            phone: self.phone.clone().or_else(|| other.phone.clone()),
            birth_date: self.birth_date.or(other.birth_date),
            time_zone: self.time_zone.clone().or_else(|| other.time_zone.clone()),
            state: last.state,
            payer_id: last.payer_id,
            created_at: self.created_at.min(other.created_at),
            version: self.version + 1,
            ..self.clone()
        }
    }
}

impl fmt::Debug for Patient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Patient({})", self.id)
    }
}
