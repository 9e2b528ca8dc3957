//! The operations that run over one WebSocket, and what they have to tell.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::stream::{self, AbortHandle, BoxStream, SelectAll};
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use tokio::time::timeout;

use super::protocol::ServerMessage;
use super::told::Told;

/// How long a client may take to read a message; one that is slower loses nothing by connecting
/// again with its last cursor.
pub(super) const SEND_WITHIN: Duration = Duration::from_secs(10);
/// How many messages are written before the client is listened to again.
const AT_ONCE: usize = 64;

/// The operations that run, by the names that the client gave them.
#[derive(Default)]
pub(super) struct Running {
    operations: HashMap<String, AbortHandle>,
    news: SelectAll<BoxStream<'static, OperationNews>>,
}

/// What one of the running operations has to tell.
pub(super) struct OperationNews {
    id: String,
    /// None when it has come to its end.
    answer: Option<Told>,
}

impl Running {
    pub(super) fn has(&self, id: &str) -> bool {
        self.operations.contains_key(id)
    }

    /// How many they are.
    pub(super) fn count(&self) -> usize {
        self.operations.len()
    }

    /// One more, with its answers.
    pub(super) fn add(&mut self, id: String, answers: BoxStream<'static, Told>) {
        let of = id.clone();
        let news = answers
            .map(Some)
            .chain(stream::once(async { None }))
            .map(move |answer| OperationNews { id: of.clone(), answer });
        let (news, handle) = stream::abortable(news);
        self.operations.insert(id, handle);
        self.news.push(news.boxed());
    }

    /// Ends one that is not wanted any more.
    pub(super) fn abort(&mut self, id: &str) {
        if let Some(operation) = self.operations.remove(id) {
            operation.abort();
        }
    }

    /// What any of them has to tell next, when it has; none while none of them runs.
    pub(super) async fn next(&mut self) -> Option<OperationNews> {
        self.news.next().await
    }

    /// Tells this and what else there is to tell by now, in as few writes as it fits; none when the client
    /// does not read it.
    pub(super) async fn tell(
        &mut self,
        first: OperationNews,
        socket: &mut WebSocket,
    ) -> Option<()> {
        let mut next = Some(first);
        let mut told = 0;
        while let Some(news) = next.take() {
            if let Some(message) = self.message(&news) {
                timeout(SEND_WITHIN, socket.feed(message)).await.ok()?.ok()?;
            }
            told += 1;
            if told < AT_ONCE {
                next = self.news.next().now_or_never().flatten();
            }
        }
        timeout(SEND_WITHIN, socket.flush()).await.ok()?.ok()
    }

    fn message(&mut self, OperationNews { id, answer }: &OperationNews) -> Option<Message> {
        let id = id.as_str();
        match answer {
            // What was under way when the client said that it is not interested any more.
            _ if !self.has(id) => None,
            None => {
                self.operations.remove(id);
                Some(ServerMessage::Complete { id }.into())
            }
            Some(Told { refused: Some(errors), .. }) => {
                self.abort(id);
                Some(ServerMessage::Error { id, payload: errors }.into())
            }
            Some(Told { body, refused: None }) => {
                let payload = serde_json::from_str(body).ok()?;
                Some(ServerMessage::Next { id, payload }.into())
            }
        }
    }
}

/// Sends, unless the client does not read.
pub(super) async fn send(socket: &mut WebSocket, message: Message) -> Result<(), axum::Error> {
    timeout(SEND_WITHIN, socket.send(message))
        .await
        .unwrap_or_else(|elapsed| Err(axum::Error::new(elapsed)))
}
