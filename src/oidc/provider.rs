//! The provider: what is asked of it. Whether its word is taken is decided elsewhere.

use async_trait::async_trait;
use serde::Deserialize;
use url::Url;

use super::keys::KeySet;
use super::metadata::{Metadata, UnusableMetadata};

/// A code to hand in. No `Debug`: each of its parts is a secret.
#[derive(Clone)]
pub struct CodeExchange {
    /// What the provider gave the browser.
    pub code: String,
    /// What shows that it was us who asked (RFC 7636).
    pub verifier: String,
    /// Where the browser was sent back to.
    pub redirect_uri: String,
}

/// What a code was worth. No `Debug`: they are secrets.
#[derive(Deserialize)]
pub struct Tokens {
    /// Says who has signed in.
    pub id_token: String,
    /// Opens other doors, and is not kept; the first token may vouch for it.
    pub access_token: Option<String>,
}

/// Why the provider has said nothing of use. No text of its own, nor of the library's, which holds
/// addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProviderFault {
    /// No answer.
    #[error("{0}")]
    NoAnswer(&'static str),
    /// An answer with another status than the one for success.
    #[error("it answered with status {0}")]
    Status(u16),
    /// An answer that can't be read.
    #[error("its answer can't be read")]
    Malformed,
    /// What it says of itself can't be used.
    #[error("{0}")]
    Metadata(#[from] UnusableMetadata),
    /// It does not take the code: it is used up, or too old.
    #[error("it does not take the code")]
    CodeRefused,
    /// It does not take us for its client.
    #[error(
        "it does not know this client: are OIDC_CLIENT_ID and OIDC_CLIENT_SECRET what is registered there?"
    )]
    ClientRefused,
}

/// The provider that the settings name.
#[async_trait]
pub trait IdentityProvider: Send + Sync {
    /// What it says of itself.
    async fn metadata(&self) -> Result<Metadata, ProviderFault>;

    /// The keys that it signs with now.
    async fn keys(&self, at: &Url) -> Result<KeySet, ProviderFault>;

    /// Hands in a code.
    async fn exchange(
        &self,
        provider: &Metadata,
        exchange: &CodeExchange,
    ) -> Result<Tokens, ProviderFault>;
}
