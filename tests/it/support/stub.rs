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

use super::app::TestApp;
use super::database::Engine;

#[derive(Default)]
struct Script {
    /// What the next calls of a method are answered, one after the other.
    next: VecDeque<(&'static str, u16)>,
    /// What all others are answered, if not the truth.
    always: Option<u16>,
    /// Bodies that the next bookings and moves are answered with, one after the other.
    bodies: VecDeque<Value>,
    calls: Vec<String>,
    /// How often it was asked what it holds for one reference.
    look_ups: usize,
    /// What it holds, as it lists it.
    book: Vec<Value>,
    /// Every `Authorization` that came.
    tokens: Vec<String>,
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

    /// Answers the next booking or move, without acting on it, with this body. Nulls are left out.
    pub(crate) fn answer_with(&self, body: Value) {
        self.script.lock().unwrap().bodies.push_back(body);
    }

    /// What it holds, as it lists it: to be changed past everybody.
    pub(crate) fn book<T>(&self, change: impl FnOnce(&mut Vec<Value>) -> T) -> T {
        change(&mut self.script.lock().unwrap().book)
    }

    pub(crate) fn look_ups(&self) -> usize {
        self.script.lock().unwrap().look_ups
    }

    pub(crate) fn tokens(&self) -> Vec<String> {
        self.script.lock().unwrap().tokens.clone()
    }

    /// Every writing call so far: its method and its idempotency key.
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
    let headers = request.headers().clone();
    let header = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
    let (key, token) = (header("idempotency-key").to_owned(), header("authorization").to_owned());
    let query = request.uri().query().unwrap_or_default().to_owned();
    let id = request.uri().path().rsplit('/').next().unwrap().to_owned();
    let bytes = axum::body::to_bytes(request.into_body(), 64 * 1024).await.unwrap();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let mut script = script.lock().unwrap();
    script.tokens.push(token);
    let reference = query.strip_prefix("reference=");
    match (method.as_str(), reference) {
        // It has no list of a window.
        ("GET", None) => return StatusCode::BAD_REQUEST.into_response(),
        ("GET", Some(_)) => script.look_ups += 1,
        _ => script.calls.push(format!("{method} {key}")),
    }
    let ordered = script.next.iter().position(|(of, _)| *of == method);
    let status = ordered.and_then(|place| script.next.remove(place)).map(|(_, status)| status);
    if let Some(status) = status.or(script.always) {
        return (StatusCode::from_u16(status).unwrap(), Json(json!({}))).into_response();
    }
    if let Some(reference) = reference {
        let held = script.book.iter().filter(|row| row["reference"] == reference);
        return Json(held.collect::<Vec<_>>()).into_response();
    }
    if method == "DELETE" {
        script.book.retain(|row| row["appointment_id"] != id.as_str());
        return StatusCode::NO_CONTENT.into_response();
    }
    let id = if method == "POST" { format!("ext_{key}") } else { id };
    if let Some(mut answer) = script.bodies.pop_front() {
        answer.as_object_mut().unwrap().retain(|_key, value| !value.is_null());
        return Json(answer).into_response();
    }
    let place = script.book.iter().position(|row| row["appointment_id"] == id.as_str());
    let mut row = match place {
        Some(place) => script.book.remove(place),
        None => json!({ "appointment_id": id, "reference": body["reference"], "cancelled": false }),
    };
    (row["time"], row["duration_minutes"]) =
        (body["time"].clone(), body["duration_minutes"].clone());
    script.book.push(row.clone());
    let yes = Json(json!({ "scheduled": true, "reference": row["reference"], "appointment_id": id,
        "provider": "somebody", "patient": "somebody", "time": body["time"],
        "duration_minutes": body["duration_minutes"] }));
    if method == "POST" { (StatusCode::CREATED, yes).into_response() } else { yes.into_response() }
}

/// An application that a stub confirms the bookings of.
pub(crate) async fn stubbed(engine: Engine) -> (StubScheduler, TestApp) {
    let stub = StubScheduler::start().await;
    let app = TestApp::builder(engine).setting("SCHEDULER_URL", &stub.url).spawn().await;
    (stub, app)
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
