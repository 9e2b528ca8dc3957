//! Another program that is told: it notes what comes, and answers what it is told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::support::comes_true;

/// A message as it came.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Message {
    pub(super) fn id(&self) -> &str {
        self.headers["webhook-id"].to_str().unwrap()
    }

    pub(super) fn signature(&self) -> &str {
        self.headers["webhook-signature"].to_str().unwrap()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Type, appointment and start.
    pub(super) fn told(&self) -> (String, String, String) {
        let body = self.json();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (
            text(&body["type"]),
            text(&body["data"]["appointment_id"]),
            text(&body["data"]["starts_at"]),
        )
    }

    /// Whether the specification's own library takes it for one that was signed with `secret`.
    pub(super) fn is_signed_with(&self, secret: &str) -> bool {
        let timestamp = self.headers["webhook-timestamp"].to_str().unwrap().parse().unwrap();
        // It would verify by the machine's clock alone: it is asked for the signature instead.
        let webhook = Webhook::new(secret).unwrap();
        let expected = webhook.sign(self.id(), timestamp, self.body.as_bytes()).unwrap();
        self.signature().split(' ').any(|signature| signature == expected)
    }
}

#[derive(Default)]
struct Script {
    next: VecDeque<u16>,
    always: Option<u16>,
    /// Messages about these appointments are answered 500.
    poisoned: Vec<String>,
    messages: Vec<Message>,
    /// So many of the next are never answered.
    hanging: usize,
}

pub(super) struct Receiver {
    pub(super) url: String,
    script: Arc<Mutex<Script>>,
    serving: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Receiver {
    pub(super) async fn start() -> Self {
        let script = Arc::new(Mutex::new(Script::default()));
        let router = axum::Router::new().fallback(answer).with_state(Arc::clone(&script));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?key=of-the-receiver", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, script, serving }
    }

    /// Answers the next messages so, one after the other.
    pub(super) fn next(&self, statuses: &[u16]) {
        self.script.lock().unwrap().next.extend(statuses);
    }

    pub(super) fn always(&self, status: Option<u16>) {
        self.script.lock().unwrap().always = status;
    }

    /// Answers 500 to whatever is about that appointment, or to nothing any more.
    pub(super) fn poison(&self, appointment: Option<&str>) {
        self.script.lock().unwrap().poisoned =
            appointment.map(ToOwned::to_owned).into_iter().collect();
    }

    /// Answers so many of the next never.
    pub(super) fn hang(&self, count: usize) {
        self.script.lock().unwrap().hanging = count;
    }

    pub(super) fn messages(&self) -> Vec<Message> {
        self.script.lock().unwrap().messages.clone()
    }

    /// Waits until so many have come.
    pub(super) async fn has(&self, count: usize) -> Vec<Message> {
        let came = comes_true(async || self.messages().len() >= count).await;
        let messages = self.messages();
        let told: Vec<_> = messages.iter().map(Message::told).collect();
        assert!(came && messages.len() == count, "{} instead of {count}: {told:?}", messages.len());
        messages
    }
}

async fn answer(
    State(script): State<Arc<Mutex<Script>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    // Once it is seen to have come, it is decided how it is answered.
    let (hangs, status) = {
        let mut script = script.lock().unwrap();
        let poisoned = script.poisoned.iter().any(|id| body.contains(id));
        let hangs = script.hanging > 0;
        script.hanging = script.hanging.saturating_sub(1);
        script.messages.push(Message { headers, body });
        let status = if poisoned { Some(500) } else { script.next.pop_front().or(script.always) };
        (hangs, status)
    };
    if hangs {
        std::future::pending::<()>().await;
    }
    let status = StatusCode::from_u16(status.unwrap_or(204)).unwrap();
    let elsewhere = [("location", "http://127.0.0.1:1/elsewhere")];
    if status.is_redirection() {
        (status, elsewhere).into_response()
    } else {
        status.into_response()
    }
}
