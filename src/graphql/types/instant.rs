//! The `DateTime` scalar.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use jiff::Timestamp;

use crate::domain::time_slot::{parse_rfc3339, rfc3339};

/// `DateTime` of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DateTime(pub(crate) Timestamp);

/// An instant, as RFC 3339 writes it, such as `2027-01-15T14:30:00Z`.
///
/// Answers are always in UTC, in whole seconds, with `Z`. Arguments may have any offset, such as
/// `2027-01-15T09:30:00-05:00`, but must have one: a time without an offset is refused.
#[Scalar(name = "DateTime", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        parse_rfc3339(text).map(Self).ok_or_else(|| {
            InputValueError::custom("must be an RFC 3339 instant such as 2027-01-15T14:30:00Z")
        })
    }

    fn to_value(&self) -> Value {
        Value::String(rfc3339(self.0))
    }
}
