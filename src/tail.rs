//! Following a log of the database, each event once and in order. Nothing but the log is told: who follows reads on
//! when there is more, which a worker looks for, at once when something was changed here or heard of, each second
//! otherwise.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, MissedTickBehavior, sleep_until};

use crate::access::Actor;
use crate::db::StoreError;
use crate::domain::{EventPosition, Page};
use crate::request::Refusal;

/// How often the log is looked at for what another program wrote, or a notification that got lost.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How many events are read from the log at once.
const READ_AT_ONCE: u64 = 200;
/// Until a follower asks again a database that has failed.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// A log whose positions become visible in order.
pub trait Log: Send + Sync + 'static {
    /// What stands in it.
    type Event: Send;
    /// What is followed of it.
    type Filter: Send + Sync;

    /// The last position ever given.
    fn last(&self) -> impl Future<Output = Result<EventPosition, StoreError>> + Send;

    /// Its events after a position, for `actor`, each with its own; and how many were read for that, which may be
    /// more than are for them to see, with the position of the last.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    fn read(
        &self,
        actor: &Actor,
        filter: &Self::Filter,
        page: Page<EventPosition>,
    ) -> impl Future<Output = Result<Vec<Read<Self::Event>>, Refusal>> + Send;
}

/// A place in a log, as it was read.
pub struct Read<T> {
    /// Its position.
    pub position: EventPosition,
    /// What stands there; none where that is not for the caller to see.
    pub event: Option<T>,
}

/// Something that happened, as it was read.
#[derive(Clone)]
pub struct TailItem<T> {
    /// Its place in the log.
    pub position: EventPosition,
    /// What happened.
    pub event: T,
    /// Before when it was read: what is known by it is as new as that at least.
    pub read_at: Instant,
}

/// A log that is followed.
pub struct Tail<L> {
    log: L,
    /// Where the log ends, as it was seen last.
    end: watch::Sender<EventPosition>,
    wake: Arc<Notify>,
}

impl<L: Log> Tail<L> {
    /// A log that nobody follows yet.
    pub fn of(log: L) -> Self {
        let end = watch::Sender::new(EventPosition(0));
        Self { log, end, wake: Arc::new(Notify::new()) }
    }

    /// The log itself.
    pub fn log(&self) -> &L {
        &self.log
    }

    /// Has the log looked at at once when it is notified.
    pub fn wake(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }

    /// Follows the log from a position on, for ever, for `actor`, who is told as long as they may be.
    pub fn follow(
        self: &Arc<Self>,
        actor: &Actor,
        after: EventPosition,
        filter: L::Filter,
    ) -> TailFollower<L> {
        TailFollower {
            actor: actor.clone(),
            filter,
            end: self.end.subscribe(),
            tail: Arc::clone(self),
            position: after,
            read: VecDeque::new(),
            behind: true,
            try_again_at: None,
            is_over: false,
        }
    }

    async fn look(&self) -> Result<(), StoreError> {
        let end = self.log.last().await?;
        self.end.send_if_modified(|seen| std::mem::replace(seen, end) != end);
        Ok(())
    }
}

/// Looks where a log ends, until `stop` turns true or nobody is left to turn it.
pub async fn look_for_news<L: Log>(tail: Arc<Tail<L>>, mut stop: watch::Receiver<bool>) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = tail.wake.notified() => {}
            _ = looks.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = tail.look().await {
            tracing::warn!(%error, "Could not look where a log ends; trying again");
        }
    }
}

/// Reads a log on and on.
///
/// [`wait`](Self::wait) tells when it is worth asking, and asks nobody itself: many may wait, and be let
/// ask a few at a time. [`take`](Self::take) asks.
pub struct TailFollower<L: Log> {
    actor: Actor,
    filter: L::Filter,
    tail: Arc<Tail<L>>,
    end: watch::Receiver<EventPosition>,
    /// All up to here was told, or is read.
    position: EventPosition,
    /// Read from the log and not told yet.
    read: VecDeque<TailItem<L::Event>>,
    /// Whether the log may hold what was not read.
    behind: bool,
    /// When a database that has failed may be asked again.
    try_again_at: Option<Instant>,
    /// Whether it is not for the caller any more.
    is_over: bool,
}

impl<L: Log> TailFollower<L> {
    /// Waits until there may be something to tell; false once the service is gone, or it is not for the
    /// caller any more.
    pub async fn wait(&mut self) -> bool {
        if self.is_over {
            return false;
        }
        if self.read.is_empty() && !self.behind {
            if self.end.changed().await.is_err() {
                return false;
            }
            self.behind = true;
        }
        if let (true, Some(at)) = (self.read.is_empty(), self.try_again_at) {
            sleep_until(at).await;
        }
        true
    }

    /// The next that there is to tell, if there is any.
    pub async fn take(&mut self) -> Option<TailItem<L::Event>> {
        if self.behind && self.read.is_empty() {
            self.read_on().await;
        }
        self.read.pop_front()
    }

    async fn read_on(&mut self) {
        // Before the log is read: what is written meanwhile is seen as a change.
        self.end.mark_unchanged();
        let page = Page { after: Some(self.position), ..Page::first(READ_AT_ONCE) };
        let read_at = Instant::now();
        match self.tail.log.read(&self.actor, &self.filter, page).await {
            Ok(found) => {
                self.try_again_at = None;
                self.behind = u64::try_from(found.len()).is_ok_and(|count| count == READ_AT_ONCE);
                self.position = found.last().map_or(self.position, |last| last.position);
                let items = found.into_iter().filter_map(|Read { position, event }| {
                    Some(TailItem { position, event: event?, read_at })
                });
                self.read.extend(items);
            }
            Err(Refusal::Store(error)) => {
                tracing::warn!(%error, "A follower could not read a log; trying again");
                self.try_again_at = Some(Instant::now() + TRY_AGAIN_AFTER);
            }
            Err(_forbidden) => self.is_over = true,
        }
    }
}
