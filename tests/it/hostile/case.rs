//! One hostile request, how it is sent, and what came back.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::socket;

pub(super) const NEWER: &str = "application/graphql-response+json";
pub(super) const EVIL: &str = "https://evil.example.com";

pub(super) enum Attack {
    Http {
        method: Method,
        path: String,
        headers: Vec<(String, Vec<u8>)>,
        body: Option<Vec<u8>>,
    },
    /// Bytes on a connection of their own, after which the client may hang up.
    Raw {
        bytes: Vec<u8>,
        hang_up: bool,
    },
    /// A request for a WebSocket, and bytes after it that need not wait for the answer.
    Socket {
        handshake: String,
        frames: Vec<u8>,
    },
}

pub(super) struct Case {
    pub(super) name: String,
    pub(super) attack: Attack,
    /// The status, 0 for a connection that is closed without one, and the code; for a WebSocket
    /// see [`socket::speak`].
    pub(super) expected: (u16, &'static str),
}

impl Case {
    pub(super) fn http(
        name: impl Into<String>,
        method: Method,
        path: impl Into<String>,
        expected: (u16, &'static str),
    ) -> Self {
        let attack = Attack::Http { method, path: path.into(), headers: Vec::new(), body: None };
        Self { name: name.into(), attack, expected }
    }

    pub(super) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        if let Attack::Http { headers, .. } = &mut self.attack {
            headers.push((name.to_owned(), value.as_ref().to_vec()));
        }
        self
    }

    pub(super) fn body(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        if let Attack::Http { body, .. } = &mut self.attack {
            *body = Some(bytes.into());
        }
        self
    }

    pub(super) fn raw(
        name: impl Into<String>,
        bytes: impl Into<Vec<u8>>,
        expected: (u16, &'static str),
    ) -> Self {
        let attack = Attack::Raw { bytes: bytes.into(), hang_up: false };
        Self { name: name.into(), attack, expected }
    }

    pub(super) fn socket(
        name: impl Into<String>,
        handshake: String,
        frames: impl Into<Vec<u8>>,
        expected: (u16, &'static str),
    ) -> Self {
        let attack = Attack::Socket { handshake, frames: frames.into() };
        Self { name: name.into(), attack, expected }
    }

    /// The same, hanging up where the bytes end.
    pub(super) fn cut_off(mut self) -> Self {
        if let Attack::Raw { hang_up, .. } = &mut self.attack {
            *hang_up = true;
        }
        self
    }

    /// `POST /graphql` of a body as it is, as JSON.
    pub(super) fn posted(
        name: impl Into<String>,
        body: impl Into<Vec<u8>>,
        expected: (u16, &'static str),
    ) -> Self {
        Self::http(name, Method::POST, "/graphql", expected)
            .header("content-type", "application/json")
            .header("accept", NEWER)
            .body(body)
    }

    /// `POST /graphql` of a document with variables.
    pub(super) fn document(
        name: impl Into<String>,
        query: impl Into<String>,
        variables: &Value,
        expected: (u16, &'static str),
    ) -> Self {
        let body = json!({ "query": query.into(), "variables": variables });
        Self::posted(name, body.to_string(), expected)
    }

    /// The same, refused with a code.
    pub(super) fn refused(
        name: impl Into<String>,
        query: impl Into<String>,
        code: &'static str,
    ) -> Self {
        Self::document(name, query, &json!({}), (400, code))
    }

    /// `GET /graphql` with parameters.
    pub(super) fn got(
        name: impl Into<String>,
        parameters: &[(&str, &str)],
        expected: (u16, &'static str),
    ) -> Self {
        let encoded = serde_urlencoded::to_string(parameters).unwrap();
        Self::http(name, Method::GET, format!("/graphql?{encoded}"), expected)
            .header("accept", NEWER)
    }

    /// Sends it; the status, the code, and how long that took.
    pub(super) async fn send(
        &self,
        client: &reqwest::Client,
        url: &str,
    ) -> ((u16, String), Duration) {
        let started = Instant::now();
        let outcome = match &self.attack {
            Attack::Http { method, path, headers, body } => {
                let mut request = client.request(method.clone(), format!("{url}{path}"));
                for (name, value) in headers {
                    request = request.header(name, value.as_slice());
                }
                if let Some(body) = body {
                    request = request.body(body.clone());
                }
                match request.send().await {
                    Ok(answer) => {
                        let status = answer.status().as_u16();
                        (status, code_in(&answer.text().await.unwrap_or_default()))
                    }
                    Err(error) => (0, error.to_string()),
                }
            }
            Attack::Raw { bytes, hang_up } => raw(url, bytes, *hang_up).await,
            Attack::Socket { handshake, frames } => socket::speak(url, handshake, frames).await,
        };
        (outcome, started.elapsed())
    }
}

async fn raw(url: &str, bytes: &[u8], hang_up: bool) -> (u16, String) {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
    // A server that has heard enough may close before it has read all.
    drop(stream.write_all(bytes).await);
    if hang_up {
        drop(stream.shutdown().await);
    }
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "the connection stays open");
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)?.parse().ok());
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    (status.unwrap_or_default(), code_in(body))
}

/// The code of a problem, of the first error, or of the error in a mutation's payload.
pub(super) fn code_in(body: &str) -> String {
    // In a stream, the first answer.
    let mut lines = body.lines().map(|line| line.trim_start_matches("data: "));
    let body = serde_json::from_str(body)
        .ok()
        .or_else(|| lines.find_map(|line| serde_json::from_str::<Value>(line).ok()));
    let Some(mut body) = body else { return String::new() };
    if body["payload"].is_object() {
        body = body["payload"].take();
    }
    let payload = body["data"].as_object().and_then(|data| data.values().next().cloned());
    let payload = payload.unwrap_or_default();
    [&body["code"], &body["errors"][0]["extensions"]["code"], &payload["error"]["code"]]
        .into_iter()
        .find_map(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

impl Case {
    /// The same with another `Accept`.
    pub(super) fn accepting(mut self, accept: &str) -> Self {
        if let Attack::Http { headers, .. } = &mut self.attack {
            headers.retain(|(name, _)| name != "accept");
        }
        self.header("accept", accept)
    }

    /// The same at another address.
    pub(super) fn at(mut self, address: &str) -> Self {
        if let Attack::Http { path, .. } = &mut self.attack {
            address.clone_into(path);
        }
        self
    }

    /// The same under another name.
    pub(super) fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }
}
