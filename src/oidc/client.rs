//! Signing in by the provider, and the tokens that callers bring of it.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use lru::LruCache;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;
use url::Url;

use super::identity::Identity;
use super::local_path::LocalPath;
use super::metadata::Metadata;
use super::pending::PendingSignIn;
use super::provider::{CodeExchange, IdentityProvider, ProviderFault, Tokens};
use super::refusal::{SignInRefusal, TokenRefusal};
use super::settings::OidcSettings;
use super::verifier::{Verified, Verifier};
use crate::domain::Clock;

/// Codes that are handed in at once; of more, whoever comes is asked to try again.
const EXCHANGES: usize = 16;
/// Sign-ins that are remembered as used.
const USED_REMEMBERED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9_999);

/// A client of the clinic's identity provider.
pub struct OidcClient {
    settings: OidcSettings,
    provider: Arc<dyn IdentityProvider>,
    clock: Arc<dyn Clock>,
    verifier: Verifier,
    used: Mutex<LruCache<String, ()>>,
    exchanges: Semaphore,
}

/// Where a browser is sent, and what it keeps meanwhile.
pub struct Departure {
    /// The provider's page.
    pub location: Url,
    /// What the browser keeps.
    pub pending: PendingSignIn,
}

/// With what a browser comes back from the provider. No `Debug`: it holds secrets.
#[derive(Default)]
pub struct Arrival {
    /// What can be handed in, if the provider has let them in.
    pub code: Option<String>,
    /// Which sign-in it is about.
    pub state: Option<String>,
    /// Which provider says so (RFC 9207).
    pub issuer: Option<String>,
    /// Why the provider has not let them in.
    pub error: Option<String>,
}

impl OidcClient {
    /// A client; nothing is asked yet.
    pub fn new(
        settings: OidcSettings,
        provider: Arc<dyn IdentityProvider>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let issuer = settings.issuer.as_str();
        let verifier = Verifier::new(issuer, Arc::clone(&provider), Arc::clone(&clock));
        let (used, exchanges) = (LruCache::new(USED_REMEMBERED), Semaphore::new(EXCHANGES));
        Self { settings, provider, clock, verifier, used: Mutex::new(used), exchanges }
    }

    /// Whom the bearer of a token is.
    ///
    /// # Errors
    ///
    /// [`TokenRefusal`].
    pub async fn bearer(&self, token: &str) -> Result<Identity, TokenRefusal> {
        let identity = match self.verifier.verified(token, self.settings.bearer_audience()).await {
            Ok(verified) => Identity::of(&verified.claims, &self.settings),
            Err(refusal) => Err(refusal),
        };
        let outcome = if identity.is_ok() { "believed" } else { "refused" };
        metrics::counter!("clinic_oidc_tokens_total", "outcome" => outcome).increment(1);
        if let Err(refusal) = &identity {
            tracing::info!("A token of the identity provider is refused: {refusal}");
        }
        identity
    }

    /// Begins a sign-in that ends at `redirect_uri` and then leads to `return_to`.
    ///
    /// # Errors
    ///
    /// [`SignInRefusal::Unavailable`].
    pub async fn depart(
        &self,
        redirect_uri: &str,
        return_to: &LocalPath,
    ) -> Result<Departure, SignInRefusal> {
        let metadata = self.verifier.metadata().await.ok_or(SignInRefusal::Unavailable)?;
        let pending = PendingSignIn::new(self.clock.now(), return_to);
        let location = self.authorization_url(&metadata, &pending, redirect_uri);
        Ok(Departure { location, pending })
    }

    fn authorization_url(
        &self,
        metadata: &Metadata,
        pending: &PendingSignIn,
        redirect_uri: &str,
    ) -> Url {
        let mut url = metadata.authorization_endpoint.clone();
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", "openid email profile")
            .append_pair("state", &pending.state)
            .append_pair("nonce", &pending.nonce)
            .append_pair("code_challenge", &pending.challenge())
            .append_pair("code_challenge_method", "S256");
        if metadata.takes_claims {
            query.append_pair("claims", &self.claims_asked_for());
        }
        drop(query);
        url
    }

    /// What is wanted in the id token itself, where the provider would tell it elsewhere
    /// (OpenID Connect Core 1.0, section 5.5).
    fn claims_asked_for(&self) -> String {
        let mut wanted = serde_json::Map::new();
        let role = self.settings.role_claim.as_deref();
        for claim in ["email", "email_verified"].into_iter().chain(role) {
            wanted.insert(claim.to_owned(), serde_json::Value::Null);
        }
        serde_json::json!({ "id_token": wanted }).to_string()
    }

    /// Ends a sign-in: who has come back from the provider.
    ///
    /// # Errors
    ///
    /// [`SignInRefusal`].
    pub async fn complete(
        &self,
        pending: &PendingSignIn,
        arrival: Arrival,
        redirect_uri: &str,
    ) -> Result<Identity, SignInRefusal> {
        let state = arrival.state.as_deref().unwrap_or_default();
        if !bool::from(state.as_bytes().ct_eq(pending.state.as_bytes())) {
            return Err(SignInRefusal::NotAskedFor);
        }
        if !pending.counts_at(self.clock.now()) || !self.uses_up(state) {
            return Err(SignInRefusal::Lapsed);
        }
        let metadata = self.verifier.metadata().await.ok_or(SignInRefusal::Unavailable)?;
        let named = arrival.issuer.as_deref();
        let is_named =
            named.map_or(!metadata.names_itself, |iss| iss == self.settings.issuer.as_str());
        if !is_named {
            return Err(SignInRefusal::NotAskedFor);
        }
        let code = match (arrival.code, arrival.error) {
            (Some(code), None) => code,
            (_, Some(_)) => return Err(SignInRefusal::Denied),
            (None, None) => return Err(SignInRefusal::NotAskedFor),
        };
        let exchange = CodeExchange {
            code,
            verifier: pending.verifier.clone(),
            redirect_uri: redirect_uri.to_owned(),
        };
        let tokens = self.tokens(&metadata, &exchange).await?;
        Ok(self.identity_in(&tokens, pending).await?)
    }

    /// Whether that sign-in is used for the first time.
    fn uses_up(&self, state: &str) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.put(state.to_owned(), ()).is_none()
    }

    async fn tokens(
        &self,
        metadata: &Metadata,
        exchange: &CodeExchange,
    ) -> Result<Tokens, SignInRefusal> {
        let Ok(_turn) = self.exchanges.try_acquire() else {
            return Err(SignInRefusal::Unavailable);
        };
        let exchanged = self.provider.exchange(metadata, exchange).await;
        exchanged.map_err(|fault| match fault {
            ProviderFault::CodeRefused => SignInRefusal::Lapsed,
            fault => {
                tracing::error!("The identity provider has given no token for a code: {fault}");
                SignInRefusal::Unavailable
            }
        })
    }

    /// Who has signed in, if the token is of this sign-in (OpenID Connect Core 1.0, section 3.1.3.7).
    async fn identity_in(
        &self,
        tokens: &Tokens,
        pending: &PendingSignIn,
    ) -> Result<Identity, TokenRefusal> {
        let client_id = &self.settings.client_id;
        let Verified { claims, algorithm } =
            self.verifier.verified(&tokens.id_token, client_id).await?;
        let nonce = claims.nonce.as_deref().unwrap_or_default();
        let is_of_this_sign_in: bool = nonce.as_bytes().ct_eq(pending.nonce.as_bytes()).into();
        // Who others read it for is told by name.
        let is_given_to_us = match &claims.azp {
            Some(party) => party == client_id,
            None => !claims.is_for_others(),
        };
        let vouches = claims.at_hash.as_ref().is_none_or(|hash| {
            tokens.access_token.as_ref().is_some_and(|token| *hash == half_hash(token, algorithm))
        });
        if !is_of_this_sign_in || !is_given_to_us || !vouches {
            return Err(TokenRefusal::NotAskedFor);
        }
        Identity::of(&claims, &self.settings)
    }
}

/// The left half of a token's hash, by the hash of the algorithm (section 3.1.3.6).
fn half_hash(token: &str, algorithm: Algorithm) -> String {
    use Algorithm::{ES384, EdDSA, PS384, PS512, RS384, RS512};
    let hash = match algorithm {
        RS384 | PS384 | ES384 => Sha384::digest(token).to_vec(),
        RS512 | PS512 | EdDSA => Sha512::digest(token).to_vec(),
        _ => Sha256::digest(token).to_vec(),
    };
    URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2])
}
