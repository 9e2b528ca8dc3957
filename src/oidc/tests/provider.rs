//! A provider that answers what a test has it answer, and counts what it is asked.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use url::Url;

use crate::domain::Clock;
use crate::oidc::keys::KeySet;
use crate::oidc::metadata::Metadata;
use crate::oidc::provider::{CodeExchange, IdentityProvider, ProviderFault, Tokens};
use crate::oidc::{OidcClient, OidcSettings};

pub(super) const ISSUER: &str = "https://id.example";
pub(super) const CLIENT: &str = "clinic";
pub(super) const REDIRECT: &str = "https://clinic.example/session/oidc/callback";

/// When the tests take place.
pub(super) const NOW: i64 = 1_800_000_000;

pub(super) struct StandingClock(Mutex<Timestamp>);

impl StandingClock {
    pub(super) fn advance(&self, by: SignedDuration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

#[derive(Default)]
pub(super) struct Provider {
    pub(super) keys: Mutex<Option<Vec<Value>>>,
    pub(super) keys_asked: AtomicU32,
    pub(super) says: Mutex<Value>,
    pub(super) tokens: Mutex<Option<Result<Tokens, ProviderFault>>>,
    pub(super) handed_in: Mutex<Option<CodeExchange>>,
}

#[async_trait]
impl IdentityProvider for Provider {
    async fn metadata(&self) -> Result<Metadata, ProviderFault> {
        let mut document = json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/auth?tenant=1"),
            "token_endpoint": format!("{ISSUER}/token"),
            "jwks_uri": format!("{ISSUER}/jwks"),
        });
        if let Value::Object(more) = self.says.lock().unwrap().clone() {
            document.as_object_mut().unwrap().extend(more);
        }
        Ok(Metadata::read(document.to_string().as_bytes(), &ISSUER.parse().unwrap())?)
    }

    async fn keys(&self, at: &Url) -> Result<KeySet, ProviderFault> {
        assert_eq!(at.as_str(), format!("{ISSUER}/jwks"));
        self.keys_asked.fetch_add(1, Ordering::SeqCst);
        let keys = self.keys.lock().unwrap().clone().ok_or(ProviderFault::Status(503))?;
        Ok(KeySet::read(json!({ "keys": keys }).to_string().as_bytes()).unwrap())
    }

    async fn exchange(
        &self,
        provider: &Metadata,
        exchange: &CodeExchange,
    ) -> Result<Tokens, ProviderFault> {
        assert_eq!(provider.token_endpoint.path(), "/token");
        *self.handed_in.lock().unwrap() = Some(exchange.clone());
        self.tokens.lock().unwrap().take().unwrap_or(Err(ProviderFault::CodeRefused))
    }
}

/// A client, its provider and its clock.
pub(super) struct Case {
    pub(super) client: OidcClient,
    pub(super) provider: Arc<Provider>,
    pub(super) clock: Arc<StandingClock>,
}

impl Case {
    pub(super) fn new(change: impl FnOnce(&mut OidcSettings)) -> Self {
        let mut settings = OidcSettings {
            issuer: ISSUER.parse().unwrap(),
            client_id: CLIENT.to_owned(),
            client_secret: None,
            audience: None,
            role_claim: None,
        };
        change(&mut settings);
        let provider = Arc::new(Provider::default());
        let clock = Arc::new(StandingClock(Mutex::new(Timestamp::from_second(NOW).unwrap())));
        let client = OidcClient::new(
            settings,
            Arc::<Provider>::clone(&provider),
            Arc::<StandingClock>::clone(&clock),
        );
        Self { client, provider, clock }
    }

    pub(super) fn publish(&self, keys: impl IntoIterator<Item = Value>) {
        *self.provider.keys.lock().unwrap() = Some(keys.into_iter().collect());
    }

    pub(super) fn keys_asked(&self) -> u32 {
        self.provider.keys_asked.load(Ordering::SeqCst)
    }

    pub(super) fn wait(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }
}

/// What a token says that is taken, with something else in it.
pub(super) fn claims(others: &Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER,
        "aud": CLIENT,
        "sub": "somebody",
        "iat": NOW,
        "exp": NOW + 300,
    });
    let all = claims.as_object_mut().unwrap();
    for (name, value) in others.as_object().unwrap() {
        if value.is_null() {
            all.remove(name);
        } else {
            all.insert(name.clone(), value.clone());
        }
    }
    claims
}
