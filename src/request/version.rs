//! The version of a thing that a change expects to find.

use super::field::{Field, Violation};
use super::refusal::Refusal;
use crate::domain::Appointment;

/// Which versions a caller has seen and means; without any, whichever there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpectedVersion {
    /// A field of the request.
    pub field: Option<i64>,
    /// A precondition of the request (RFC 9110, 13.1.1): any of these will do.
    pub any_of: Option<Vec<i32>>,
}

impl ExpectedVersion {
    /// What a field of the request says.
    pub fn of_field(version: Option<i64>) -> Self {
        Self { field: version, any_of: None }
    }

    /// What is wrong with it, if anything.
    pub fn violation(&self) -> Option<Violation> {
        let possible = |version: i64| (1..=i64::from(i32::MAX)).contains(&version);
        let wrong = self.field.is_some_and(|version| !possible(version));
        wrong.then(|| Violation::new(Field::ExpectedVersion, "must be a version, counted from 1"))
    }

    /// What tells a request that expects it from others under one key; nothing where it expects
    /// none.
    pub fn fingerprint(&self) -> Option<String> {
        let field = self.field.map(|version| format!("expects {version}"));
        let any_of = self.any_of.as_ref().map(|versions| format!("if any of {versions:?}"));
        let parts: Vec<String> = [field, any_of].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    /// Looks whether `current` is what is expected.
    ///
    /// # Errors
    ///
    /// [`Refusal::VersionConflict`].
    pub fn check(&self, current: i32) -> Result<(), Refusal> {
        let by_precondition =
            self.any_of.as_ref().is_some_and(|versions| !versions.contains(&current));
        if !by_precondition && self.field.is_none_or(|version| version == i64::from(current)) {
            return Ok(());
        }
        let (current_version, appointment) = (current, None);
        Err(Refusal::VersionConflict { current_version, appointment, by_precondition })
    }

    /// The same for an appointment, which the refusal then shows.
    ///
    /// # Errors
    ///
    /// [`Refusal::VersionConflict`].
    pub fn check_appointment(&self, current: &Appointment) -> Result<(), Refusal> {
        self.check(current.version).map_err(|refusal| match refusal {
            Refusal::VersionConflict { current_version, by_precondition, .. } => {
                let appointment = Some(Box::new(current.clone()));
                Refusal::VersionConflict { current_version, appointment, by_precondition }
            }
            other => other,
        })
    }
}
