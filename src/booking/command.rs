//! From what a caller sent to what the domain understands, once, for both doors.
//!
//! Past this file no text stands for a state, a time or an id. Every field that is not acceptable
//! is named, all of them together.

use std::borrow::Cow;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::check::{Check, not_blank, whole_minute};
use super::error::{BookingError, Resource};
use crate::domain::insurance::payer_key;
use crate::domain::{
    AppointmentId, EmailAddress, PatientId, PatientName, ProviderId, TimeSlot, UsState, VisitLength,
};

/// A field of a request; each door spells it in its own way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// The patient, as a whole.
    Patient,
    /// The patient's name.
    PatientName,
    /// The patient's e-mail address.
    PatientEmail,
    /// The state the patient is in.
    PatientState,
    /// The patient's insurance.
    PatientInsurance,
    /// The provider asked for.
    ProviderId,
    /// The start asked for.
    StartsAt,
    /// The earliest start.
    After,
    /// The length of the visit.
    DurationMinutes,
    /// Why the patient comes, or why a visit is cancelled.
    Reason,
    /// The key that makes a retry safe.
    IdempotencyKey,
    /// A field of one door only, as it is spelt there.
    Other(String),
}

/// A field that is not acceptable, and what would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which field.
    pub field: Field,
    /// What is wrong with it and what is acceptable, for people; never repeats what was sent.
    pub message: Cow<'static, str>,
}

impl Violation {
    /// A violation.
    pub fn new(field: Field, message: impl Into<Cow<'static, str>>) -> Self {
        Self { field, message: message.into() }
    }
}

/// Makes a retry safe: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        // The header draft sends a quoted string; the key is what is inside.
        let key = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        (visible && (1..=255).contains(&key.len())).then(|| Self(key.to_owned()))
    }
}

/// When the visit shall be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At exactly this time.
    At(Timestamp),
    /// At the first free time from this moment on, or from now on.
    From(Option<Timestamp>),
}

/// A booking as a door received it.
#[derive(Default)]
pub struct RawBooking {
    /// The patient's name.
    pub name: Option<String>,
    /// The patient's e-mail address.
    pub email: Option<String>,
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
    /// The patient's name.
    pub name: PatientName,
    /// The patient's e-mail address.
    pub email: EmailAddress,
    /// The state the patient is in.
    pub state: UsState,
    /// The patient's insurance, in the patient's words.
    pub insurance: String,
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
    /// [`BookingError::Invalid`] with every field that is not acceptable, else
    /// [`BookingError::UnknownState`].
    pub fn parse(raw: RawBooking) -> Result<Self, BookingError> {
        let mut check = Check { violations: raw.violations };
        let name = check.required(Field::PatientName, raw.name.as_deref(), PatientName::parse);
        let email = check.required(Field::PatientEmail, raw.email.as_deref(), EmailAddress::parse);
        let state = check.required(Field::PatientState, raw.state.as_deref(), not_blank);
        let insurance =
            check.required(Field::PatientInsurance, raw.insurance.as_deref(), not_blank);
        let length = check.length(raw.duration_minutes);
        let reason = check.reason(raw.reason.as_deref());
        let when = check.when(raw.starts_at, raw.after);
        let idempotency_key = check.key(raw.idempotency_key.as_deref());
        let (Some(name), Some(email), Some(state), Some(insurance), []) =
            (name, email, state, insurance, check.violations.as_slice())
        else {
            return Err(BookingError::Invalid(check.violations));
        };
        Ok(Self {
            name,
            email,
            state: parse_state(&state)?,
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
        fingerprint(&[
            "book",
            &self.name.key(),
            &self.email.key(),
            self.state.code(),
            &payer_key(&self.insurance),
            &self.provider_id.map(|id| id.to_string()).unwrap_or_default(),
            &match self.when {
                When::At(time) => format!("at {time}"),
                When::From(after) => {
                    format!("from {}", after.map(|time| time.to_string()).unwrap_or_default())
                }
            },
            &self.length.minutes().to_string(),
            self.reason.as_deref().unwrap_or_default(),
        ])
    }
}

/// Cancel a visit.
#[derive(Debug, Clone)]
pub struct CancelAppointment {
    /// Which.
    pub id: AppointmentId,
    /// Why.
    pub reason: Option<String>,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl CancelAppointment {
    /// Reads what a door received, after what the door itself found wrong.
    ///
    /// # Errors
    ///
    /// [`BookingError::Invalid`], else [`BookingError::NotFound`] for a malformed id.
    pub fn parse(
        id: &str,
        reason: Option<&str>,
        idempotency_key: Option<&str>,
        violations: Vec<Violation>,
    ) -> Result<Self, BookingError> {
        let mut check = Check { violations };
        let reason = check.reason(reason);
        let idempotency_key = check.key(idempotency_key);
        check.finish()?;
        Ok(Self { id: parse_appointment_id(id)?, reason, idempotency_key })
    }

    /// Tells this request from others under one key.
    pub fn fingerprint(&self) -> String {
        fingerprint(&["cancel", &self.id.to_string(), self.reason.as_deref().unwrap_or_default()])
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
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl RescheduleAppointment {
    /// Reads what a door received, after what the door itself found wrong.
    ///
    /// # Errors
    ///
    /// [`BookingError::Invalid`], else [`BookingError::NotFound`] for a malformed id.
    pub fn parse(
        id: &str,
        starts_at: Option<Timestamp>,
        duration_minutes: Option<i64>,
        idempotency_key: Option<&str>,
        violations: Vec<Violation>,
    ) -> Result<Self, BookingError> {
        let mut check = Check { violations };
        let starts_at = check.required(Field::StartsAt, starts_at, whole_minute);
        let length = check.length(duration_minutes);
        let idempotency_key = check.key(idempotency_key);
        let (Some(starts_at), []) = (starts_at, check.violations.as_slice()) else {
            return Err(BookingError::Invalid(check.violations));
        };
        Ok(Self { id: parse_appointment_id(id)?, starts_at, length, idempotency_key })
    }

    /// Tells this request from others under one key.
    pub fn fingerprint(&self) -> String {
        let length = self.length.map(|length| length.minutes().to_string()).unwrap_or_default();
        fingerprint(&["reschedule", &self.id.to_string(), &self.starts_at.to_string(), &length])
    }
}

/// Reads a US state by code or name.
///
/// # Errors
///
/// [`BookingError::UnknownState`], with suggestions.
pub fn parse_state(text: &str) -> Result<UsState, BookingError> {
    UsState::parse(text)
        .map_err(|unknown| BookingError::UnknownState { suggestions: unknown.suggestions })
}

/// The provider asked for. A malformed id names nobody, and is told so in its turn: after a state
/// or an insurance that is not known.
pub(super) fn asked_provider_id(text: &str) -> ProviderId {
    text.parse().unwrap_or(ProviderId::NOBODY)
}

/// Reads a provider's id.
///
/// # Errors
///
/// [`BookingError::NotFound`]: what is not an id names nobody.
pub fn parse_provider_id(text: &str) -> Result<ProviderId, BookingError> {
    text.parse().map_err(|_malformed| BookingError::NotFound(Resource::Provider))
}

/// Reads a patient's id.
///
/// # Errors
///
/// [`BookingError::NotFound`]: what is not an id names nobody.
pub fn parse_patient_id(text: &str) -> Result<PatientId, BookingError> {
    text.parse().map_err(|_malformed| BookingError::NotFound(Resource::Patient))
}

/// Reads an appointment's id.
///
/// # Errors
///
/// [`BookingError::NotFound`]: what is not an id names nothing.
pub fn parse_appointment_id(text: &str) -> Result<AppointmentId, BookingError> {
    text.parse().map_err(|_malformed| BookingError::NotFound(Resource::Appointment))
}

/// Reads the length of a visit, 30 minutes unless told.
///
/// # Errors
///
/// [`BookingError::Invalid`].
pub fn parse_length(minutes: Option<i64>) -> Result<VisitLength, BookingError> {
    let mut check = Check { violations: Vec::new() };
    let length = check.length(minutes);
    check.finish()?;
    Ok(length.unwrap_or(VisitLength::DEFAULT))
}

/// Reads a window `[from, to)`.
///
/// # Errors
///
/// [`BookingError::Invalid`] unless it ends after it begins.
pub fn parse_window(from: Timestamp, to: Timestamp) -> Result<TimeSlot, BookingError> {
    TimeSlot::new(from, to).map_err(|_empty| {
        BookingError::Invalid(vec![Violation::new(
            Field::Other("to".to_owned()),
            "must be after from",
        )])
    })
}

fn fingerprint(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        // The length keeps ("ab", "c") apart from ("a", "bc").
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
