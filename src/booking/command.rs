//! From what a caller sent to what the domain understands, once, for both doors.
//!
//! Past this file no text stands for a state, a time or an id. Every field that is not acceptable
//! is named, all of them together.

mod who;

pub use who::WhoIsSeen;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::insurance::payer_key;
use crate::domain::{
    AppointmentId, BirthDate, EmailAddress, PatientDetails, PatientName, PhoneNumber, ProviderId,
    TimeZoneName, UsState, VisitLength,
};
use crate::request::{
    ExpectedVersion, Field, FieldReader, IdempotencyKey, Refusal, Violation, When,
    asked_provider_id, fingerprint, not_blank, parse_appointment_id, parse_state, whole_minute,
};

/// A booking as a door received it.
#[derive(Default)]
pub struct RawBooking {
    /// Whether the patient is described.
    pub describes_patient: bool,
    /// The id of a patient who is known.
    pub patient_id: Option<String>,
    /// The state that a known patient is in this time.
    pub visit_state: Option<String>,
    /// The insurance that a known patient has this time.
    pub visit_insurance: Option<String>,
    /// The patient's name.
    pub name: Option<String>,
    /// The patient's e-mail address.
    pub email: Option<String>,
    /// The patient's telephone number.
    pub phone: Option<String>,
    /// The day the patient was born.
    pub birth_date: Option<Date>,
    /// IANA name of the zone whose clock the patient lives by.
    pub time_zone: Option<String>,
    /// The state the patient is in.
    pub state: Option<String>,
    /// The patient's insurance.
    pub insurance: Option<String>,
    /// The provider asked for.
    pub provider_id: Option<String>,
    /// The start asked for.
    pub starts_at: Option<Timestamp>,
    /// The earliest start.
    pub after: Option<Timestamp>,
    /// The length in minutes.
    pub duration_minutes: Option<i64>,
    /// Why the patient comes.
    pub reason: Option<String>,
    /// The key that makes a retry safe.
    pub idempotency_key: Option<String>,
    /// What the door itself found wrong.
    pub violations: Vec<Violation>,
}

/// Book a visit.
#[derive(Clone)]
pub struct BookAppointment {
    /// Who is to be seen.
    pub patient: WhoIsSeen,
    /// The state the patient is in; where they were last unless given.
    pub state: Option<UsState>,
    /// The patient's insurance, in the patient's words; the last one unless given.
    pub insurance: Option<String>,
    /// The provider asked for, or any.
    pub provider_id: Option<ProviderId>,
    /// When.
    pub when: When,
    /// How long.
    pub length: VisitLength,
    /// Why the patient comes.
    pub reason: Option<String>,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl BookAppointment {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] with every field that is not acceptable, else
    /// [`Refusal::UnknownState`].
    pub fn parse(mut raw: RawBooking) -> Result<Self, Refusal> {
        let mut fields = FieldReader::after(std::mem::take(&mut raw.violations));
        let patient = match &raw.patient_id {
            Some(_) => Some(known_patient(&mut fields, &raw)),
            None => described_patient(&mut fields, &raw),
        };
        let length = fields.length(raw.duration_minutes);
        let reason = fields.reason(raw.reason.as_deref());
        let when = fields.when(raw.starts_at, raw.after);
        let idempotency_key = fields.key(raw.idempotency_key.as_deref());
        fields.finish()?;
        let Some((patient, state, insurance)) = patient else {
            return Err(Refusal::bug("a field is missing and was not named"));
        };
        Ok(Self {
            patient: match patient {
                Some(details) => WhoIsSeen::Described(details),
                None => WhoIsSeen::asked_for(raw.patient_id.as_deref()),
            },
            state: state.as_deref().map(parse_state).transpose()?,
            insurance,
            provider_id: raw.provider_id.as_deref().map(asked_provider_id),
            when,
            length: length.unwrap_or(VisitLength::DEFAULT),
            reason,
            idempotency_key,
        })
    }

    /// Tells this request from others under one key; defaults taken from the clock are not in it.
    pub fn fingerprint(&self) -> String {
        let when = match self.when {
            When::At(time) => format!("at {time}"),
            When::From(after) => {
                format!("from {}", after.map(|time| time.to_string()).unwrap_or_default())
            }
        };
        let insurance = self.insurance.as_deref().map(payer_key);
        let state = self.state.map(|state| state.code().to_owned());
        let mut parts = vec!["book".to_owned()];
        match &self.patient {
            WhoIsSeen::Described(PatientDetails { name, email, .. }) => {
                parts.extend([name.key(), email.key()]);
            }
            // No name is empty.
            WhoIsSeen::Known(id) => parts.extend([String::new(), id.to_string()]),
        }
        parts.extend([
            state.unwrap_or_default(),
            insurance.unwrap_or_default(),
            self.provider_id.map(|id| id.to_string()).unwrap_or_default(),
            when,
            self.length.minutes().to_string(),
            self.reason.clone().unwrap_or_default(),
        ]);
        if let WhoIsSeen::Described(PatientDetails { phone, birth_date, time_zone, .. }) =
            &self.patient
        {
            // Only where it was given: a request of before has the fingerprint that it had.
            let phone = phone.as_ref().map(|phone| format!("phone {}", phone.as_str()));
            let birth_date = birth_date.map(|birth| format!("birth date {}", birth.day()));
            let time_zone = time_zone.as_ref().map(|zone| format!("time zone {}", zone.as_str()));
            parts.extend([phone, birth_date, time_zone].into_iter().flatten());
        }
        fingerprint(&parts)
    }
}

/// Who is described, if so, with state and insurance.
type ReadPatient = (Option<PatientDetails>, Option<String>, Option<String>);

fn described_patient(fields: &mut FieldReader, raw: &RawBooking) -> Option<ReadPatient> {
    let of_known = [
        (Field::VisitState, raw.visit_state.is_some()),
        (Field::VisitInsurance, raw.visit_insurance.is_some()),
    ];
    for (field, _) in of_known.into_iter().filter(|(_, given)| *given) {
        fields.wrong(Violation::new(
            field,
            "goes with a patient's id; whoever is described has it with them",
        ));
    }
    if !raw.describes_patient {
        fields.required(Field::Patient, None::<&str>, |_| Err::<(), _>("is required"));
    }
    let name = fields.required(Field::PatientName, raw.name.as_deref(), PatientName::parse);
    let email = fields.required(Field::PatientEmail, raw.email.as_deref(), EmailAddress::parse);
    let phone = fields.optional(Field::PatientPhone, raw.phone.as_deref(), PhoneNumber::parse);
    let birth_date = fields.optional(Field::PatientBirthDate, raw.birth_date, BirthDate::parse);
    let time_zone =
        fields.optional(Field::PatientTimeZone, raw.time_zone.as_deref(), TimeZoneName::parse);
    let state = fields.required(Field::PatientState, raw.state.as_deref(), not_blank);
    let insurance = fields.required(Field::PatientInsurance, raw.insurance.as_deref(), not_blank);
    let details = PatientDetails { name: name?, email: email?, phone, birth_date, time_zone };
    Some((Some(details), Some(state?), Some(insurance?)))
}

fn known_patient(fields: &mut FieldReader, raw: &RawBooking) -> ReadPatient {
    if raw.describes_patient {
        let why = "must not come together with a patient's description";
        fields.wrong(Violation::new(Field::PatientId, why));
    }
    let state = fields.optional(Field::VisitState, raw.visit_state.as_deref(), not_blank);
    let insurance =
        fields.optional(Field::VisitInsurance, raw.visit_insurance.as_deref(), not_blank);
    (None, state, insurance)
}

/// Cancel a visit.
#[derive(Debug, Clone)]
pub struct CancelAppointment {
    /// Which.
    pub id: AppointmentId,
    /// Why.
    pub reason: Option<String>,
    /// The version that the caller has seen.
    pub expected: ExpectedVersion,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl CancelAppointment {
    /// Reads what a door received, after what the door itself found wrong.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(
        id: &str,
        reason: Option<&str>,
        expected: ExpectedVersion,
        idempotency_key: Option<&str>,
        violations: Vec<Violation>,
    ) -> Result<Self, Refusal> {
        let mut fields = FieldReader::after(violations);
        let reason = fields.reason(reason);
        let expected = fields.expected(expected);
        let idempotency_key = fields.key(idempotency_key);
        fields.finish()?;
        Ok(Self { id: parse_appointment_id(id)?, reason, expected, idempotency_key })
    }

    /// Tells this request from others under one key.
    pub fn fingerprint(&self) -> String {
        let reason = self.reason.clone().unwrap_or_default();
        let mut parts = vec!["cancel".to_owned(), self.id.to_string(), reason];
        parts.extend(self.expected.fingerprint());
        fingerprint(&parts)
    }
}

/// Move a visit to another time.
#[derive(Debug, Clone)]
pub struct RescheduleAppointment {
    /// Which.
    pub id: AppointmentId,
    /// The new start.
    pub starts_at: Timestamp,
    /// The new length; as it was when not given.
    pub length: Option<VisitLength>,
    /// The version that the caller has seen.
    pub expected: ExpectedVersion,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl RescheduleAppointment {
    /// Reads what a door received, after what the door itself found wrong.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(
        id: &str,
        starts_at: Option<Timestamp>,
        duration_minutes: Option<i64>,
        expected: ExpectedVersion,
        idempotency_key: Option<&str>,
        violations: Vec<Violation>,
    ) -> Result<Self, Refusal> {
        let mut fields = FieldReader::after(violations);
        let starts_at = fields.required(Field::StartsAt, starts_at, whole_minute);
        let length = fields.length(duration_minutes);
        let expected = fields.expected(expected);
        let idempotency_key = fields.key(idempotency_key);
        fields.finish()?;
        let Some(starts_at) = starts_at else {
            return Err(Refusal::bug("a field is missing and was not named"));
        };
        Ok(Self { id: parse_appointment_id(id)?, starts_at, length, expected, idempotency_key })
    }

    /// Tells this request from others under one key.
    pub fn fingerprint(&self) -> String {
        let length = self.length.map(|length| length.minutes().to_string()).unwrap_or_default();
        let (id, starts_at) = (self.id.to_string(), self.starts_at.to_string());
        let mut parts = vec!["reschedule".to_owned(), id, starts_at, length];
        parts.extend(self.expected.fingerprint());
        fingerprint(&parts)
    }
}

#[cfg(test)]
mod tests;
