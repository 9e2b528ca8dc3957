//! The provider as it is on the network: slow, large, and leading elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect};
use axum::routing::{get, post};
use serde_json::json;
use tokio::net::TcpListener;
use url::Url;

use crate::oidc::metadata::{ClientAuthentication, Metadata};
use crate::oidc::provider::{CodeExchange, IdentityProvider as _, ProviderFault, Tokens};
use crate::oidc::{HttpIdentityProvider, OidcSettings};

struct Served {
    provider: HttpIdentityProvider,
    url: String,
}

/// Serves those routes, and makes a client of what they are.
async fn served(routes: impl FnOnce(&str) -> Router, secret: Option<&str>) -> Served {
    drop(rustls::crypto::ring::default_provider().install_default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let application = routes(&url);
    tokio::spawn(async move { axum::serve(listener, application).await });
    let settings = OidcSettings {
        issuer: url.parse().unwrap(),
        client_id: "cli:nic".to_owned(),
        client_secret: secret.map(str::to_owned),
        audience: None,
        role_claim: None,
    };
    Served { provider: HttpIdentityProvider::new(&settings).unwrap(), url }
}

impl Served {
    fn at(&self, path: &str) -> Url {
        format!("{}{path}", self.url).parse().unwrap()
    }

    async fn exchanged(&self, how: ClientAuthentication) -> Result<Tokens, ProviderFault> {
        let metadata = Metadata {
            authorization_endpoint: self.at("/auth"),
            token_endpoint: self.at("/token"),
            keys: self.at("/jwks"),
            client_authentication: how,
            names_itself: false,
            takes_claims: false,
        };
        let exchange = CodeExchange {
            code: "c&d".to_owned(),
            verifier: "v".to_owned(),
            redirect_uri: "https://clinic.example/cb".to_owned(),
        };
        self.provider.exchange(&metadata, &exchange).await
    }
}

#[tokio::test]
async fn nobody_else_answers_for_the_provider() {
    let elsewhere = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&elsewhere);
    let keys = move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { r#"{"keys":[]}"# }
    };
    let routes = |url: &str| {
        let other = format!("{url}/keys");
        Router::new()
            .route("/jwks", get(move || async move { Redirect::temporary(&other) }))
            .route("/keys", get(keys))
    };
    let served = served(routes, None).await;
    let moved = served.provider.keys(&served.at("/jwks")).await;
    assert_eq!(moved.err(), Some(ProviderFault::Status(307)));
    assert_eq!(elsewhere.load(Ordering::SeqCst), 0);
    let unlike = served.provider.metadata().await;
    assert_eq!(unlike.err(), Some(ProviderFault::Status(404)));
    // Where the issuer is not this machine, nothing is sent in the clear.
    let settings = OidcSettings {
        issuer: "https://id.example".parse().unwrap(),
        client_id: "clinic".to_owned(),
        client_secret: None,
        audience: None,
        role_claim: None,
    };
    let strict = HttpIdentityProvider::new(&settings).unwrap();
    assert!(strict.keys(&served.at("/keys")).await.is_err());
    assert_eq!(elsewhere.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_answer_is_read_to_its_limit_and_understood_or_not() {
    let spaces = |most: usize| move || async move { " ".repeat(most) + r#"{"keys":[]}"# };
    let served = served(
        |_| {
            Router::new()
                .route("/large", get(spaces(256 * 1024 - 11)))
                .route("/too-large", get(spaces(256 * 1024 - 10)))
                .route("/garbage", get(|| async { "<html>" }))
        },
        None,
    )
    .await;
    assert!(served.provider.keys(&served.at("/large")).await.is_ok());
    let too_large = served.provider.keys(&served.at("/too-large")).await.err();
    assert_eq!(too_large, Some(ProviderFault::NoAnswer("its answer is too large")));
    let garbage = served.provider.keys(&served.at("/garbage")).await.err();
    assert_eq!(garbage, Some(ProviderFault::Malformed));
}

#[tokio::test]
async fn the_secret_is_sent_as_the_provider_takes_it_and_refusals_are_told_apart() {
    // Answers with what came, where an id token would be.
    let echo = |headers: HeaderMap, body: String| async move {
        let authorization = headers.get("authorization").map(|value| value.to_str().unwrap());
        let came = format!("{}|{body}", authorization.unwrap_or_default());
        axum::Json(json!({ "id_token": came, "access_token": "a" }))
    };
    let form = "grant_type=authorization_code&code=c%26d\
                &redirect_uri=https%3A%2F%2Fclinic.example%2Fcb&code_verifier=v";
    for (secret, how, expected) in [
        // `cli%3Anic:s+%26`
        (Some("s &"), ClientAuthentication::Basic, format!("Basic Y2xpJTNBbmljOnMrJTI2|{form}")),
        (
            Some("s &"),
            ClientAuthentication::Post,
            format!("|{form}&client_id=cli%3Anic&client_secret=s+%26"),
        ),
        (None, ClientAuthentication::Basic, format!("|{form}&client_id=cli%3Anic")),
    ] {
        let served = served(|_| Router::new().route("/token", post(echo)), secret).await;
        assert_eq!(served.exchanged(how).await.map(|tokens| tokens.id_token).ok(), Some(expected));
    }
    for (status, body, expected) in [
        (400, r#"{"error":"invalid_grant"}"#, ProviderFault::CodeRefused),
        (401, r#"{"error":"invalid_client"}"#, ProviderFault::ClientRefused),
        (400, r#"{"error":"words of others"}"#, ProviderFault::Status(400)),
        (400, "<html>", ProviderFault::Status(400)),
        (500, r#"{"error":"invalid_grant"}"#, ProviderFault::Status(500)),
        (200, r#"{"access_token":"a"}"#, ProviderFault::Malformed),
    ] {
        let answer =
            move || async move { (StatusCode::from_u16(status).unwrap(), body).into_response() };
        let served = served(|_| Router::new().route("/token", post(answer)), None).await;
        let exchanged = served.exchanged(ClientAuthentication::Basic).await;
        assert_eq!(exchanged.err(), Some(expected), "{status} {body}");
    }
}
