//! A token of a machine.

use jiff::Timestamp;

use super::role::Role;
use crate::domain::{ProviderId, TokenId};

/// A token of a machine; its secret is known to whoever was given it, and to nobody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Identifies it.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// What its bearer is to the clinic.
    pub role: Role,
    /// The provider for whom a clinician's token speaks.
    pub provider_id: Option<ProviderId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it opens nothing; never unless given.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was used last, to about a minute.
    pub last_used_at: Option<Timestamp>,
}

impl Token {
    /// Whether it opens anything at that moment.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|expires_at| now < expires_at)
    }
}
