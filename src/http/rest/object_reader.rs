//! JSON bodies, read field by field, so that everything wrong is named at once.

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::domain::time_slot::{parse_date, parse_rfc3339};
use crate::http::body::{LARGEST_BODY, is_json, not_json, read_bytes, whole_number};
use crate::http::problem::Problem;
use crate::http::query_string::INSTANT_EXPECTED;
use crate::request::{ErrorCode, Field, Violation};

/// A JSON object as it was sent; read with [`ObjectReader`].
pub(in crate::http) struct JsonObject(pub(in crate::http) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for JsonObject {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let says_nothing = !request.headers().contains_key(CONTENT_TYPE);
        let (parts, body) = request.into_parts();
        let bytes = read_bytes(&parts.headers, body, LARGEST_BODY).await?;
        if bytes.is_empty() && says_nothing {
            return Ok(Self(Map::new()));
        }
        object(&parts.headers, &bytes).map(Self).map_err(|problem| *problem)
    }
}

/// The same where the body may be left out. An empty one is none, whatever its media type: many
/// clients name one with every request.
pub(in crate::http) struct OptionalJsonObject(pub(in crate::http) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for OptionalJsonObject {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read_bytes(&parts.headers, body, LARGEST_BODY).await?;
        if bytes.is_empty() {
            return Ok(Self(Map::new()));
        }
        object(&parts.headers, &bytes).map(Self).map_err(|problem| *problem)
    }
}

fn object(headers: &HeaderMap, bytes: &[u8]) -> Result<Map<String, Value>, Box<Problem>> {
    if !is_json(headers) {
        return Err(Box::new(not_json()));
    }
    let detail = match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => return Ok(object),
        Ok(_) => "The body must be a JSON object".to_owned(),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            format!("The body is not JSON: see line {line}, column {column}")
        }
    };
    Err(Box::new(Problem::new(ErrorCode::BadRequest, detail)))
}

/// Takes fields out of a JSON object; what is left over is not known.
pub(in crate::http) struct ObjectReader {
    object: Map<String, Value>,
    pointer: String,
    violations: Vec<Violation>,
}

impl ObjectReader {
    pub(in crate::http) fn new(object: Map<String, Value>) -> Self {
        Self { object, pointer: String::new(), violations: Vec::new() }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        // Null means the same as nothing.
        self.object.remove(name).filter(|value| !value.is_null())
    }

    fn wrong(&mut self, field: Field, message: &'static str) {
        self.violations.push(Violation::new(field, message));
    }

    pub(in crate::http) fn text(&mut self, name: &str, field: Field) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => {
                self.wrong(field, "must be a string");
                None
            }
        }
    }

    pub(in crate::http) fn texts(&mut self, name: &str, field: Field) -> Option<Vec<String>> {
        let texts = self.take(name)?;
        let of = |texts: &Vec<Value>| {
            texts.iter().map(|text| text.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        };
        let texts = texts.as_array().and_then(of);
        if texts.is_none() {
            self.wrong(field, "must be a list of strings");
        }
        texts
    }

    pub(in crate::http) fn integer(&mut self, name: &str, field: Field) -> Option<i64> {
        let number = whole_number(&self.take(name)?);
        if number.is_none() {
            self.wrong(field, "must be a whole number");
        }
        number
    }

    pub(in crate::http) fn instant(&mut self, name: &str, field: Field) -> Option<Timestamp> {
        let instant = self.take(name)?.as_str().and_then(parse_rfc3339);
        if instant.is_none() {
            self.wrong(field, INSTANT_EXPECTED);
        }
        instant
    }

    pub(in crate::http) fn date(&mut self, name: &str, field: Field) -> Option<Date> {
        let date = self.take(name)?.as_str().and_then(parse_date);
        if date.is_none() {
            self.wrong(field, "must be a day such as 1980-05-17");
        }
        date
    }

    /// Whether a field is there, whatever it is.
    pub(in crate::http) fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
    }

    /// An object inside this one, if it is there.
    pub(in crate::http) fn object(&mut self, name: &str, field: Field) -> Option<Self> {
        match self.take(name) {
            Some(Value::Object(object)) => {
                let pointer = format!("{}/{name}", self.pointer);
                Some(Self { object, pointer, violations: Vec::new() })
            }
            Some(_) => {
                self.wrong(field, "must be an object");
                None
            }
            None => None,
        }
    }

    /// Ends the reading: everything wrong, and every field that is not known.
    pub(in crate::http) fn finish(self) -> Vec<Violation> {
        let Self { object, pointer, mut violations } = self;
        for name in object.into_iter().map(|(name, _)| name) {
            let name = name.replace('~', "~0").replace('/', "~1");
            violations.push(Violation::new(
                Field::Other(format!("{pointer}/{name}")),
                "is not a known field",
            ));
        }
        violations
    }
}
