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
use futures_util::future::select;
use futures_util::stream::{self, BoxStream, Stream, StreamExt as _};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::told::Told;
use crate::http::live::OpenConnections;
use crate::people::Standing;

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
        let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).find_map(Self::range)
    }

    fn range(range: &str) -> Option<Self> {
        let range = range.to_ascii_lowercase();
        let mut parts = range.split(';').map(str::trim);
        let essence = parts.next()?;
        let parameters: Vec<&str> = parts.collect();
        let quality = parameters.iter().find_map(|part| part.strip_prefix("q="));
        if quality.is_some_and(|q| q.parse() == Ok(0.0_f32)) {
            return None;
        }
        match essence {
            "text/event-stream" => Some(Self::ServerSentEvents),
            // Other specs of the same media type, such as that of @defer, are not spoken.
            "multipart/mixed" => parameters
                .iter()
                .any(|part| part.starts_with("subscriptionspec="))
                .then_some(Self::Multipart),
            _ => None,
        }
    }

    /// Answers as they come, until there are no more, the server is about to stop, or the caller
    /// may be here no more. In the latter cases without the end that the protocol knows, so that
    /// clients connect again. The place is kept for as long as the stream lives.
    pub(super) fn respond(
        self,
        answers: BoxStream<'static, Told>,
        (live, standing): (&OpenConnections, Standing),
        place: OwnedSemaphorePermit,
    ) -> Response {
        let over = select(Box::pin(live.closed()), Box::pin(standing.ended()));
        self.response(keeping(place, self.write(answers).take_until(over)))
    }

    /// The one answer to what was refused, said as the protocol says all others.
    pub(super) fn refuse(self, answer: &Answer) -> Response {
        self.response(self.write(stream::iter([Told::of(answer)]).boxed()))
    }

    fn response(self, parts: impl Stream<Item = String> + Send + 'static) -> Response {
        let body = Body::from_stream(parts.map(Ok::<_, Infallible>));
        let headers = [
            (CONTENT_TYPE, self.media_type()),
            (CACHE_CONTROL, "private, no-store"),
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

    /// What stands before the first answer.
    fn beginning(self) -> Option<String> {
        match self {
            Self::ServerSentEvents => None,
            Self::Multipart => Some(DELIMITER.to_owned()),
        }
    }

    fn answer(self, Told { body: answer, .. }: &Told) -> String {
        match self {
            Self::ServerSentEvents => format!("event: next\ndata: {answer}\n\n"),
            Self::Multipart => part(&format!("{{\"payload\":{answer}}}")),
        }
    }

    fn heartbeat(self) -> String {
        match self {
            Self::ServerSentEvents => ":\n\n".to_owned(),
            Self::Multipart => part("{}"),
        }
    }

    fn end(self) -> String {
        match self {
            // A browser's EventSource passes over an event without data.
            Self::ServerSentEvents => "event: complete\ndata:\n\n".to_owned(),
            // It makes of the delimiter that stands there already the last one.
            Self::Multipart => "--\r\n".to_owned(),
        }
    }

    /// The answers as they are written, something in between whenever it is silent for long, and
    /// the end.
    fn write(self, answers: BoxStream<'static, Told>) -> impl Stream<Item = String> {
        let mut ticks = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let told = stream::unfold(Some((answers, ticks)), move |open| async move {
            let (mut answers, mut ticks) = open?;
            tokio::select! {
                answer = answers.next() => match answer {
                    Some(answer) => Some((self.answer(&answer), Some((answers, ticks)))),
                    None => Some((self.end(), None)),
                },
                _ = ticks.tick() => Some((self.heartbeat(), Some((answers, ticks)))),
            }
        });
        stream::iter(self.beginning()).chain(told)
    }
}

/// What stands before, between and behind the parts.
const DELIMITER: &str = "\r\n--graphql";

/// A part and the delimiter behind it: only that tells a client that the part is whole, and what
/// comes next may be long in coming.
fn part(body: &str) -> String {
    format!("\r\nContent-Type: application/json\r\n\r\n{body}{DELIMITER}")
}

/// Keeps the place for as long as the stream lives.
fn keeping<T>(place: OwnedSemaphorePermit, stream: impl Stream<Item = T>) -> impl Stream<Item = T> {
    stream.map(move |item| {
        let _kept = &place;
        item
    })
}

#[cfg(test)]
mod tests {
    use async_graphql::Value;

    use super::*;

    /// What is written first when there is one answer and then nothing for long.
    async fn written(streaming: Streaming, count: usize) -> Vec<String> {
        let answers = stream::iter([Told::of(&Answer::new(Value::Null))]).chain(stream::pending());
        streaming.write(answers.boxed()).take(count).collect().await
    }

    #[tokio::test(start_paused = true)]
    async fn behind_each_part_stands_its_delimiter_and_behind_heartbeats_too() {
        let part = |body| format!("\r\nContent-Type: application/json\r\n\r\n{body}\r\n--graphql");
        let expected = [
            "\r\n--graphql".to_owned(),
            part(r#"{"payload":{"data":null}}"#),
            part("{}"),
            part("{}"),
        ];
        assert_eq!(written(Streaming::Multipart, 4).await, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn behind_each_event_stands_its_empty_line() {
        let expected = ["event: next\ndata: {\"data\":null}\n\n", ":\n\n", ":\n\n"];
        assert_eq!(written(Streaming::ServerSentEvents, 3).await, expected);
    }
}
