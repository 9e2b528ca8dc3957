//! Runs an operation whose answers go on: over `WebSocket`s, server-sent events, multipart.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::stream::BoxStream;
use tracing::Instrument as _;

use super::ahead::Ahead;
use super::answer::{complete, panicked};
use super::asker::Asker;
use super::seen::Watch;
use super::telling::Telling;
use super::told::Told;
use crate::audit::Answered;
use crate::graphql::gate::AdmittedRequest;
use crate::graphql::{Loaders, batched};
use crate::http::state::AppState;

/// The answers to an admitted operation: one, or those of a subscription.
///
/// They are made on a task of their own. Whoever sends them waits for the client, and what is not
/// polled meanwhile would keep its connection to the database: a few clients that do not read would
/// take all there are.
pub(super) fn answers(
    state: &AppState,
    asker: Asker,
    request: AdmittedRequest,
    watch: Watch,
) -> BoxStream<'static, Told> {
    let (ahead, leaving) = Ahead::new(Arc::clone(&state.services.trail));
    let state = state.clone();
    let telling = async move {
        let watch = if request.is_subscription() {
            Telling { state, asker, ahead, watch }.tell(request).await
        } else {
            answer_once(&state, asker, request, &ahead, watch).await
        };
        watch.end().log();
    };
    tokio::spawn(telling.in_current_span());
    leaving
}

/// Answers what has one answer.
async fn answer_once(
    state: &AppState,
    Asker { actor, mut standing, request_id, .. }: Asker,
    request: AdmittedRequest,
    ahead: &Ahead,
    mut watch: Watch,
) -> Watch {
    let under_way = state.live.turns.request();
    let asked = Answered::from(request.asked());
    if !standing.holds().await {
        // Their connection closes: what it was asked comes to no end of its own.
        ahead.abandoned().await;
        return watch;
    }
    let loaders = Loaders::new(state.services.clone(), actor.clone());
    let answer = batched(state.schema.execute(request, actor.clone(), loaders));
    let answer = tokio::select! {
        answer = AssertUnwindSafe(answer).catch_unwind() => answer,
        () = ahead.abandoned() => return watch,
    };
    let mut answer = answer.unwrap_or_else(|_panic| panicked());
    // Asked again before it leaves: they may have lost the right meanwhile.
    if !standing.holds().await {
        ahead.abandoned().await;
        return watch;
    }
    let receipt = state.services.trail.answering(&actor, || asked);
    complete(&mut answer.errors, &request_id);
    watch.hear(&answer);
    ahead.put(Told::of(&answer), receipt);
    drop(under_way);
    watch
}
