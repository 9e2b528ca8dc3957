//! Subscriptions over plain HTTP, for clients and proxies that do not speak WebSocket.
//!
//! Server-sent events as the `graphql-sse` clients (urql among them) read them, in the protocol's
//! "distinct connections mode"; and Apollo's multipart protocol. The library's multipart is not
//! Apollo's: it leaves out the `payload` that each part has to wrap its answer in.

use std::convert::Infallible;
use std::time::Duration;

use async_graphql::Response as Answer;
use axum::body::Body;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, BoxStream, Stream, StreamExt as _};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::http::live::OpenConnections;

/// Often enough for proxies, which close what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(12);

/// The two ways to answer many times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Streaming {
    ServerSentEvents,
    Multipart,
}

impl Streaming {
    /// The one that a client takes, if it takes any; of both the one named first.
    pub(super) fn accepted(headers: &HeaderMap) -> Option<Self> {
        let accept = headers.get(ACCEPT)?.to_str().ok()?.to_ascii_lowercase();
        accept.split(',').find_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            match parts.next()? {
                "text/event-stream" => Some(Self::ServerSentEvents),
                // Other specs of the same media type, such as that of @defer, are not spoken.
                "multipart/mixed" => parts
                    .any(|part| part.starts_with("subscriptionspec="))
                    .then_some(Self::Multipart),
                _ => None,
            }
        })
    }

    /// Answers as they come, until there are no more or the server is about to stop. In the
    /// latter case without the end that the protocol knows, so that clients connect again.
    pub(super) fn respond(
        self,
        answers: BoxStream<'static, Answer>,
        live: &OpenConnections,
        place: OwnedSemaphorePermit,
    ) -> Response {
        let parts = keeping(place, self.write(answers).take_until(live.closed()));
        let body = Body::from_stream(parts.map(Ok::<_, Infallible>));
        let headers = [
            (CONTENT_TYPE, self.media_type()),
            (CACHE_CONTROL, "no-cache"),
            // Proxies such as nginx would gather what is to be seen at once.
            (HeaderName::from_static("x-accel-buffering"), "no"),
        ];
        (headers, body).into_response()
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::ServerSentEvents => "text/event-stream",
            Self::Multipart => r#"multipart/mixed; boundary="graphql"; subscriptionSpec="1.0""#,
        }
    }

    fn answer(self, answer: &Answer) -> String {
        let answer = serde_json::to_string(answer).unwrap_or_default();
        match self {
            Self::ServerSentEvents => format!("event: next\ndata: {answer}\n\n"),
            Self::Multipart => format!("{PART}{{\"payload\":{answer}}}"),
        }
    }

    fn heartbeat(self) -> String {
        match self {
            Self::ServerSentEvents => ":\n\n".to_owned(),
            Self::Multipart => format!("{PART}{{}}"),
        }
    }

    fn end(self) -> String {
        match self {
            // A browser's EventSource passes over an event without data.
            Self::ServerSentEvents => "event: complete\ndata:\n\n".to_owned(),
            Self::Multipart => "\r\n--graphql--\r\n".to_owned(),
        }
    }

    /// The answers as they are written, something in between whenever it is silent for long, and
    /// the end.
    fn write(self, answers: BoxStream<'static, Answer>) -> impl Stream<Item = String> {
        let mut ticks = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        stream::unfold(Some((answers, ticks)), move |open| async move {
            let (mut answers, mut ticks) = open?;
            tokio::select! {
                answer = answers.next() => match answer {
                    Some(answer) => Some((self.answer(&answer), Some((answers, ticks)))),
                    None => Some((self.end(), None)),
                },
                _ = ticks.tick() => Some((self.heartbeat(), Some((answers, ticks)))),
            }
        })
    }
}

const PART: &str = "\r\n--graphql\r\nContent-Type: application/json\r\n\r\n";

/// Keeps the place for as long as the stream lives.
fn keeping<T>(place: OwnedSemaphorePermit, stream: impl Stream<Item = T>) -> impl Stream<Item = T> {
    stream.map(move |item| {
        let _kept = &place;
        item
    })
}
