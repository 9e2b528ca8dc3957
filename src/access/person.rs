//! One of the clinic's staff.

use std::fmt;

use jiff::Timestamp;

use super::role::Role;
use crate::domain::{PersonId, ProviderId};

/// One of the clinic's staff, who may come in unless they are disabled.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// Identifies them.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// The address that they sign in with.
    pub email: String,
    /// What they are to the clinic.
    pub role: Role,
    /// The provider that a clinician is.
    pub provider_id: Option<ProviderId>,
    /// Whether they have set a password.
    pub has_password: bool,
    /// Whether they have come in by the clinic's identity provider.
    pub is_linked: bool,
    /// Until when their invitation counts, if it was not used.
    pub invited_until: Option<Timestamp>,
    /// Since when they may not come in any more.
    pub disabled_at: Option<Timestamp>,
    /// Counts up by one with each change.
    pub version: i32,
    /// When they were added.
    pub created_at: Timestamp,
}

impl Person {
    /// Whether they may come in.
    pub fn is_active(&self) -> bool {
        self.disabled_at.is_none()
    }

    /// Whether they have a way to come in by now, beside an invitation.
    pub fn can_sign_in(&self) -> bool {
        self.is_active() && (self.has_password || self.is_linked)
    }
}

impl fmt::Debug for Person {
    /// Names nobody.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Person({}, {}, version {})", self.id, self.role.as_str(), self.version)
    }
}
