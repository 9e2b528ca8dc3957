//! Runs an operation whose answers go on: over `WebSocket`s, server-sent events, multipart.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_graphql::{Response as Answer, ServerError, Value};
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tracing::Instrument as _;

use super::answer::{complete, not_recorded, was_refused};
use super::recording::Recording;
use super::seen::Watch;
use crate::access::Actor;
use crate::audit::{Answered, NotRecorded, Receipt, Trail};
use crate::graphql::gate::AdmittedRequest;
use crate::graphql::{Loaders, batched};
use crate::http::identity::RequestId;
use crate::http::state::AppState;
use crate::people::Standing;
use crate::request::ErrorCode;

/// How many answers are made before the first of them has left, and about how many bytes they have
/// together: a client that does not read must not fill the memory with large ones.
const AHEAD: usize = 32;
const BYTES_AHEAD: usize = 128 * 1024;
/// What a value takes beside its text.
const EACH_VALUE: usize = 32;

/// An answer that has not left yet.
struct Waiting {
    answer: Answer,
    receipt: Result<Receipt, NotRecorded>,
    _room: Option<OwnedSemaphorePermit>,
}

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
    let (asked, is_live) = (Answered::from(request.asked()), request.is_subscription());
    let trail = Arc::clone(&state.services.trail);
    let mut answers = state.schema.execute_stream(request, actor.clone(), loaders.clone());
    let request_id = request_id.clone();
    let keeper = Arc::clone(&trail);
    let (told, to_tell) = mpsc::channel(AHEAD);
    let room = Arc::new(Semaphore::new(BYTES_AHEAD));
    let telling = async move {
        let recording = match Recording::begin(&trail, actor, asked, is_live).await {
            Ok(recording) => recording,
            Err(cause) => {
                watch.hear(&not_recorded(&cause));
                let (answer, receipt) = (Answer::default(), Err(cause));
                drop(told.send(Waiting { answer, receipt, _room: None }).await);
                return watch.end().log();
            }
        };
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
            let receipt = recording.answered(&trail);
            complete(&mut answer.errors, &request_id);
            watch.hear(&answer);
            loaders.forget();
            // One event that could not be told ends it: whoever went on would lose it, for the next
            // one's cursor lies behind it.
            let last = last || was_refused(&answer);
            let bytes = u32::try_from(bytes_in(&answer.data).min(BYTES_AHEAD)).unwrap_or(u32::MAX);
            let room = tokio::select! {
                room = Arc::clone(&room).acquire_many_owned(bytes) => room.ok(),
                () = told.closed() => break,
            };
            if told.send(Waiting { answer, receipt, _room: room }).await.is_err() || last {
                break;
            }
        }
        recording.end(&trail);
        if !is_welcome {
            // Their connection closes: what it was asked comes to no end of its own.
            told.closed().await;
        }
        watch.end().log();
    };
    tokio::spawn(telling.in_current_span());
    recorded(keeper, to_tell)
}

/// The answers, each when what it shows is written down, so that many share a commit; and instead of one
/// of which that can't be, that it can't, and no further ones.
fn recorded(trail: Arc<Trail>, to_tell: mpsc::Receiver<Waiting>) -> BoxStream<'static, Answer> {
    let release = |(trail, to_tell): (Arc<Trail>, Option<mpsc::Receiver<_>>)| async move {
        let mut to_tell = to_tell?;
        let Waiting { answer, receipt, .. } = to_tell.recv().await?;
        let written = match receipt {
            Ok(receipt) => trail.written(receipt).await,
            Err(cause) => Err(cause),
        };
        Some(match written {
            Ok(()) => (answer, (trail, Some(to_tell))),
            Err(cause) => (not_recorded(&cause), (trail, None)),
        })
    };
    stream::unfold((trail, Some(to_tell)), release).boxed()
}

/// About how many bytes a value takes: its texts, and the same for everything else.
fn bytes_in(value: &Value) -> usize {
    let within = match value {
        Value::String(text) => text.len(),
        Value::List(items) => items.iter().map(bytes_in).sum(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| name.len() + bytes_in(value)).sum()
        }
        _ => 0,
    };
    within + EACH_VALUE
}

fn panicked() -> Answer {
    tracing::error!("A GraphQL operation panicked");
    let mut error = ServerError::new("Internal error", None);
    error.extensions.get_or_insert_with(Default::default).set("code", ErrorCode::Internal.as_str());
    Answer::from_errors(vec![error])
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::bytes_in;

    #[test]
    fn few_long_texts_weigh_as_much_as_many_short_values() {
        let long = bytes_in(&value!({ "reason": "x".repeat(2000) }));
        assert!((2000..2200).contains(&long), "{long}");
        let many = bytes_in(&value!({ "states": (vec!["CT"; 60]) }));
        assert!((2000..2200).contains(&many), "{many}");
    }
}
