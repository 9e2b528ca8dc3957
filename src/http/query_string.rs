//! Query strings and paths, read parameter by parameter.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::body::whole_number;
use super::problem::{Problem, rest_pointer};
use crate::access::Actor;
use crate::domain::{TimeSlot, WindowEdge};
use crate::request::{ErrorCode, Field, Refusal, Violation, parse_window};
use crate::services::Services;

/// What an instant has to look like.
pub(super) const INSTANT_EXPECTED: &str =
    "must be an RFC 3339 instant such as 2027-01-15T14:30:00Z";

/// What an end of a window has to look like.
const EDGE_EXPECTED: &str =
    "must be an RFC 3339 instant such as 2027-01-15T14:30:00Z, or a day such as 2027-01-15";

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

/// The zone of days, which is only looked up where one is given.
async fn clinic_zone(
    edges: impl IntoIterator<Item = Option<WindowEdge>>,
    services: &Services,
    actor: &Actor,
) -> Result<TimeZone, Refusal> {
    if edges.into_iter().any(|edge| matches!(edge, Some(WindowEdge::Day(_)))) {
        services.records.clinic_zone(actor).await
    } else {
        Ok(TimeZone::UTC)
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

    fn edge(&mut self, name: &str) -> Option<WindowEdge> {
        let text = self.text(name)?.replacen(' ', "+", 1);
        let edge = WindowEdge::parse(&text);
        if edge.is_none() {
            self.wrong(name, EDGE_EXPECTED);
        }
        edge
    }

    /// The window from `from` to `to`, both of which must be there.
    pub(super) async fn window(
        &mut self,
        services: &Services,
        actor: &Actor,
    ) -> Result<TimeSlot, Refusal> {
        for name in ["from", "to"] {
            if !self.has(name) {
                self.wrong(name, "is required");
            }
        }
        self.open_window(services, actor).await
    }

    /// The window from `from` to `to`; where one of them is not given, it has no end there. What can't
    /// be read is told by [`Self::violations`]; the window is any then.
    pub(super) async fn open_window(
        &mut self,
        services: &Services,
        actor: &Actor,
    ) -> Result<TimeSlot, Refusal> {
        let found = self.violations.len();
        let (from, to) = (self.edge("from"), self.edge("to"));
        let zone = clinic_zone([from, to], services, actor).await?;
        let ever = TimeSlot::EVER;
        let from = from.map_or(ever.starts_at(), |from| from.first_moment(&zone));
        let to = to.map_or(ever.ends_at(), |to| to.end(&zone));
        match parse_window(from, to) {
            Ok(window) => return Ok(window),
            Err(Refusal::Invalid(violations)) if self.violations.len() == found => {
                self.violations.extend(violations);
            }
            Err(_) => {}
        }
        Ok(ever)
    }

    /// An instant, or the first moment of a day.
    pub(super) async fn first_moment(
        &mut self,
        name: &str,
        services: &Services,
        actor: &Actor,
    ) -> Result<Option<Timestamp>, Refusal> {
        let edge = self.edge(name);
        let zone = clinic_zone([edge], services, actor).await?;
        Ok(edge.map(|edge| edge.first_moment(&zone)))
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
