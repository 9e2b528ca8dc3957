//! When a batch of keys is read: after the poll of the operation that asked for them.
//!
//! Were it a task of its own, another thread could begin to read while the operation is still
//! asking, and how many statements a query costs would be a matter of luck. So the operation and
//! its batches take turns in one task: the operation runs until all of it waits, then every new
//! batch takes its keys and those that can go on do.

use std::cell::RefCell;
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use async_graphql::runtime::Timer;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use futures_util::task::{FutureObj, Spawn, SpawnError};

tokio::task_local! {
    /// What was begun in this poll of the operation.
    static BEGUN: RefCell<Vec<FutureObj<'static, ()>>>;
}

/// Runs an operation and, whenever all of it waits, the batches it has asked for.
pub async fn batched<F: Future>(operation: F) -> F::Output {
    BEGUN.scope(RefCell::default(), take_turns(operation)).await
}

async fn take_turns<F: Future>(operation: F) -> F::Output {
    let mut operation = pin!(operation);
    let mut batches = FuturesUnordered::new();
    std::future::poll_fn(|context| {
        loop {
            if let Poll::Ready(output) = operation.as_mut().poll(context) {
                return Poll::Ready(output);
            }
            batches.extend(BEGUN.with(RefCell::take));
            if !any_is_done(&mut batches, context) {
                return Poll::Pending;
            }
        }
    })
    .await
}

/// Polls the batches, all that are new among them, though one is done sooner: the operation must
/// not add keys to a batch of this turn in the next.
fn any_is_done(
    batches: &mut FuturesUnordered<FutureObj<'static, ()>>,
    context: &mut Context<'_>,
) -> bool {
    let mut done = false;
    while let Poll::Ready(Some(())) = batches.poll_next_unpin(context) {
        done = true;
    }
    done
}

/// Hands what is spawned to [`batched`]; outside of it, to tokio.
pub(in crate::graphql) struct AfterThePoll;

impl Spawn for AfterThePoll {
    fn spawn_obj(&self, future: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        let mut future = Some(future);
        let taken = BEGUN.try_with(|begun| begun.borrow_mut().extend(future.take()));
        if taken.is_err() {
            future.map(tokio::spawn);
        }
        Ok(())
    }
}

/// Does not wait for more keys: all who ask have asked when the poll is over.
pub(in crate::graphql) struct AtOnce;

impl Timer for AtOnce {
    fn delay(&self, _none: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}
