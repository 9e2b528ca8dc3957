//! The roles of the people and the machines that work with the book.

use std::str::FromStr;

/// What somebody is to the clinic; says what they may do (`policy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Runs the clinic's server: everything.
    Admin,
    /// The front desk and the ops team: books for everybody.
    Scheduler,
    /// A provider: their own visits, and whoever comes to them.
    Clinician,
    /// Looks after what was done: all visits without their patients, and the trail.
    Auditor,
    /// Sees when somebody is busy, and never with whom.
    Viewer,
}

/// The text is no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be ADMIN, SCHEDULER, CLINICIAN, AUDITOR or VIEWER")]
pub struct UnknownRole;

impl Role {
    /// Every role, in the order of the table.
    pub const ALL: [Self; 5] =
        [Self::Admin, Self::Scheduler, Self::Clinician, Self::Auditor, Self::Viewer];

    /// The role as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "ADMIN",
            Self::Scheduler => "SCHEDULER",
            Self::Clinician => "CLINICIAN",
            Self::Auditor => "AUDITOR",
            Self::Viewer => "VIEWER",
        }
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}
