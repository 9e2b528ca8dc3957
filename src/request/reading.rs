//! Reading a request's fields: everything that is not acceptable is collected, nothing is told
//! alone.

use jiff::Timestamp;

use super::field::{Field, Violation};
use super::field_change::FieldChange;
use super::key::IdempotencyKey;
use super::refusal::Refusal;
use super::version::ExpectedVersion;
use crate::domain::VisitLength;
use crate::domain::text::{is_invisible, tidy};
use crate::domain::time_slot::is_whole_minute;

/// When a visit shall be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At exactly this time.
    At(Timestamp),
    /// At the first free time from this moment on, or from now on.
    From(Option<Timestamp>),
}

/// Reads field after field, and collects what is wrong.
#[derive(Default)]
pub struct FieldReader {
    violations: Vec<Violation>,
}

impl FieldReader {
    /// A reader of what a door has read, after what the door itself found wrong.
    pub fn after(violations: Vec<Violation>) -> Self {
        Self { violations }
    }

    /// A field that must be there, as `parse` reads it.
    pub fn required<R, T, E: std::fmt::Display>(
        &mut self,
        field: Field,
        raw: Option<R>,
        parse: impl Fn(R) -> Result<T, E>,
    ) -> Option<T> {
        // A door that could not read the field at all has said so already.
        if self.violations.iter().any(|violation| violation.field == field) {
            return None;
        }
        let parsed = raw.map_or_else(
            || Err("is required".to_owned()),
            |raw| parse(raw).map_err(|why| why.to_string()),
        );
        parsed.map_err(|why| self.violations.push(Violation::new(field, why))).ok()
    }

    /// A field that may be left out, as `parse` reads it.
    pub fn optional<R, T, E: std::fmt::Display>(
        &mut self,
        field: Field,
        raw: Option<R>,
        parse: impl Fn(R) -> Result<T, E>,
    ) -> Option<T> {
        raw.and_then(|raw| self.required(field, Some(raw), parse))
    }

    /// A field that is changed or stays, and is never cleared, as `parse` reads it.
    pub fn kept<R, T, E: std::fmt::Display>(
        &mut self,
        field: Field,
        change: FieldChange<R>,
        parse: impl Fn(R) -> Result<T, E>,
    ) -> Option<T> {
        if matches!(change, FieldChange::Cleared) {
            self.wrong(Violation::new(field, "can be changed, and not cleared"));
            return None;
        }
        self.optional(field, change.value(), parse)
    }

    /// The length of a visit, in minutes.
    pub fn length(&mut self, minutes: Option<i64>) -> Option<VisitLength> {
        let length = VisitLength::from_minutes(minutes?);
        if length.is_none() {
            self.violations
                .push(Violation::new(Field::DurationMinutes, "must be 5 to 480 whole minutes"));
        }
        length
    }

    /// A reason in free text; none when it is empty.
    pub fn reason(&mut self, text: Option<&str>) -> Option<String> {
        self.free_text(Field::Reason, text)
    }

    /// Free text; none when it is empty.
    pub fn free_text(&mut self, field: Field, text: Option<&str>) -> Option<String> {
        let reason = text?;
        if reason.chars().count() > 1000
            || reason.chars().any(|c| is_invisible(c) && !c.is_whitespace())
        {
            let why = "must be at most 1000 characters, none of them invisible";
            self.violations.push(Violation::new(field, why));
        }
        Some(tidy(reason)).filter(|reason| !reason.is_empty())
    }

    /// The time of a visit: a start, or the earliest one.
    pub fn when(&mut self, starts_at: Option<Timestamp>, after: Option<Timestamp>) -> When {
        match (starts_at, after) {
            (Some(_), Some(_)) => {
                self.violations
                    .push(Violation::new(Field::After, "must not come together with a start time"));
                When::From(None)
            }
            (Some(starts_at), None) => {
                if let Err(why) = whole_minute(starts_at) {
                    self.violations.push(Violation::new(Field::StartsAt, why));
                }
                When::At(starts_at)
            }
            (None, after) => When::From(after),
        }
    }

    /// The key of the request.
    pub fn key(&mut self, text: Option<&str>) -> Option<IdempotencyKey> {
        let key = IdempotencyKey::parse(text?);
        if key.is_none() {
            let why = "must be 1 to 255 visible ASCII characters";
            self.violations.push(Violation::new(Field::IdempotencyKey, why));
        }
        key
    }

    /// The version that a change expects.
    pub fn expected(&mut self, expected: ExpectedVersion) -> ExpectedVersion {
        self.violations.extend(expected.violation());
        expected
    }

    /// Something else that is wrong.
    pub fn wrong(&mut self, violation: Violation) {
        self.violations.push(violation);
    }

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] with everything that is wrong.
    pub fn finish(self) -> Result<(), Refusal> {
        if self.violations.is_empty() { Ok(()) } else { Err(Refusal::Invalid(self.violations)) }
    }
}

/// A start of a visit, as [`FieldReader::required`] reads it.
///
/// # Errors
///
/// What is acceptable.
pub fn whole_minute(starts_at: Timestamp) -> Result<Timestamp, &'static str> {
    if is_whole_minute(starts_at) { Ok(starts_at) } else { Err("must be a whole minute") }
}

/// A text of 1 to 200 characters, as [`FieldReader::required`] reads it.
///
/// # Errors
///
/// What is acceptable.
pub fn not_blank(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() {
        Err("must not be empty")
    } else if text.chars().count() > 200 {
        Err("must be at most 200 characters")
    } else {
        Ok(text.to_owned())
    }
}
