//! A provider of the test's own: it signs what it is told, and counts what it is asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use clinic::domain::Clock as _;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::support::{Engine, TestApp, closed};

pub(super) const CLIENT: &str = "clinic";
/// It goes into the header, where a form would write most of it otherwise.
pub(super) const SECRET: &str = "a secret: 100%+";

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[derive(Default)]
struct Script {
    asked: HashMap<String, u32>,
    /// What the next code is worth: the claims of its token.
    worth: Option<Value>,
    /// The last form that came with a code.
    handed_in: HashMap<String, String>,
    /// How it was authorized.
    authorization: String,
    /// Answers everything with that status.
    always: Option<u16>,
}

pub(super) struct StubProvider {
    pub(super) issuer: String,
    key: Arc<Ed25519KeyPair>,
    script: Arc<Mutex<Script>>,
    serving: JoinHandle<()>,
}

impl Drop for StubProvider {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl StubProvider {
    pub(super) async fn start() -> Self {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let key = Arc::new(Ed25519KeyPair::from_pkcs8(made.as_ref()).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}/realm", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(Script::default()));
        let state = (issuer.clone(), Arc::clone(&key), Arc::clone(&script));
        let router = axum::Router::new().fallback(answer).with_state(state);
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { issuer, key, script, serving }
    }

    /// A closed server whose people come from here.
    pub(super) async fn clinic(&self, engine: Engine, settings: &[(&str, &str)]) -> TestApp {
        let mut builder = closed(engine)
            .setting("OIDC_ISSUER", &self.issuer)
            .setting("OIDC_CLIENT_ID", CLIENT)
            .setting("OIDC_CLIENT_SECRET", SECRET);
        for (name, value) in settings {
            builder = builder.setting(name, value);
        }
        builder.spawn().await
    }

    /// What a token says that counts for five minutes, with `others` in it.
    pub(super) fn claims(&self, app: &TestApp, others: &Value) -> Value {
        let now = app.clock.now().as_second();
        let mut claims = json!({
            "iss": self.issuer, "aud": CLIENT, "sub": "subject-ada", "iat": now, "exp": now + 300,
        });
        claims.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
        claims
    }

    pub(super) fn token(&self, app: &TestApp, others: &Value) -> String {
        signed(&self.key, &self.claims(app, others))
    }

    /// Has the next code be worth a token with these claims.
    pub(super) fn next_code_is_worth(&self, claims: Value) {
        self.script.lock().unwrap().worth = Some(claims);
    }

    pub(super) fn always(&self, status: Option<u16>) {
        self.script.lock().unwrap().always = status;
    }

    pub(super) fn asked(&self, path: &str) -> u32 {
        self.script.lock().unwrap().asked.get(path).copied().unwrap_or_default()
    }

    /// The form that came with the last code, and how it was authorized.
    pub(super) fn handed_in(&self) -> (HashMap<String, String>, String) {
        let script = self.script.lock().unwrap();
        (script.handed_in.clone(), script.authorization.clone())
    }
}

fn signed(key: &Ed25519KeyPair, claims: &Value) -> String {
    let header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": "one" });
    let message = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
    let signature = encoded(key.sign(message.as_bytes()));
    format!("{message}.{signature}")
}

/// What the header of a client with that secret holds (RFC 6749, section 2.3.1).
pub(super) fn basic() -> String {
    format!("Basic {}", STANDARD.encode("clinic:a+secret%3A+100%25%2B"))
}

type Parts = (String, Arc<Ed25519KeyPair>, Arc<Mutex<Script>>);

async fn answer(State((issuer, key, script)): State<Parts>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let authorization = request.headers().get("authorization").cloned();
    let body = axum::body::to_bytes(request.into_body(), 65_536).await.unwrap();
    let mut script = script.lock().unwrap();
    *script.asked.entry(path.clone()).or_default() += 1;
    if let Some(status) = script.always {
        return StatusCode::from_u16(status).unwrap().into_response();
    }
    match path.as_str() {
        "/realm/.well-known/openid-configuration" => Json(json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/auth"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "authorization_response_iss_parameter_supported": true,
        }))
        .into_response(),
        "/realm/jwks" => Json(json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "kid": "one", "x": encoded(key.public_key()),
        }] }))
        .into_response(),
        "/realm/token" => {
            script.handed_in = serde_urlencoded::from_bytes(&body).unwrap();
            script.authorization =
                authorization.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
            match script.worth.take() {
                Some(claims) => Json(json!({
                    "id_token": signed(&key, &claims), "access_token": "opaque", "token_type": "Bearer",
                }))
                .into_response(),
                None => {
                    let refused = json!({ "error": "invalid_grant", "error_description": "no such code" });
                    (StatusCode::BAD_REQUEST, Json(refused)).into_response()
                }
            }
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
