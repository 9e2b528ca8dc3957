//! The `Date` scalar.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use jiff::civil;

use crate::domain::time_slot::parse_date;

/// `Date` of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graphql) struct Date(pub(in crate::graphql) civil::Date);

/// A day of the calendar, as RFC 3339 writes it (`full-date`), such as `1980-05-17`; without a time and
/// without a zone.
#[Scalar(name = "Date", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        parse_date(text)
            .map(Self)
            .ok_or_else(|| InputValueError::custom("must be a day such as 1980-05-17"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}
