//! Fields as the REST door spells them, and query parameters.

use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::Timestamp;

use super::problem::Problem;
use crate::booking::{BookingError, ErrorCode, Field, Violation};
use crate::domain::time_slot::parse_rfc3339;

/// What an instant has to look like.
pub(super) const INSTANT_EXPECTED: &str =
    "must be an RFC 3339 instant such as 2027-01-15T14:30:00Z";

/// A field of a body as a JSON pointer; a query parameter by its name.
pub(super) fn rest_pointer(field: &Field) -> String {
    match field {
        Field::Patient => "/patient",
        Field::PatientName => "/patient/name",
        Field::PatientEmail => "/patient/email",
        Field::PatientState => "/patient/state",
        Field::PatientInsurance => "/patient/insurance",
        Field::ProviderId => "/provider_id",
        Field::StartsAt => "/time",
        Field::After => "/after",
        Field::DurationMinutes => "/duration_minutes",
        Field::Reason => "/reason",
        Field::IdempotencyKey => "Idempotency-Key",
        Field::Other(name) => name,
    }
    .to_owned()
}

/// The parameters of a query string, each at most once.
pub(super) struct QueryParameters {
    values: BTreeMap<String, String>,
    violations: Vec<Violation>,
}

impl<S: Send + Sync> FromRequestParts<S> for QueryParameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let malformed = || Problem::new(ErrorCode::BadRequest, "The query string is malformed");
        let query = parts.uri.query().unwrap_or_default();
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_str(query).map_err(|_malformed| malformed())?;
        let mut values = BTreeMap::new();
        let mut violations = Vec::new();
        for (name, value) in pairs {
            // `2027-01-15T09:30:00+01:00` arrives with a space where it was not encoded.
            if values.insert(name.clone(), value).is_some() {
                violations.push(Violation::new(Field::Other(name), "must be given once"));
            }
        }
        Ok(Self { values, violations })
    }
}

impl QueryParameters {
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.values.remove(name)
    }

    pub(super) fn instant(&mut self, name: &str) -> Option<Timestamp> {
        let text = self.text(name)?.replacen(' ', "+", 1);
        let instant = parse_rfc3339(&text);
        if instant.is_none() {
            self.wrong(name, INSTANT_EXPECTED);
        }
        instant
    }

    pub(super) fn required_instant(&mut self, name: &str) -> Timestamp {
        if !self.values.contains_key(name) {
            self.wrong(name, "is required");
        }
        self.instant(name).unwrap_or_default()
    }

    pub(super) fn integer(&mut self, name: &str) -> Option<i64> {
        let text = self.text(name)?;
        let number = text.parse().ok();
        if number.is_none() {
            self.wrong(name, "must be a whole number");
        }
        number
    }

    pub(super) fn wrong(&mut self, name: &str, message: &'static str) {
        self.violations.push(Violation::new(Field::Other(name.to_owned()), message));
    }

    /// Ends the reading: what is left over is not known.
    pub(super) fn finish(mut self) -> Result<(), BookingError> {
        for name in std::mem::take(&mut self.values).into_keys() {
            self.violations
                .push(Violation::new(Field::Other(name), "is not a parameter of this route"));
        }
        if self.violations.is_empty() {
            Ok(())
        } else {
            Err(BookingError::Invalid(self.violations))
        }
    }
}
