//! What every answer that goes on has in common: `WebSocket`s, server-sent events, multipart.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Request, Response as Answer, Value};
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::answer::complete;
use crate::booking::{Actor, ErrorCode};
use crate::graphql::{Loaders, batched};
use crate::http::AppState;
use crate::http::middleware::RequestId;
use crate::http::problem::Problem;

/// What connections that stay open may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveLimits {
    /// Connections that stay open at once, `WebSocket`s and streams of both kinds together.
    pub connections: usize,
    /// Operations that run at once over one WebSocket.
    pub operations: usize,
    /// How long a WebSocket may take to say `connection_init`.
    pub init_within: Duration,
}

impl Default for LiveLimits {
    fn default() -> Self {
        Self { connections: 1000, operations: 50, init_within: Duration::from_secs(10) }
    }
}

/// The connections that stay open.
#[derive(Clone)]
pub struct Live {
    pub(super) limits: LiveLimits,
    places: Arc<Semaphore>,
    closing: watch::Receiver<bool>,
}

impl Live {
    /// Keeps connections open until `closing` turns true.
    pub fn new(limits: LiveLimits, closing: watch::Receiver<bool>) -> Self {
        Self { limits, places: Arc::new(Semaphore::new(limits.connections)), closing }
    }

    /// A place for one more connection, for as long as it is kept; none when all are taken.
    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// Waits until the server is about to stop.
    pub(super) fn closed(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut closing = self.closing.clone();
        async move {
            // An error when whoever would close is gone: closed as well.
            drop(closing.wait_for(|closing| *closing).await);
        }
    }
}

/// What is said when no place is left.
pub(super) fn full() -> Problem {
    Problem::new(ErrorCode::Unavailable, "Too many open connections; try again later")
}

/// The answers to an admitted operation: one, or those of a subscription.
pub(super) fn answers(
    state: &AppState,
    actor: Actor,
    request_id: &RequestId,
    request: Request,
) -> BoxStream<'static, Answer> {
    let request = request.data(actor).data(Loaders::lasting(state.service.clone()));
    let request_id = request_id.clone();
    stream::unfold(state.schema.execute_stream(request), move |mut answers| {
        let request_id = request_id.clone();
        async move {
            let mut answer = batched(answers.next()).await?;
            complete(&mut answer.errors, &request_id);
            Some((answer, answers))
        }
    })
    .boxed()
}

/// Whether nothing was run: the operation was not valid, or could not begin.
pub(super) fn was_refused(answer: &Answer) -> bool {
    answer.data == Value::Null && !answer.errors.is_empty()
}
