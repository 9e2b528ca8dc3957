//! Runs an operation whose answers go on: over `WebSocket`s, server-sent events, multipart.

use std::panic::AssertUnwindSafe;

use async_graphql::{Response as Answer, ServerError};
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::mpsc;
use tracing::Instrument as _;

use super::answer::{complete, was_refused};
use super::seen::Watch;
use crate::access::Actor;
use crate::graphql::gate::AdmittedRequest;
use crate::graphql::{Loaders, batched};
use crate::http::identity::RequestId;
use crate::http::state::AppState;
use crate::people::Standing;
use crate::request::ErrorCode;

/// The answers to an admitted operation: one, or those of a subscription.
///
/// They are made on a task of their own. Whoever sends them waits for the client, and what is not
/// polled meanwhile would keep its connection to the database: a few clients that do not read would
/// take all there are.
pub(super) fn answers(
    state: &AppState,
    (actor, mut standing): (Actor, Standing),
    request_id: &RequestId,
    request: AdmittedRequest,
    mut watch: Watch,
) -> BoxStream<'static, Answer> {
    let loaders = Loaders::new(state.services.clone(), actor.clone());
    let mut answers = state.schema.execute_stream(request, actor, loaders.clone());
    let request_id = request_id.clone();
    let (told, mut to_tell) = mpsc::channel(1);
    let telling = async move {
        // Asked again before each answer leaves: whoever was let in an hour ago may have lost the right.
        let mut is_welcome = standing.holds().await;
        while is_welcome {
            let next = AssertUnwindSafe(batched(answers.next())).catch_unwind();
            let answer = tokio::select! {
                answer = next => answer,
                () = told.closed() => break,
            };
            let (mut answer, last) = match answer {
                Ok(Some(answer)) => (answer, false),
                Ok(None) => break,
                Err(_panic) => (panicked(), true),
            };
            is_welcome = tokio::select! {
                holds = standing.holds() => holds,
                () = told.closed() => false,
            };
            if !is_welcome {
                break;
            }
            complete(&mut answer.errors, &request_id);
            watch.hear(&answer);
            loaders.forget().await;
            // One event that could not be told ends it: whoever went on would lose it, for the next
            // one's cursor lies behind it.
            let last = last || was_refused(&answer);
            if told.send(answer).await.is_err() || last {
                break;
            }
        }
        if !is_welcome {
            // Their connection closes: what it was asked comes to no end of its own.
            told.closed().await;
        }
        watch.end().log();
    };
    tokio::spawn(telling.in_current_span());
    stream::poll_fn(move |context| to_tell.poll_recv(context)).boxed()
}

fn panicked() -> Answer {
    tracing::error!("A GraphQL operation panicked");
    let mut error = ServerError::new("Internal error", None);
    error.extensions.get_or_insert_with(Default::default).set("code", ErrorCode::Internal.as_str());
    Answer::from_errors(vec![error])
}
