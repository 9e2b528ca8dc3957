//! From what a caller sent to what the domain understands.

use jiff::civil::Date;

use crate::access::{Actor, Forbidden, Permission};
use crate::domain::insurance::payer_key;
use crate::domain::name_and_address::Unacceptable;
use crate::domain::{
    BirthDate, EmailAddress, PatientId, PatientName, PhoneNumber, ProviderId, TimeZoneName, UsState,
};
use crate::request::{
    ExpectedVersion, Field, FieldChange, FieldReader, IdempotencyKey, Refusal, Violation,
    fingerprint, not_blank, parse_patient_id, parse_state,
};

/// A correction as a door received it.
#[derive(Default)]
pub struct RawPatientChange {
    /// Which patient.
    pub id: String,
    /// The name.
    pub name: FieldChange<String>,
    /// The e-mail address.
    pub email: FieldChange<String>,
    /// The telephone number.
    pub phone: FieldChange<String>,
    /// The day of birth.
    pub birth_date: FieldChange<Date>,
    /// The time zone.
    pub time_zone: FieldChange<String>,
    /// Whether they are reminded of their visits.
    pub reminders: FieldChange<bool>,
    /// The state they are in.
    pub state: FieldChange<String>,
    /// Their insurance.
    pub insurance: FieldChange<String>,
    /// The version that the caller has seen.
    pub expected: ExpectedVersion,
    /// The key that makes a retry safe.
    pub idempotency_key: Option<String>,
}

/// Correct what is known of a patient.
#[derive(Clone)]
pub struct UpdatePatient {
    /// Which.
    pub id: PatientId,
    /// The name, if it is another.
    pub name: Option<PatientName>,
    /// The e-mail address, if it is another.
    pub email: Option<EmailAddress>,
    /// The telephone number.
    pub phone: FieldChange<PhoneNumber>,
    /// The day of birth.
    pub birth_date: FieldChange<BirthDate>,
    /// The time zone.
    pub time_zone: FieldChange<TimeZoneName>,
    /// Whether they are reminded of their visits, if that changes.
    pub reminders: Option<bool>,
    /// The state they are in, if it is another.
    pub state: Option<UsState>,
    /// Their insurance in somebody's words, if it is another.
    pub insurance: Option<String>,
    /// The version that the caller has seen.
    pub expected: ExpectedVersion,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// What a field of a patient is called in this request.
pub(super) fn field(name: &str) -> Field {
    Field::Other(name.to_owned())
}

/// Reads one field of a correction.
fn read<R, T>(
    fields: &mut FieldReader,
    name: &str,
    raw: FieldChange<R>,
    parse: impl Fn(R) -> Result<T, Unacceptable>,
) -> FieldChange<T> {
    raw.map(|raw| fields.optional(field(name), Some(raw), parse))
}

impl UpdatePatient {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::UnknownState`], else [`Refusal::NotFound`] for a
    /// malformed id.
    pub fn parse(raw: RawPatientChange) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let name = fields.kept(field("name"), raw.name, |text| PatientName::parse(&text));
        let email = fields.kept(field("email"), raw.email, |text| EmailAddress::parse(&text));
        let phone = read(&mut fields, "phone", raw.phone, |text| PhoneNumber::parse(&text));
        let birth_date = read(&mut fields, "birthDate", raw.birth_date, BirthDate::parse);
        let time_zone =
            read(&mut fields, "timeZone", raw.time_zone, |text| TimeZoneName::parse(&text));
        let reminders = fields.kept(field("reminders"), raw.reminders, Ok::<_, Unacceptable>);
        let words = |text: String| not_blank(&text);
        let state = fields.kept(field("state"), raw.state, words);
        let insurance = fields.kept(field("insurance"), raw.insurance, words);
        let expected = fields.expected(raw.expected);
        let idempotency_key = fields.key(raw.idempotency_key.as_deref());
        fields.finish()?;
        let state = state.as_deref().map(parse_state).transpose()?;
        let id = parse_patient_id(&raw.id)?;
        let key = idempotency_key;
        Ok(Self {
            id,
            name,
            email,
            phone,
            birth_date,
            time_zone,
            reminders,
            state,
            insurance,
            expected,
            idempotency_key: key,
        })
    }

    /// Only whether that patient is reminded.
    pub fn of_reminders(id: PatientId, reminders: bool) -> Self {
        Self {
            id,
            name: None,
            email: None,
            phone: FieldChange::Stays,
            birth_date: FieldChange::Stays,
            time_zone: FieldChange::Stays,
            reminders: Some(reminders),
            state: None,
            insurance: None,
            expected: ExpectedVersion::default(),
            idempotency_key: None,
        }
    }

    /// Whether nothing else is to change, and nothing else is asked of it.
    fn is_of_reminders_alone(&self) -> bool {
        let stays = matches!(self.phone, FieldChange::Stays)
            && matches!(self.birth_date, FieldChange::Stays)
            && matches!(self.time_zone, FieldChange::Stays);
        let kept = self.name.is_none()
            && self.email.is_none()
            && self.state.is_none()
            && self.insurance.is_none();
        stays && kept
    }

    /// With which one provider the patient must have or have had a visit for `actor` to correct this; none where it may be
    /// anybody's. Whether they are reminded is for the patient to say too.
    pub(super) fn allowed_to(&self, actor: &Actor) -> Result<Option<ProviderId>, Forbidden> {
        if self.is_of_reminders_alone() {
            actor.remind(self.id)
        } else {
            actor.patients_for(Permission::UpdatePatients)
        }
    }

    /// Tells this request from others under one key.
    pub(super) fn fingerprint(&self) -> String {
        let mut parts = vec!["update patient".to_owned(), self.id.to_string()];
        let texts = [
            self.name.as_ref().map(|name| format!("name {}", name.as_str())),
            self.email.as_ref().map(|email| format!("email {}", email.as_str())),
            self.phone.told("phone", |phone| phone.as_str().to_owned()),
            self.birth_date.told("birth date", |birth| birth.day().to_string()),
            self.time_zone.told("time zone", |zone| zone.as_str().to_owned()),
            self.reminders.map(|reminders| format!("reminders {reminders}")),
            self.state.map(|state| format!("state {}", state.code())),
            self.insurance.as_ref().map(|name| format!("insurance {}", payer_key(name))),
            self.expected.fingerprint(),
        ];
        parts.extend(texts.into_iter().flatten());
        fingerprint(&parts)
    }
}

/// Make one patient of two.
#[derive(Clone)]
pub struct MergePatients {
    /// Who is kept.
    pub keep: PatientId,
    /// Whose visits become those of the kept one.
    pub merge: PatientId,
    /// The version of the kept one that the caller has seen.
    pub expected: ExpectedVersion,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl MergePatients {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(
        keep: &str,
        merge: &str,
        expected: ExpectedVersion,
        idempotency_key: Option<&str>,
    ) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        if keep == merge {
            let why = "must be another patient than keepId";
            fields.wrong(Violation::new(field("mergeId"), why));
        }
        let expected = fields.expected(expected);
        let idempotency_key = fields.key(idempotency_key);
        fields.finish()?;
        let (keep, merge) = (parse_patient_id(keep)?, parse_patient_id(merge)?);
        Ok(Self { keep, merge, expected, idempotency_key })
    }

    /// Tells this request from others under one key.
    pub(super) fn fingerprint(&self) -> String {
        let mut parts =
            vec!["merge patients".to_owned(), self.keep.to_string(), self.merge.to_string()];
        parts.extend(self.expected.fingerprint());
        fingerprint(&parts)
    }
}
