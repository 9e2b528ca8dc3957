//! The way to the provider and back.

use std::collections::HashMap;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::provider::{CLIENT, Case, ISSUER, REDIRECT, claims};
use super::signer::{Key, encoded};
use crate::oidc::client::{Arrival, Departure};
use crate::oidc::provider::{ProviderFault, Tokens};
use crate::oidc::{Identity, LocalPath, OidcSettings, PendingSignIn, SignInRefusal, TokenRefusal};

struct SignIn {
    case: Case,
    key: Key,
    departure: Departure,
}

fn asked(departure: &Departure) -> HashMap<String, String> {
    departure.location.query_pairs().into_owned().collect()
}

impl SignIn {
    async fn begin(change: impl FnOnce(&mut OidcSettings), says: Value) -> Self {
        let (case, key) = (Case::new(change), Key::p256());
        case.publish([key.public("one")]);
        *case.provider.says.lock().unwrap() = says;
        let departure = case.client.depart(REDIRECT, &LocalPath::default()).await;
        let departure = departure.unwrap_or_else(|error| panic!("{error}"));
        Self { case, key, departure }
    }

    async fn plain() -> Self {
        Self::begin(|_| (), Value::Null).await
    }

    /// Has the provider give a token with these claims beside the usual ones.
    fn gives(&self, others: &Value, access_token: Option<&str>) {
        let mut said = json!({ "nonce": asked(&self.departure)["nonce"] });
        said.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
        let header = json!({ "alg": "ES256", "kid": "one" });
        let id_token = self.key.token(&header, &claims(&said));
        let access_token = access_token.map(str::to_owned);
        *self.case.provider.tokens.lock().unwrap() = Some(Ok(Tokens { id_token, access_token }));
    }

    fn arrival(&self) -> Arrival {
        let state = Some(asked(&self.departure)["state"].clone());
        Arrival { code: Some("the-code".to_owned()), state, ..Arrival::default() }
    }

    async fn ends(&self, arrival: Arrival) -> Result<Identity, SignInRefusal> {
        let kept = PendingSignIn::from_cookie(&self.departure.pending.to_cookie()).unwrap();
        self.case.client.complete(&kept, arrival, REDIRECT).await
    }
}

#[tokio::test]
async fn the_browser_is_sent_with_all_that_the_answer_is_bound_to() {
    let sign_in = SignIn::begin(
        |settings| settings.role_claim = Some("role".to_owned()),
        json!({ "claims_parameter_supported": true }),
    )
    .await;
    let asked = asked(&sign_in.departure);
    for (name, expected) in [
        ("tenant", "1"),
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT),
        ("scope", "openid email profile"),
        ("code_challenge_method", "S256"),
        ("claims", r#"{"id_token":{"email":null,"email_verified":null,"role":null}}"#),
    ] {
        assert_eq!(asked[name], expected, "{name}");
    }
    sign_in.gives(&json!({ "email": "a@b.example", "email_verified": true }), None);
    let identity = sign_in.ends(sign_in.arrival()).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((identity.issuer.as_str(), identity.subject.as_str()), (ISSUER, "somebody"));
    assert_eq!(identity.verified_email.as_deref(), Some("a@b.example"));
    let handed_in = sign_in.case.provider.handed_in.lock().unwrap().take().unwrap();
    assert_eq!((handed_in.code.as_str(), handed_in.redirect_uri.as_str()), ("the-code", REDIRECT));
    assert_eq!(asked["code_challenge"], encoded(Sha256::digest(handed_in.verifier)));
}

#[tokio::test]
async fn an_answer_to_another_question_is_none() {
    type Change = fn(&mut Arrival);
    let cases: [(Change, SignInRefusal); 6] = [
        (|arrival| arrival.state = None, SignInRefusal::NotAskedFor),
        (|arrival| arrival.state = Some("another".to_owned()), SignInRefusal::NotAskedFor),
        (
            |arrival| arrival.issuer = Some("https://evil.example".to_owned()),
            SignInRefusal::NotAskedFor,
        ),
        (|arrival| arrival.code = None, SignInRefusal::NotAskedFor),
        (|arrival| arrival.error = Some("access_denied".to_owned()), SignInRefusal::Denied),
        (
            |arrival| (arrival.code, arrival.error) = (None, Some("server_error".to_owned())),
            SignInRefusal::Denied,
        ),
    ];
    for (change, expected) in cases {
        let sign_in = SignIn::plain().await;
        sign_in.gives(&json!({}), None);
        let mut arrival = sign_in.arrival();
        change(&mut arrival);
        assert_eq!(sign_in.ends(arrival).await.err(), Some(expected));
        assert!(sign_in.case.provider.handed_in.lock().unwrap().is_none(), "no code is handed in");
    }
}

#[tokio::test]
async fn a_provider_that_names_itself_does_so_in_each_answer() {
    let says = || json!({ "authorization_response_iss_parameter_supported": true });
    let sign_in = SignIn::begin(|_| (), says()).await;
    sign_in.gives(&json!({}), None);
    let ended = sign_in.ends(sign_in.arrival()).await;
    assert_eq!(ended.err(), Some(SignInRefusal::NotAskedFor));
    let sign_in = SignIn::begin(|_| (), says()).await;
    sign_in.gives(&json!({}), None);
    let arrival = Arrival { issuer: Some(ISSUER.to_owned()), ..sign_in.arrival() };
    assert!(sign_in.ends(arrival).await.is_ok());
}

#[tokio::test]
async fn a_sign_in_is_used_once_and_within_ten_minutes() {
    let sign_in = SignIn::plain().await;
    sign_in.gives(&json!({}), None);
    assert!(sign_in.ends(sign_in.arrival()).await.is_ok());
    sign_in.gives(&json!({}), None);
    assert_eq!(sign_in.ends(sign_in.arrival()).await.err(), Some(SignInRefusal::Lapsed));

    let late = SignIn::plain().await;
    late.gives(&json!({ "exp": 1_900_000_000 }), None);
    late.case.wait(600);
    assert_eq!(late.ends(late.arrival()).await.err(), Some(SignInRefusal::Lapsed));
}

#[tokio::test]
async fn a_token_of_another_sign_in_or_for_another_client_is_not_taken() {
    // The hash of "the-access-token" under ES256.
    let hash = encoded(&Sha256::digest("the-access-token")[..16]);
    let not_asked_for = Some(SignInRefusal::Token(TokenRefusal::NotAskedFor));
    for (others, access_token, expected) in [
        (json!({ "nonce": "another" }), None, not_asked_for),
        (json!({ "nonce": null }), None, not_asked_for),
        (json!({ "azp": "another" }), None, not_asked_for),
        (json!({ "aud": [CLIENT, "another"] }), None, not_asked_for),
        (json!({ "aud": [CLIENT, "another"], "azp": CLIENT }), None, None),
        (json!({ "at_hash": hash }), Some("the-access-token"), None),
        (json!({ "at_hash": hash }), Some("another"), not_asked_for),
        (json!({ "at_hash": hash }), None, not_asked_for),
        (json!({ "aud": "another" }), None, Some(SignInRefusal::Token(TokenRefusal::Audience))),
        (json!({ "exp": 1 }), None, Some(SignInRefusal::Token(TokenRefusal::Expired))),
    ] {
        let sign_in = SignIn::plain().await;
        sign_in.gives(&others, access_token);
        assert_eq!(sign_in.ends(sign_in.arrival()).await.err(), expected, "{others}");
    }
}

#[tokio::test]
async fn a_code_that_is_not_taken_signs_nobody_in() {
    for (fault, expected) in [
        (ProviderFault::CodeRefused, SignInRefusal::Lapsed),
        (ProviderFault::ClientRefused, SignInRefusal::Unavailable),
        (ProviderFault::Status(500), SignInRefusal::Unavailable),
    ] {
        let sign_in = SignIn::plain().await;
        *sign_in.case.provider.tokens.lock().unwrap() = Some(Err(fault));
        assert_eq!(sign_in.ends(sign_in.arrival()).await.err(), Some(expected));
    }
}
