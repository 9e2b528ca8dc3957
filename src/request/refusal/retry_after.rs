//! When the same may be asked again.

use std::time::Duration;

use super::Refusal;

/// What is said where the caller is not to know of the visit that has to be over first.
const SOME_TIME: Duration = Duration::from_hours(1);

impl Refusal {
    /// After how long the same may be asked again, where waiting helps.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyOpenVisits { ends_within, .. } => Some(ends_within.unwrap_or(SOME_TIME)),
            Self::TooManyHolds { one_lapses_within, .. } => Some(*one_lapses_within),
            Self::TooManyTries { retry_after } => Some(*retry_after),
            _ => None,
        }
    }
}
