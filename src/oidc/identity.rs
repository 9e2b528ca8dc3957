//! Whom a provider vouches for.

use jiff::Timestamp;

use super::claims::Claims;
use super::refusal::TokenRefusal;
use super::settings::OidcSettings;

/// Somebody, as the provider knows them. No `Debug`: it names somebody.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// Who it is, in the provider's own terms: that never changes, and is never given to another.
    pub subject: String,
    /// Their address, where the provider has verified it and says so to us: in a token for other
    /// readers it is nobody's business to link people by.
    pub verified_email: Option<String>,
    /// What they are, where the provider alone says that.
    pub role: ClaimedRole,
    /// From then on this is worth nothing.
    pub counts_until: Timestamp,
}

/// What a provider says of somebody's role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimedRole {
    /// It is not asked: the role is what is noted here.
    NotAsked,
    /// It is asked, and this is what it says.
    Said(String),
    /// It is asked, and says nothing, or not one role.
    NotSaid,
}

impl Identity {
    pub(super) fn of(claims: &Claims, settings: &OidcSettings) -> Result<Self, TokenRefusal> {
        let is_ours = claims.is_for(&settings.client_id);
        let role = match &settings.role_claim {
            None => ClaimedRole::NotAsked,
            Some(name) => claims
                .text(name)
                .map_or(ClaimedRole::NotSaid, |role| ClaimedRole::Said(role.to_owned())),
        };
        Ok(Self {
            issuer: settings.issuer.as_str().to_owned(),
            subject: claims.sub.clone(),
            verified_email: claims.verified_email().filter(|_| is_ours).map(str::to_owned),
            role,
            counts_until: claims.counts_until()?,
        })
    }
}
