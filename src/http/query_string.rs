//! Query strings and paths, read parameter by parameter.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use jiff::Timestamp;

use super::body::whole_number;
use super::problem::{Problem, rest_pointer};
use crate::domain::TimeSlot;
use crate::domain::time_slot::parse_rfc3339;
use crate::request::{ErrorCode, Field, Refusal, Violation, parse_window};

/// What an instant has to look like.
pub(super) const INSTANT_EXPECTED: &str =
    "must be an RFC 3339 instant such as 2027-01-15T14:30:00Z";

/// The same complaint about a query string, whose parameters have names and no pointers.
pub(super) fn in_query(error: Refusal) -> Refusal {
    let Refusal::Invalid(violations) = error else {
        return error;
    };
    let by_name = violations.into_iter().map(|violation| {
        let name = rest_pointer(&violation.field).trim_start_matches('/').to_owned();
        Violation { field: Field::Other(name), ..violation }
    });
    Refusal::Invalid(by_name.collect())
}

/// The id in a path. What is not even text is nobody's id, like any other that is malformed.
pub(super) struct PathId(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(path.map(|Path(id)| id).unwrap_or_default()))
    }
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
        // The library reads what it can and puts this character for the rest.
        let unreadable = |text: &str| text.contains('\u{fffd}');
        let readable = |(name, value): &(String, String)| !unreadable(name) && !unreadable(value);
        if !escapes_are_complete(query) || !pairs.iter().all(readable) {
            return Err(malformed());
        }
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

/// Whether every `%` begins an escape.
fn escapes_are_complete(query: &str) -> bool {
    query.split('%').skip(1).all(|rest| {
        rest.as_bytes().get(..2).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    })
}

impl QueryParameters {
    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

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

    fn required_instant(&mut self, name: &str) -> Option<Timestamp> {
        if !self.has(name) {
            self.wrong(name, "is required");
        }
        self.instant(name)
    }

    /// The window from `from` to `to`, both of which must be there.
    pub(super) fn window(&mut self) -> Option<TimeSlot> {
        let (from, to) = (self.required_instant("from"), self.required_instant("to"));
        match parse_window(from?, to?) {
            Ok(window) => Some(window),
            Err(error) => {
                if let Refusal::Invalid(violations) = error {
                    self.violations.extend(violations);
                }
                None
            }
        }
    }

    pub(super) fn integer(&mut self, name: &str) -> Option<i64> {
        let text = self.text(name)?;
        let in_json = || whole_number(&serde_json::from_str(&text).ok()?);
        let number = text.parse().ok().or_else(|| in_json().filter(|_| !text.contains(' ')));
        if number.is_none() {
            self.wrong(name, "must be a whole number");
        }
        number
    }

    pub(super) fn wrong(&mut self, name: &str, message: &'static str) {
        self.violations.push(Violation::new(Field::Other(name.to_owned()), message));
    }

    /// Ends the reading: everything wrong, and what is left over, which is not known.
    pub(super) fn violations(self) -> Vec<Violation> {
        let unknown = self
            .values
            .into_keys()
            .map(|name| Violation::new(Field::Other(name), "is not a parameter of this route"));
        self.violations.into_iter().chain(unknown).collect()
    }

    /// Ends the reading, where nothing else can be wrong.
    pub(super) fn finish(self) -> Result<(), Refusal> {
        let violations = self.violations();
        if violations.is_empty() { Ok(()) } else { Err(Refusal::Invalid(violations)) }
    }
}
