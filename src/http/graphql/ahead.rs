//! What was made for a client and has not left yet. It is bounded: who does not read is made nothing
//! more, until they do.

use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::answer::not_recorded;
use super::told::Told;
use crate::audit::{NotRecorded, Receipt, Trail};

/// How many answers are made before the first of them has left, and about how many bytes they have
/// together: a client that does not read must not fill the memory with large ones.
const AHEAD: usize = 32;
const BYTES_AHEAD: usize = 128 * 1024;

/// An answer that has not left yet.
struct Waiting {
    told: Told,
    receipt: Result<Receipt, NotRecorded>,
    _room: Option<OwnedSemaphorePermit>,
}

/// Where answers are put for a client.
pub(super) struct Ahead {
    queue: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
}

impl Ahead {
    /// A place for answers, and these as they leave: each when what it shows is written down, so that many
    /// share a commit; and instead of one of which that can't be, that it can't, and no further ones.
    pub(super) fn new(trail: Arc<Trail>) -> (Self, BoxStream<'static, Told>) {
        let (queue, waiting) = mpsc::channel(AHEAD);
        let release = |open: Option<(Arc<Trail>, mpsc::Receiver<Waiting>)>| async move {
            let (trail, mut waiting) = open?;
            let Waiting { told, receipt, .. } = waiting.recv().await?;
            let written = match receipt {
                Ok(receipt) => trail.written(receipt).await,
                Err(cause) => Err(cause),
            };
            Some(match written {
                Ok(()) => (told, Some((trail, waiting))),
                Err(cause) => (Told::of(&not_recorded(&cause)), None),
            })
        };
        let leaving = stream::unfold(Some((trail, waiting)), release).boxed();
        (Self { queue, room: Arc::new(Semaphore::new(BYTES_AHEAD)) }, leaving)
    }

    /// Waits until there is room for one more; false when nobody takes them any more.
    pub(super) async fn has_room(&self) -> bool {
        if self.queue.reserve().await.is_err() {
            return false;
        }
        tokio::select! {
            room = self.room.acquire() => room.is_ok(),
            () = self.queue.closed() => false,
        }
    }

    /// Whether one more would have to wait.
    pub(super) fn is_full(&self) -> bool {
        self.queue.capacity() == 0 || self.room.available_permits() == 0
    }

    /// Puts one there that has room; false when nobody takes it any more.
    pub(super) fn put(&self, told: Told, receipt: Result<Receipt, NotRecorded>) -> bool {
        // The last one may be larger than what is left.
        let bytes = told.body.len().min(self.room.available_permits());
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).try_acquire_many_owned(bytes).ok();
        self.queue.try_send(Waiting { told, receipt, _room: room }).is_ok()
    }

    /// Waits until nobody takes them any more.
    pub(super) async fn abandoned(&self) {
        self.queue.closed().await;
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{Response as Answer, Value};
    use futures_util::FutureExt as _;

    use super::*;

    fn answer(length: usize) -> Told {
        Told::of(&Answer::new(Value::from("x".repeat(length))))
    }

    #[tokio::test]
    async fn nothing_more_is_made_for_who_takes_nothing_until_they_do() {
        for (length, fits) in [(10, AHEAD), (20_000, 7), (200_000, 1)] {
            let (queue, mut waiting) = mpsc::channel(AHEAD);
            let ahead = Ahead { queue, room: Arc::new(Semaphore::new(BYTES_AHEAD)) };
            let mut count = 0;
            while !ahead.is_full() {
                assert!(ahead.put(answer(length), Ok(Receipt::none())));
                count += 1;
            }
            assert_eq!(count, fits, "of {length} bytes");
            assert_eq!(ahead.has_room().now_or_never(), None);
            drop(waiting.recv().await);
            assert!(ahead.has_room().await && !ahead.is_full());
            drop(waiting);
            assert!(!ahead.has_room().await);
        }
    }
}
