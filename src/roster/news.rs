//! What happens to the roster: reading its log, and following it, each event once and in order.
//!
//! Nothing but the log in the database is told. Who follows reads on when there is more, which a
//! worker looks for: at once when something was changed here or heard of, each second otherwise.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::MissedTickBehavior;

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

/// Reads the roster's log on and on.
pub struct RosterFollower {
    actor: Actor,
    news: Arc<RosterNews>,
    end: watch::Receiver<EventPosition>,
    /// All up to here was told.
    position: EventPosition,
    /// Read from the log and not told yet.
    read: VecDeque<RosterEvent>,
}

impl RosterFollower {
    /// The next event. A database that fails is asked again until it answers; none once the service is
    /// gone, or it is not for the caller any more.
    pub async fn next(&mut self) -> Option<RosterEvent> {
        loop {
            if let Some(event) = self.read.pop_front() {
                self.position = event.position;
                return Some(event);
            }
            // Before the log is read: what is written meanwhile is seen as a change.
            self.end.mark_unchanged();
            let page = Page { after: Some(self.position), ..Page::first(READ_AT_ONCE) };
            match self.news.events(&self.actor, page).await {
                Ok(found) if found.is_empty() => self.end.changed().await.ok()?,
                Ok(found) => self.read.extend(found),
                Err(Refusal::Store(error)) => {
                    tracing::warn!(%error, "A follower could not read the roster's log; trying again");
                    tokio::time::sleep(TRY_AGAIN_AFTER).await;
                }
                Err(_forbidden) => return None,
            }
        }
    }
}
