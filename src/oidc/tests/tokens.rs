//! Tokens that callers bring.

use serde_json::{Value, json};

use super::provider::{CLIENT, Case, ISSUER, NOW, claims};
use super::signer::{Key, encoded};
use crate::oidc::{ClaimedRole, TokenRefusal};

fn header(algorithm: &str, key: &str) -> Value {
    json!({ "alg": algorithm, "typ": "JWT", "kid": key })
}

/// A case whose provider signs with one key on P-256.
fn case() -> (Case, Key) {
    let (case, key) = (Case::new(|_| ()), Key::p256());
    case.publish([key.public("one")]);
    (case, key)
}

#[tokio::test]
async fn every_algorithm_of_the_list_is_believed() {
    let keys = [
        (Key::rsa(), "rsa", &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"][..]),
        (Key::p256(), "p256", &["ES256"]),
        (Key::p384(), "p384", &["ES384"]),
        (Key::ed25519(), "ed", &["EdDSA"]),
    ];
    let case = Case::new(|_| ());
    case.publish(keys.iter().map(|(key, id, _)| key.public(id)));
    for (key, id, algorithms) in &keys {
        for algorithm in *algorithms {
            let token = key.token(&header(algorithm, id), &claims(&json!({})));
            let identity = case.client.bearer(&token).await.map_err(|error| (algorithm, error));
            let identity = identity.map(|identity| identity.subject);
            assert_eq!(identity, Ok("somebody".to_owned()));
            // And with another signature of the same key it is not.
            let (signed, _) = token.rsplit_once('.').unwrap();
            let other = key.token(&header(algorithm, id), &claims(&json!({ "sub": "other" })));
            let (_, signature) = other.rsplit_once('.').unwrap();
            let forged = case.client.bearer(&format!("{signed}.{signature}")).await;
            assert_eq!(forged.err(), Some(TokenRefusal::Signature), "{algorithm}");
        }
    }
    assert_eq!(case.keys_asked(), 1);
}

#[tokio::test]
async fn what_a_token_says_of_itself_must_hold() {
    let (case, key) = case();
    let changes = [
        (json!({ "iss": "https://evil.example" }), TokenRefusal::Issuer),
        (json!({ "iss": format!("{ISSUER}/") }), TokenRefusal::Issuer),
        (json!({ "iss": [ISSUER] }), TokenRefusal::Claims),
        (json!({ "iss": null }), TokenRefusal::Claims),
        (json!({ "aud": "another" }), TokenRefusal::Audience),
        (json!({ "aud": ["another", "one-more"] }), TokenRefusal::Audience),
        (json!({ "aud": null }), TokenRefusal::Claims),
        (json!({ "sub": null }), TokenRefusal::Claims),
        (json!({ "sub": 7 }), TokenRefusal::Claims),
        (json!({ "sub": "" }), TokenRefusal::Claims),
        (json!({ "exp": NOW - 30 }), TokenRefusal::Expired),
        (json!({ "exp": null }), TokenRefusal::Claims),
        (json!({ "exp": "never" }), TokenRefusal::Claims),
        (json!({ "nbf": NOW + 31 }), TokenRefusal::NotYetValid),
        (json!({ "iat": NOW + 31 }), TokenRefusal::NotYetValid),
        (json!({ "events": { "logout": {} } }), TokenRefusal::Claims),
    ];
    for (change, expected) in changes {
        let token = key.token(&header("ES256", "one"), &claims(&change));
        assert_eq!(case.client.bearer(&token).await.err(), Some(expected), "{change}");
    }
    for change in [
        json!({}),
        json!({ "aud": ["another", CLIENT] }),
        json!({ "exp": NOW - 29, "iat": null }),
        json!({ "nbf": NOW + 30 }),
    ] {
        let token = key.token(&header("ES256", "one"), &claims(&change));
        assert!(case.client.bearer(&token).await.is_ok(), "{change}");
    }
}

#[tokio::test]
async fn a_header_chooses_neither_algorithm_nor_key() {
    use TokenRefusal::{Algorithm, Claims, Malformed, UnknownKey};
    let (case, key) = (Case::new(|_| ()), Key::rsa());
    let public = key.public("one");
    let modulus = public["n"].as_str().unwrap().as_bytes().to_vec();
    let secret = Key::Secret(b"a secret among the public keys".to_vec());
    let mut only_rs512 = public.clone();
    only_rs512["kid"] = json!("rs512");
    only_rs512["alg"] = json!("RS512");
    let mut to_encrypt = public.clone();
    to_encrypt["kid"] = json!("enc");
    to_encrypt["use"] = json!("enc");
    case.publish([public.clone(), secret.public("oct"), only_rs512, to_encrypt]);

    let said = claims(&json!({}));
    let with_the_public_key = Key::Secret(modulus).token(&header("HS256", "one"), &said);
    let with_the_shown_secret = secret.token(&header("HS256", "oct"), &said);
    let message =
        |header: &Value| format!("{}.{}.", encoded(header.to_string()), encoded(said.to_string()));
    let mine = Key::p256();
    let mut brings_its_key = header("ES256", "mine");
    brings_its_key["jwk"] = mine.public("mine");
    brings_its_key["jku"] = json!("https://evil.example/jwks");
    let critical = json!({ "alg": "RS256", "kid": "one", "crit": ["b64"], "b64": false });
    let logout = json!({ "alg": "RS256", "kid": "one", "typ": "logout+jwt" });
    for (what, token, expected) in [
        ("HS256 with the public key", with_the_public_key, Algorithm),
        ("HS256 with a shown secret", with_the_shown_secret, Algorithm),
        ("none", message(&json!({ "alg": "none" })), Malformed),
        ("NONE", message(&json!({ "alg": "NONE", "kid": "one" })), Malformed),
        ("no algorithm", message(&json!({ "kid": "one" })), Malformed),
        ("an RSA key for ES256", key.token(&header("ES256", "one"), &said), Algorithm),
        ("another than the key's", key.token(&header("RS256", "rs512"), &said), Algorithm),
        ("a key for encryption", key.token(&header("RS256", "enc"), &said), UnknownKey),
        ("its own key", mine.token(&brings_its_key, &said), UnknownKey),
        ("what must be understood", key.token(&critical, &said), Malformed),
        ("another kind", key.token(&logout, &said), Claims),
        ("no token", "a.b.c".to_owned(), Malformed),
        ("two parts", "a.b".to_owned(), Malformed),
        ("nothing", String::new(), Malformed),
        ("too long", "a".repeat(17 * 1024), Malformed),
    ] {
        assert_eq!(case.client.bearer(&token).await.err(), Some(expected), "{what}");
    }
    let at = json!({ "alg": "RS256", "kid": "one", "typ": "application/at+jwt" });
    assert!(case.client.bearer(&key.token(&at, &said)).await.is_ok());
    assert!(case.client.bearer(&key.token(&header("RS512", "rs512"), &said)).await.is_ok());
}

#[tokio::test]
async fn a_token_that_names_no_key_is_taken_where_only_one_can_be_meant() {
    let (case, (one, other)) = (Case::new(|_| ()), (Key::p256(), Key::p256()));
    let token = one.token(&json!({ "alg": "ES256" }), &claims(&json!({})));
    case.publish([one.public("one"), Key::p384().public("other")]);
    assert!(case.client.bearer(&token).await.is_ok());
    case.wait(601);
    case.publish([one.public("one"), other.public("other")]);
    let token = one.token(&json!({ "alg": "ES256" }), &claims(&json!({ "exp": NOW + 9000 })));
    assert_eq!(case.client.bearer(&token).await.err(), Some(TokenRefusal::Algorithm));
}

#[tokio::test]
async fn keys_are_rotated_and_a_flood_of_unknown_ones_is_asked_for_once_a_minute() {
    let (case, old) = case();
    let long = claims(&json!({ "exp": NOW + 900_000 }));
    let old_token = old.token(&header("ES256", "one"), &long);
    assert!(case.client.bearer(&old_token).await.is_ok());

    let new = Key::p384();
    case.publish([new.public("two")]);
    let new_token = new.token(&header("ES384", "two"), &long);
    for flood in 0..1000 {
        let unknown = old.token(&header("ES256", &format!("unknown-{flood}")), &long);
        assert_eq!(case.client.bearer(&unknown).await.err(), Some(TokenRefusal::UnknownKey));
    }
    assert_eq!(case.keys_asked(), 1, "not in the minute after they were read");
    assert_eq!(case.client.bearer(&new_token).await.err(), Some(TokenRefusal::UnknownKey));
    case.wait(60);
    assert!(case.client.bearer(&new_token).await.is_ok());
    assert_eq!(case.keys_asked(), 2);
    assert_eq!(case.client.bearer(&old_token).await.err(), Some(TokenRefusal::UnknownKey));
}

#[tokio::test]
async fn keys_are_kept_for_a_day_while_the_provider_is_down() {
    let (case, key) = case();
    let token = key.token(&header("ES256", "one"), &claims(&json!({ "exp": NOW + 900_000 })));
    assert!(case.client.bearer(&token).await.is_ok());
    *case.provider.keys.lock().unwrap() = None;
    case.wait(24 * 3600);
    for _ in 0..100 {
        assert!(case.client.bearer(&token).await.is_ok());
    }
    assert_eq!(case.keys_asked(), 2);
    case.wait(60);
    assert_eq!(case.client.bearer(&token).await.err(), Some(TokenRefusal::UnknownKey));
}

#[tokio::test]
async fn the_audience_and_the_role_claim_are_those_of_the_settings() {
    let case = Case::new(|settings| {
        settings.audience = Some("api://clinic".to_owned());
        settings.role_claim = Some("role".to_owned());
    });
    let key = Key::ed25519();
    case.publish([key.public("one")]);
    let bearer = async |others: Value| {
        let said = claims(&others);
        case.client.bearer(&key.token(&header("EdDSA", "one"), &said)).await
    };
    assert_eq!(bearer(json!({})).await.err(), Some(TokenRefusal::Audience));
    let address = json!({ "email": "a@b.example", "email_verified": true });
    let mut for_api = address.clone();
    for_api["aud"] = json!("api://clinic");
    let identity = bearer(for_api.clone()).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((identity.role, identity.verified_email), (ClaimedRole::NotSaid, None));
    for_api["aud"] = json!(["api://clinic", CLIENT]);
    for_api["role"] = json!("ADMIN");
    let identity = bearer(for_api).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(identity.role, ClaimedRole::Said("ADMIN".to_owned()));
    assert_eq!(identity.verified_email.as_deref(), Some("a@b.example"));
}
