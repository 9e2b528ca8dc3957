//! From what a caller sent to what is to be held or released, once, for both doors.

use jiff::Timestamp;

use crate::domain::insurance::payer_key;
use crate::domain::{HoldLength, ProviderId, UsState};
use crate::request::{
    AskedVisitType, Field, FieldReader, HoldToken, IdempotencyKey, Refusal, Violation, When,
    asked_provider_id, fingerprint, not_blank, parse_state,
};
use crate::search::AvailabilityQuery;

/// A time to hold, as a door received it.
#[derive(Debug, Default)]
pub struct RawHold {
    /// Whose time.
    pub provider_id: Option<String>,
    /// The state of the patient.
    pub state: Option<String>,
    /// The patient's insurance.
    pub insurance: Option<String>,
    /// The start asked for.
    pub starts_at: Option<Timestamp>,
    /// The earliest start.
    pub after: Option<Timestamp>,
    /// The length of the visit in minutes.
    pub duration_minutes: Option<i64>,
    /// What kind of visit.
    pub visit_type: Option<AskedVisitType>,
    /// For how many minutes.
    pub minutes: Option<i64>,
    /// The key that makes a retry safe.
    pub idempotency_key: Option<String>,
    /// What the door itself found wrong.
    pub violations: Vec<Violation>,
}

/// Hold a time.
#[derive(Debug, Clone)]
pub struct HoldSlot {
    /// Whose time, how long, and for what kind of visit.
    pub query: AvailabilityQuery,
    /// When.
    pub when: When,
    /// For how long.
    pub length: HoldLength,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl HoldSlot {
    /// Reads what a door received: a provider, or a state with an insurance, or all three.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] with everything that is not acceptable, else [`Refusal::UnknownState`].
    pub fn parse(raw: RawHold) -> Result<Self, Refusal> {
        let mut fields = FieldReader::after(raw.violations);
        let when = fields.when(raw.starts_at, raw.after);
        let visit_length = fields.length(raw.duration_minutes);
        let length = fields.optional(Field::HoldMinutes, raw.minutes, HoldLength::from_minutes);
        let state = fields.optional(Field::VisitState, raw.state.as_deref(), not_blank);
        let insurance = fields.optional(Field::VisitInsurance, raw.insurance.as_deref(), not_blank);
        let missing = match (&raw.state, &raw.insurance) {
            (Some(_), None) => Some((Field::VisitInsurance, "goes together with the state")),
            (None, Some(_)) => Some((Field::VisitState, "goes together with the insurance")),
            (None, None) if raw.provider_id.is_none() => {
                let why = "is required, with the insurance, where no provider is given";
                Some((Field::VisitState, why))
            }
            _ => None,
        };
        if let Some((field, why)) = missing {
            fields.required(field, Some(why), Err::<(), _>);
        }
        let idempotency_key = fields.key(raw.idempotency_key.as_deref());
        fields.finish()?;
        let patient = match state.zip(insurance) {
            Some((state, insurance)) => Some((parse_state(&state)?, insurance)),
            None => None,
        };
        let query = AvailabilityQuery {
            provider_id: raw.provider_id.as_deref().map(asked_provider_id),
            patient,
            length: visit_length,
            visit_type: raw.visit_type,
            instead_of: None,
        };
        Ok(Self { query, when, length: length.unwrap_or_default(), idempotency_key })
    }

    /// The state of the patient, where it is told.
    pub fn state(&self) -> Option<UsState> {
        self.query.patient.as_ref().map(|(state, _)| *state)
    }

    /// The same of one provider alone.
    pub(super) fn with(&self, provider_id: ProviderId) -> Self {
        let query = AvailabilityQuery { provider_id: Some(provider_id), ..self.query.clone() };
        Self { query, ..self.clone() }
    }

    /// Tells this request from others under one key; defaults taken from the clock are not in it.
    pub fn fingerprint(&self) -> String {
        let AvailabilityQuery { provider_id, patient, length, visit_type, .. } = &self.query;
        let when = match self.when {
            When::At(time) => format!("at {time}"),
            When::From(after) => {
                format!("from {}", after.map(|time| time.to_string()).unwrap_or_default())
            }
        };
        let patient = patient.as_ref();
        fingerprint(&[
            "hold".to_owned(),
            provider_id.map(|id| id.to_string()).unwrap_or_default(),
            patient.map(|(state, _)| state.code().to_owned()).unwrap_or_default(),
            patient.map(|(_, insurance)| payer_key(insurance)).unwrap_or_default(),
            when,
            length.map(|length| length.minutes().to_string()).unwrap_or_default(),
            visit_type.as_ref().map(AskedVisitType::fingerprint).unwrap_or_default(),
            self.length.minutes().to_string(),
        ])
    }
}

/// Release what is held.
#[derive(Debug, Clone)]
pub struct ReleaseHold {
    /// By which token.
    pub token: HoldToken,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl ReleaseHold {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`].
    pub fn parse(
        token: &str,
        idempotency_key: Option<&str>,
        violations: Vec<Violation>,
    ) -> Result<Self, Refusal> {
        let mut fields = FieldReader::after(violations);
        let idempotency_key = fields.key(idempotency_key);
        fields.finish()?;
        Ok(Self { token: HoldToken::shown(token), idempotency_key })
    }

    /// Tells this request from others under one key.
    pub fn fingerprint(&self) -> String {
        fingerprint(&["release", &self.token.fingerprint()])
    }
}
