//! What happens to the roster: reading its log, and following it, each event once and in order.
//!
//! Nothing but the log in the database is told. Who follows reads on when there is more, which a
//! worker looks for: at once when something was changed here or heard of, each second otherwise.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, MissedTickBehavior, sleep_until};

use crate::access::{Actor, Permission};
use crate::db::{Db, StoreError, roster_events};
use crate::domain::{EventPosition, Page, RosterEvent};
use crate::request::Refusal;

/// How often the log is looked at for what another program wrote, or a notification that got lost.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How many events are read from the log at once.
const READ_AT_ONCE: u64 = 200;
/// Until a follower asks again a database that has failed.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The log of the roster.
pub struct RosterNews {
    db: Db,
    /// Where the log ends, as it was seen last.
    end: watch::Sender<EventPosition>,
    wake: Arc<Notify>,
}

impl RosterNews {
    /// The log of a database.
    pub fn new(db: Db) -> Self {
        let end = watch::Sender::new(EventPosition(0));
        Self { db, end, wake: Arc::new(Notify::new()) }
    }

    /// Has the log looked at at once when it is notified.
    pub fn wake(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }

    /// One page of the log, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn events(
        &self,
        actor: &Actor,
        page: Page<EventPosition>,
    ) -> Result<Vec<RosterEvent>, Refusal> {
        actor.require(Permission::ReadSchedule)?;
        Ok(roster_events::page(self.db.read(), page).await?)
    }

    /// How many events there are, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn count_events(&self, actor: &Actor) -> Result<u64, Refusal> {
        actor.require(Permission::ReadSchedule)?;
        Ok(roster_events::count(self.db.read()).await?)
    }

    /// Where the log ends, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn end_of_events(&self, actor: &Actor) -> Result<EventPosition, Refusal> {
        actor.require(Permission::ReadSchedule)?;
        Ok(roster_events::last(self.db.read()).await?)
    }

    /// Follows the log from a position on, for ever, for `actor`, who is told as long as they may be.
    pub fn follow(self: &Arc<Self>, actor: &Actor, after: EventPosition) -> RosterFollower {
        RosterFollower {
            actor: actor.clone(),
            end: self.end.subscribe(),
            news: Arc::clone(self),
            position: after,
            read: VecDeque::new(),
            behind: true,
            try_again_at: None,
            is_over: false,
        }
    }

    async fn look(&self) -> Result<(), StoreError> {
        let end = roster_events::last(self.db.read()).await?;
        self.end.send_if_modified(|seen| std::mem::replace(seen, end) != end);
        Ok(())
    }
}

/// Looks where the log ends, until `stop` turns true or nobody is left to turn it.
pub async fn look_for_news(news: Arc<RosterNews>, mut stop: watch::Receiver<bool>) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = news.wake.notified() => {}
            _ = looks.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = news.look().await {
            tracing::warn!(%error, "Could not tell what happened to the roster; trying again");
        }
    }
}

/// Something that happened to the roster, as it was read.
#[derive(Clone)]
pub struct RosterNewsItem {
    /// What happened.
    pub event: RosterEvent,
    /// Before when it was read: what is known by it is as new as that at least.
    pub read_at: Instant,
}

/// Reads the roster's log on and on.
///
/// [`wait`](Self::wait) tells when it is worth asking, and asks nobody itself: many may wait, and be let
/// ask a few at a time. [`take`](Self::take) asks.
pub struct RosterFollower {
    actor: Actor,
    news: Arc<RosterNews>,
    end: watch::Receiver<EventPosition>,
    /// All up to here was told, or is read.
    position: EventPosition,
    /// Read from the log and not told yet.
    read: VecDeque<RosterNewsItem>,
    /// Whether the log may hold what was not read.
    behind: bool,
    /// When a database that has failed may be asked again.
    try_again_at: Option<Instant>,
    /// Whether it is not for the caller any more.
    is_over: bool,
}

impl RosterFollower {
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
    pub async fn take(&mut self) -> Option<RosterNewsItem> {
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
        match self.news.events(&self.actor, page).await {
            Ok(found) => {
                self.try_again_at = None;
                self.behind = u64::try_from(found.len()).is_ok_and(|count| count == READ_AT_ONCE);
                self.position = found.last().map_or(self.position, |last| last.position);
                let item = |event| RosterNewsItem { event, read_at };
                self.read.extend(found.into_iter().map(item));
            }
            Err(Refusal::Store(error)) => {
                tracing::warn!(%error, "A follower could not read the roster's log; trying again");
                self.try_again_at = Some(Instant::now() + TRY_AGAIN_AFTER);
            }
            Err(_forbidden) => self.is_over = true,
        }
    }
}
