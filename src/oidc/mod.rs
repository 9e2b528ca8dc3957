//! A clinic's own identity provider, by OpenID Connect: what is asked of it, and when its word is
//! taken.
//!
//! Nothing here decides who may come in; `people` does. Whoever is told no learns no more than that.

mod claims;
mod client;
mod http;
mod identity;
mod issuer;
mod keys;
mod local_path;
mod metadata;
mod pending;
mod provider;
mod refusal;
mod remembered;
mod settings;
mod signatures;
#[cfg(test)]
mod tests;
mod verifier;

pub use client::{Arrival, Departure, OidcClient};
pub use http::{ClientError, HttpIdentityProvider};
pub use identity::{ClaimedRole, Identity};
pub use issuer::{Issuer, MalformedIssuer};
pub use local_path::LocalPath;
pub use pending::{PENDING_FOR, PendingSignIn};
pub use refusal::{SignInRefusal, TokenRefusal};
pub use settings::OidcSettings;
