//! Reading a request's fields: everything that is not acceptable is collected, nothing is told
//! alone.

use jiff::Timestamp;

use super::command::{Field, IdempotencyKey, Violation, When};
use super::error::BookingError;
use crate::domain::VisitLength;
use crate::domain::text::{is_invisible, tidy};
use crate::domain::time_slot::is_whole_minute;

/// Collects what is wrong.
pub(super) struct Check {
    pub(super) violations: Vec<Violation>,
}

impl Check {
    pub(super) fn required<R, T, E: std::fmt::Display>(
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

    pub(super) fn length(&mut self, minutes: Option<i64>) -> Option<VisitLength> {
        let length = VisitLength::from_minutes(minutes?);
        if length.is_none() {
            self.violations
                .push(Violation::new(Field::DurationMinutes, "must be 5 to 480 whole minutes"));
        }
        length
    }

    pub(super) fn reason(&mut self, text: Option<&str>) -> Option<String> {
        let reason = text?;
        if reason.chars().count() > 1000
            || reason.chars().any(|c| is_invisible(c) && !c.is_whitespace())
        {
            let why = "must be at most 1000 characters, none of them invisible";
            self.violations.push(Violation::new(Field::Reason, why));
        }
        Some(tidy(reason)).filter(|reason| !reason.is_empty())
    }

    pub(super) fn when(&mut self, starts_at: Option<Timestamp>, after: Option<Timestamp>) -> When {
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

    pub(super) fn key(&mut self, text: Option<&str>) -> Option<IdempotencyKey> {
        let key = IdempotencyKey::parse(text?);
        if key.is_none() {
            let why = "must be 1 to 255 visible ASCII characters";
            self.violations.push(Violation::new(Field::IdempotencyKey, why));
        }
        key
    }

    pub(super) fn finish(self) -> Result<(), BookingError> {
        if self.violations.is_empty() {
            Ok(())
        } else {
            Err(BookingError::Invalid(self.violations))
        }
    }
}

pub(super) fn whole_minute(starts_at: Timestamp) -> Result<Timestamp, &'static str> {
    if is_whole_minute(starts_at) { Ok(starts_at) } else { Err("must be a whole minute") }
}

pub(super) fn not_blank(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() {
        Err("must not be empty")
    } else if text.chars().count() > 200 {
        Err("must be at most 200 characters")
    } else {
        Ok(text.to_owned())
    }
}
