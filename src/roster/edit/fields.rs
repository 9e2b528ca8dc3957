//! Fields of an edit, as the schema spells them.

use jiff::civil::Date;

use crate::domain::UsState;
use crate::domain::text::{is_invisible, tidy};
use crate::request::{Field, FieldReader, Violation};

/// No list of an edit is longer.
const LONGEST_LIST: usize = 200;

/// A field.
pub(super) fn field(name: impl Into<String>) -> Field {
    Field::Other(name.into())
}

/// A field of one item of a list, such as `licences[2].state`.
pub(super) fn of_item(list: &str, place: usize, name: &str) -> Field {
    Field::Other(format!("{list}[{place}].{name}"))
}

/// An item of a list, such as `insurances[2]`.
pub(super) fn item(list: &str, place: usize) -> Field {
    Field::Other(format!("{list}[{place}]"))
}

/// Tells a list that is too long.
pub(super) fn check_length<T>(fields: &mut FieldReader, list: &str, items: &[T]) {
    if items.len() > LONGEST_LIST {
        fields.wrong(Violation::new(field(list), "must have at most 200 items"));
    }
}

/// A text of 1 to 200 visible characters, tidied.
///
/// # Errors
///
/// What is acceptable.
pub(super) fn shown_text(text: &str) -> Result<String, &'static str> {
    let tidied = short_text(text)?;
    if tidied.is_empty() { Err("must not be empty") } else { Ok(tidied) }
}

/// The same of a text that may be empty.
///
/// # Errors
///
/// What is acceptable.
pub(super) fn short_text(text: &str) -> Result<String, &'static str> {
    let tidied = tidy(text);
    if tidied.chars().count() > 200 {
        Err("must be at most 200 characters")
    } else if tidied.chars().any(is_invisible) {
        Err("must not contain control or invisible characters")
    } else {
        Ok(tidied)
    }
}

/// A US state by code or name.
///
/// # Errors
///
/// What is acceptable, and the nearest names.
pub(super) fn state(text: &str) -> Result<UsState, String> {
    UsState::parse(text).map_err(|unknown| {
        format!("must be a US state, DC or a territory{}", did_you_mean(&unknown.suggestions))
    })
}

/// `; did you mean a or b?`, if there is anything near.
pub(super) fn did_you_mean(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    format!("; did you mean {}?", names.join(" or "))
}

/// Tells a last day that is before the first.
pub(super) fn check_days(
    fields: &mut FieldReader,
    (first, last): (Option<Date>, Option<Date>),
    last_field: Field,
) {
    if first.zip(last).is_some_and(|(first, last)| last < first) {
        fields.wrong(Violation::new(last_field, "must not be before it begins"));
    }
}
