//! Whether a token is what it says it is.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header};

use super::claims::Claims;
use super::keys::{Found, KeySet};
use super::metadata::Metadata;
use super::provider::IdentityProvider;
use super::refusal::TokenRefusal;
use super::remembered::{Pace, Remembered};
use super::signatures::{self, ALGORITHMS};
use crate::domain::Clock;

/// A longer token is not looked at, in bytes.
const LONGEST_TOKEN: usize = 16 * 1024;
/// A key that the provider gives up is out of use here that much later.
const KEYS: Pace =
    Pace { fresh_for: SignedDuration::from_mins(10), pause: SignedDuration::from_mins(1) };
const METADATA: Pace =
    Pace { fresh_for: SignedDuration::from_hours(1), pause: SignedDuration::from_secs(10) };

/// Reads tokens of one provider, whose keys it remembers.
pub(super) struct Verifier {
    issuer: String,
    provider: Arc<dyn IdentityProvider>,
    clock: Arc<dyn Clock>,
    metadata: Arc<Remembered<Metadata>>,
    keys: Arc<Remembered<KeySet>>,
}

/// A token that is what it says it is.
pub(super) struct Verified {
    pub(super) claims: Claims,
    pub(super) algorithm: Algorithm,
}

impl Verifier {
    pub(super) fn new(
        issuer: &str,
        provider: Arc<dyn IdentityProvider>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        signatures::install();
        Self {
            issuer: issuer.to_owned(),
            provider,
            clock,
            metadata: Arc::new(Remembered::new(METADATA)),
            keys: Arc::new(Remembered::new(KEYS)),
        }
    }

    /// What the provider says of itself.
    pub(super) async fn metadata(&self) -> Option<Arc<Metadata>> {
        metadata(&self.metadata, &self.provider, self.clock.now()).await
    }

    /// What a token of the provider says that is for `audience` and counts now.
    pub(super) async fn verified(
        &self,
        token: &str,
        audience: &str,
    ) -> Result<Verified, TokenRefusal> {
        let header = acceptable_header(token)?;
        let now = self.clock.now();
        let keys = self.keys_for(&header, now).await.ok_or(TokenRefusal::UnknownKey)?;
        let key = match keys.find(header.kid.as_deref(), header.alg) {
            Found::Key(key) => key,
            Found::Unfit => return Err(TokenRefusal::Algorithm),
            Found::Nothing => return Err(TokenRefusal::UnknownKey),
        };
        // The algorithms are those of the key, whatever the token says.
        let mut validation = Validation::new(header.alg);
        validation.algorithms.clone_from(&key.algorithms);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[audience]);
        // The library has a clock of its own, and takes a list for an issuer: we look ourselves.
        (validation.validate_exp, validation.validate_nbf) = (false, false);
        let decoded = decode::<Claims>(token, &key.key, &validation);
        let claims = decoded.map_err(|error| refusal(&error))?.claims;
        claims.check(&self.issuer, audience, now)?;
        Ok(Verified { claims, algorithm: header.alg })
    }

    /// The provider's keys, asked for anew where they lack the token's.
    async fn keys_for(&self, header: &Header, now: Timestamp) -> Option<Arc<KeySet>> {
        let known =
            |keys: &KeySet| !matches!(keys.find(header.kid.as_deref(), header.alg), Found::Nothing);
        let (provider, remembered) = (Arc::clone(&self.provider), Arc::clone(&self.metadata));
        let ask = || async move {
            let metadata = metadata(&remembered, &provider, now).await?;
            let keys = provider.keys(&metadata.keys).await;
            match keys {
                Ok(keys) => {
                    tracing::info!(keys = keys.len(), "Read the identity provider's keys");
                    Some(keys)
                }
                Err(fault) => {
                    tracing::warn!("The identity provider's keys can't be read: {fault}");
                    None
                }
            }
        };
        self.keys.get(now, known, ask).await
    }
}

async fn metadata(
    remembered: &Arc<Remembered<Metadata>>,
    provider: &Arc<dyn IdentityProvider>,
    now: Timestamp,
) -> Option<Arc<Metadata>> {
    let provider = Arc::clone(provider);
    let ask = || async move {
        let metadata = provider.metadata().await;
        if let Err(fault) = &metadata {
            tracing::warn!("The identity provider can't be used: {fault}");
        }
        metadata.ok()
    };
    remembered.get(now, |_| true, ask).await
}

/// What can be told of a token before anybody's key is looked for.
fn acceptable_header(token: &str) -> Result<Header, TokenRefusal> {
    if token.len() > LONGEST_TOKEN {
        return Err(TokenRefusal::Malformed);
    }
    // An algorithm that the library does not know, `none` among them, is no header to it.
    let header = decode_header(token).map_err(|_malformed| TokenRefusal::Malformed)?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(TokenRefusal::Algorithm);
    }
    // RFC 7515, 4.1.11: what must be understood and is not.
    if header.crit.is_some() {
        return Err(TokenRefusal::Malformed);
    }
    // RFC 8725, 3.11: a provider signs other things too, such as that somebody has signed out.
    let kind = header.typ.as_deref().unwrap_or("JWT").to_ascii_lowercase();
    let kind = kind.strip_prefix("application/").unwrap_or(&kind);
    if matches!(kind, "jwt" | "at+jwt") { Ok(header) } else { Err(TokenRefusal::Claims) }
}

fn refusal(error: &Error) -> TokenRefusal {
    match error.kind() {
        ErrorKind::InvalidSignature => TokenRefusal::Signature,
        ErrorKind::InvalidAlgorithm | ErrorKind::MissingAlgorithm => TokenRefusal::Algorithm,
        ErrorKind::InvalidIssuer => TokenRefusal::Issuer,
        ErrorKind::InvalidAudience => TokenRefusal::Audience,
        ErrorKind::MissingRequiredClaim(_) | ErrorKind::Json(_) => TokenRefusal::Claims,
        _ => TokenRefusal::Malformed,
    }
}
