//! A scheduling service of the test's own, which answers what it is told and counts its calls.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

#[derive(Default)]
struct Script {
    /// What the next calls of a method are answered, one after the other.
    next: VecDeque<(&'static str, u16)>,
    /// What all others are answered, if not the truth.
    always: Option<u16>,
    calls: Vec<String>,
}

pub(crate) struct StubScheduler {
    pub(crate) url: String,
    script: Arc<Mutex<Script>>,
    serving: JoinHandle<()>,
}

impl StubScheduler {
    pub(crate) async fn start() -> Self {
        let script = Arc::new(Mutex::new(Script::default()));
        let router = axum::Router::new().fallback(answer).with_state(script.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, script, serving }
    }

    /// Answers every call with this status; with `None`, as a service that works.
    pub(crate) fn always(&self, status: Option<u16>) {
        self.script.lock().unwrap().always = status;
    }

    /// Answers the next call of that method, as yet without an order, with this status.
    pub(crate) fn once(&self, method: &'static str, status: u16) {
        self.script.lock().unwrap().next.push_back((method, status));
    }

    /// Every call so far: its method and its idempotency key.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.script.lock().unwrap().calls.clone()
    }
}

impl Drop for StubScheduler {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(State(script): State<Arc<Mutex<Script>>>, request: Request) -> Response {
    let method = request.method().to_string();
    let key = request.headers()["idempotency-key"].to_str().unwrap().to_owned();
    let id = request.uri().path().rsplit('/').next().unwrap().to_owned();
    let bytes = axum::body::to_bytes(request.into_body(), 64 * 1024).await.unwrap();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let mut script = script.lock().unwrap();
    script.calls.push(format!("{method} {key}"));
    let ordered = script.next.iter().position(|(of, _)| *of == method);
    let status = ordered.and_then(|place| script.next.remove(place)).map(|(_, status)| status);
    if let Some(status) = status.or(script.always) {
        return (StatusCode::from_u16(status).unwrap(), Json(json!({}))).into_response();
    }
    let id = if method == "POST" { format!("ext_{key}") } else { id };
    let yes = Json(json!({ "scheduled": true, "appointment_id": id, "provider": "somebody",
        "patient": "somebody", "time": body["time"] }));
    match method.as_str() {
        "POST" => (StatusCode::CREATED, yes).into_response(),
        "DELETE" => StatusCode::NO_CONTENT.into_response(),
        _ => yes.into_response(),
    }
}

/// Faults under which the service's answer is not known; it may or may not have acted.
pub(crate) fn unknown_outcomes() -> Vec<Value> {
    vec![
        json!({ "down": true }),
        json!({ "error_rate": 1 }),
        json!({ "drop_rate": 1 }),
        json!({ "lost_reply_rate": 1 }),
        json!({ "garbage_rate": 1 }),
    ]
}
