//! What the settings say of the provider.

use super::issuer::Issuer;

/// The provider, and who we are to it. No `Debug`: it holds a secret.
#[derive(Clone)]
pub struct OidcSettings {
    /// Whose word is taken.
    pub issuer: Issuer,
    /// Our name there.
    pub client_id: String,
    /// Our secret there; a public client has none.
    pub client_secret: Option<String>,
    /// For whom the tokens of callers must be; for our name there unless set.
    pub audience: Option<String>,
    /// The claim that gives the role; unset, the role is the one that is noted here.
    pub role_claim: Option<String>,
}

impl OidcSettings {
    /// For whom the tokens of callers must be.
    pub(super) fn bearer_audience(&self) -> &str {
        self.audience.as_deref().unwrap_or(&self.client_id)
    }
}
