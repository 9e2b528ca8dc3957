//! The scalars of our own: what is well-formed is asked of the very type that reads it later.

use async_graphql::{Pos, ScalarType, Value};

use crate::graphql::types::date::Date;
use crate::graphql::types::instant::DateTime;

/// A scalar that the specification does not have.
#[derive(Debug, Clone, Copy)]
pub(super) struct OwnScalar {
    name: &'static str,
    /// Why a value is not one of it.
    fault: fn(Value) -> Option<String>,
    /// Any value of it.
    example: &'static str,
}

const ALL: &[OwnScalar] = &[
    OwnScalar { name: "Date", fault: fault::<Date>, example: "2027-01-15" },
    OwnScalar { name: "DateTime", fault: fault::<DateTime>, example: "2027-01-15T14:30:00Z" },
];

impl OwnScalar {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|scalar| scalar.name == name)
    }

    /// Why a value is none of it, to be read after the name of its place.
    pub(super) fn fault(&self, value: Value) -> Option<String> {
        // The library's words for another type than a string repeat the value.
        if !matches!(value, Value::String(_)) {
            return Some(format!("must be a {}, written as a string", self.name));
        }
        (self.fault)(value)
    }

    pub(super) fn example(&self) -> &'static str {
        self.example
    }
}

fn fault<S: ScalarType + async_graphql::InputType>(value: Value) -> Option<String> {
    let error = <S as ScalarType>::parse(value).err()?.into_server_error(Pos::default());
    let words = error.message.split_once(": ").map(|(_which, words)| words.to_owned());
    Some(words.unwrap_or(error.message))
}
