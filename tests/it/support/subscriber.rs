//! A dashboard: a client of `graphql-transport-ws`.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue, StatusCode};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::app::TestApp;

const PATIENCE: Duration = Duration::from_secs(30);

/// A connection, below the protocol.
pub(crate) struct WebSocketClient {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl WebSocketClient {
    /// Connects with those headers; the status when the server does not want it.
    pub(crate) async fn connect(url: &str, headers: &[(&str, &str)]) -> Result<Self, StatusCode> {
        let url = format!("{}/graphql/ws", url.replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self { socket }),
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => Err(response.status()),
            // A server that was asked for a subprotocol and speaks none: the client hangs up.
            Err(error) => panic!("{error}"),
        }
    }

    /// Connects as a client of the protocol does.
    pub(crate) async fn open(app: &TestApp) -> Self {
        let headers = [("sec-websocket-protocol", "graphql-transport-ws")];
        Self::connect(&app.url, &headers).await.unwrap()
    }

    pub(crate) async fn say(&mut self, message: &Value) {
        self.send(Message::text(message.to_string())).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    /// What comes next: a message of the protocol, or the code that closes the connection.
    pub(crate) async fn hear(&mut self) -> Result<Value, u16> {
        timeout(PATIENCE, self.next()).await.expect("nothing was said")
    }

    /// The code and the reason that close the connection, whatever comes before.
    pub(crate) async fn closed_with(&mut self) -> (u16, String) {
        let closed = async {
            loop {
                if let Err(closed) = self.read().await {
                    return closed;
                }
            }
        };
        timeout(PATIENCE, closed).await.expect("it was not closed")
    }

    async fn next(&mut self) -> Result<Value, u16> {
        self.read().await.map_err(|(code, _)| code)
    }

    async fn read(&mut self) -> Result<Value, (u16, String)> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => {
                    let told = frame.map(|frame| (frame.code.into(), frame.reason.to_string()));
                    return Err(told.unwrap_or((1005, String::new())));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err((1006, String::new())),
            }
        }
    }
}

/// A GraphQL operation by POST, for a client that accepts that; its answer, yet to be read.
pub(crate) async fn stream(app: &TestApp, accept: &str, query: &str) -> reqwest::Response {
    app.request(reqwest::Method::POST, "/graphql")
        .header("accept", accept)
        .json(&json!({ "query": query }))
        .send()
        .await
        .unwrap()
}

/// Before the first event of a log.
pub(crate) const BEGINNING: &str = "evt_000000000000";

/// Before the first event of the roster's log.
pub(crate) const ROSTER_BEGINNING: &str = "rst_000000000000";

/// A dashboard that follows `appointmentChanged`.
pub(crate) struct Subscriber {
    client: WebSocketClient,
}

impl Subscriber {
    /// Subscribes to what comes after a cursor, on those conditions, such as `state: "CT"`.
    pub(crate) async fn after(app: &TestApp, cursor: &str, conditions: &str) -> Self {
        Self::follow(app, &format!(r#"(after: "{cursor}" {conditions})"#)).await
    }

    /// Subscribes with those arguments; empty for none.
    pub(crate) async fn follow(app: &TestApp, arguments: &str) -> Self {
        let mut client = WebSocketClient::open(app).await;
        client.say(&json!({ "type": "connection_init" })).await;
        assert_eq!(client.hear().await, Ok(json!({ "type": "connection_ack" })));
        let query = format!(
            "subscription {{ appointmentChanged{arguments} {{
                cursor kind at appointment {{ id status patient {{ name }} }} }} }}"
        );
        client.say(&json!({ "type": "subscribe", "id": "1", "payload": { "query": query } })).await;
        Self { client }
    }

    /// The next event.
    pub(crate) async fn event(&mut self) -> Value {
        let message = self.client.hear().await.unwrap();
        assert_eq!(message["type"], "next", "{message}");
        assert_eq!(message["payload"]["errors"], Value::Null, "{message}");
        message["payload"]["data"]["appointmentChanged"].clone()
    }

    /// The next so many events.
    pub(crate) async fn events(&mut self, count: usize) -> Vec<Value> {
        let mut events = Vec::with_capacity(count);
        while events.len() < count {
            events.push(self.event().await);
        }
        events
    }
}
