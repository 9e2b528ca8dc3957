//! The ways in: one document by each, and what came back, to the byte.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, WebSocketClient};

/// A caller at the doors.
pub(super) struct Caller<'a> {
    pub(super) requests: Requests<'a>,
    pub(super) messages: Messages,
}

/// What goes by a request of its own.
pub(super) struct Requests<'a> {
    app: &'a TestApp,
    token: String,
}

/// What goes over one WebSocket.
pub(super) struct Messages {
    socket: WebSocketClient,
    asked: usize,
}

impl<'a> Caller<'a> {
    pub(super) async fn with(app: &'a TestApp, token: &str) -> Self {
        let authorization = format!("Bearer {token}");
        let headers = [
            ("sec-websocket-protocol", "graphql-transport-ws"),
            ("authorization", authorization.as_str()),
        ];
        let mut socket = WebSocketClient::connect(&app.url, &headers).await.unwrap();
        socket.say(&json!({ "type": "connection_init" })).await;
        assert_eq!(socket.hear().await.unwrap()["type"], "connection_ack");
        Self {
            requests: Requests { app, token: token.to_owned() },
            messages: Messages { socket, asked: 0 },
        }
    }

    /// The answer to a query or a mutation that changes nothing, the same by each way; all at once.
    pub(super) async fn everywhere(&mut self, document: &str) -> Value {
        let (posted, events, messages) = tokio::join!(
            self.requests.post(document),
            self.requests.events(document, 1),
            self.messages.told(document, 1)
        );
        for (way, told) in [("server-sent events", &events[0]), ("WebSocket", &messages[0])] {
            assert_eq!(in_order(told), in_order(&posted), "{way}: {document}");
        }
        posted
    }
}

impl Requests<'_> {
    pub(super) async fn rest(
        &self,
        method: Method,
        path: &str,
        accept: &str,
        body: &str,
    ) -> Answer {
        let mut request =
            self.app.request(method, path).bearer_auth(&self.token).header("accept", accept);
        if !body.is_empty() {
            request = request.header("content-type", "application/json").body(body.to_owned());
        }
        TestApp::send(request).await
    }

    pub(super) async fn post(&self, document: &str) -> Value {
        let body = json!({ "query": document });
        let request =
            self.app.request(Method::POST, "/graphql").bearer_auth(&self.token).json(&body);
        TestApp::send(request).await.json()
    }

    /// What server-sent events tell, so many of them.
    pub(super) async fn events(&self, document: &str, count: usize) -> Vec<Value> {
        let body = json!({ "query": document });
        let request =
            self.app.request(Method::POST, "/graphql").bearer_auth(&self.token).json(&body);
        let mut answer = request.header("accept", "text/event-stream").send().await.unwrap();
        let (mut text, mut told) = (String::new(), Vec::new());
        while told.len() < count {
            let chunk =
                answer.chunk().await.unwrap().unwrap_or_else(|| panic!("{document}: {text}"));
            text.push_str(&String::from_utf8_lossy(&chunk));
            let whole = text.rsplit_once("\n\n").map_or("", |(whole, _)| whole);
            let data = whole.lines().filter_map(|line| line.strip_prefix("data: "));
            told = data.map(|data| serde_json::from_str(data).unwrap()).collect();
        }
        told.truncate(count);
        told
    }
}

impl Messages {
    /// What is told there, so many times.
    pub(super) async fn told(&mut self, document: &str, count: usize) -> Vec<Value> {
        self.asked += 1;
        let id = self.asked.to_string();
        let payload = json!({ "query": document });
        self.socket.say(&json!({ "type": "subscribe", "id": id, "payload": payload })).await;
        let mut told = Vec::new();
        while told.len() < count {
            let message = self.socket.hear().await.unwrap();
            if message["id"] != json!(id) {
                continue;
            }
            assert_eq!(message["type"], "next", "{document}: {message}");
            told.push(message["payload"].clone());
        }
        self.socket.say(&json!({ "type": "complete", "id": id })).await;
        told
    }
}

/// An answer with its errors in one order.
fn in_order(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if let Some(errors) = answer["errors"].as_array_mut() {
        errors.sort_by_key(|error| error["path"].to_string());
    }
    answer
}
