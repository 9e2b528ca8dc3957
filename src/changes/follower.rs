//! Whoever follows the log: each event once and in order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::{
    self,
    error::{RecvError, TryRecvError},
};
use tokio::time::{Instant, sleep_until};

use super::Changes;
use super::log::narrowed;
use super::news::News;
use crate::access::{Actor, Permission};
use crate::db::events;
use crate::domain::{EventFilter, EventPosition, Page};

/// How many events are read from the log at once: few, for each of many followers that are behind keeps
/// what is left of them.
const READ_AT_ONCE: u64 = 64;
/// Until a follower asks again a database that has failed.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);

impl Changes {
    /// Follows the log from a position on, for ever, for `actor`, who is told what they may see at the
    /// moment when it is told.
    pub fn follow(
        self: &Arc<Self>,
        actor: &Actor,
        after: EventPosition,
        filter: EventFilter,
    ) -> Follower {
        Follower {
            actor: actor.clone(),
            // Before the log is read: what is written meanwhile is told here.
            live: self.subscribe(),
            changes: Arc::clone(self),
            filter,
            position: after,
            found: VecDeque::new(),
            behind: true,
            try_again_at: None,
        }
    }
}

/// Reads the event log on and on.
///
/// [`wait`](Self::wait) tells when it is worth asking, and asks nobody itself: many may wait, and be let
/// ask a few at a time. [`take`](Self::take) asks.
pub struct Follower {
    actor: Actor,
    changes: Arc<Changes>,
    filter: EventFilter,
    live: broadcast::Receiver<News>,
    /// All up to here was told, or is found.
    position: EventPosition,
    /// Found and not told yet.
    found: VecDeque<News>,
    /// Whether the log may hold what was not read.
    behind: bool,
    /// When a database that has failed may be asked again.
    try_again_at: Option<Instant>,
}

impl Follower {
    /// Waits until there may be something to tell; false once the service is gone.
    pub async fn wait(&mut self) -> bool {
        loop {
            if !self.found.is_empty() {
                return true;
            }
            if self.behind {
                if let Some(at) = self.try_again_at {
                    sleep_until(at).await;
                }
                return true;
            }
            match self.live.recv().await {
                Ok(news) => self.hear(news),
                Err(RecvError::Lagged(_)) => self.behind = true,
                Err(RecvError::Closed) => return false,
            }
        }
    }

    /// The next that there is to tell, if there is any: what was heard, or what the log has where more was
    /// missed than is kept.
    pub async fn take(&mut self) -> Option<News> {
        if self.behind && self.found.is_empty() {
            self.read_on().await;
        }
        while !self.behind && self.found.is_empty() {
            match self.live.try_recv() {
                Ok(news) => self.hear(news),
                Err(TryRecvError::Lagged(_)) => self.behind = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        self.found.pop_front()
    }

    /// Finds what comes next, if it is asked for and for them to see.
    fn hear(&mut self, news: News) {
        if news.event.position > self.position {
            self.position = news.event.position;
            if self.filter.admits(&news.event) && self.may_be_told(&news) {
                self.found.push_back(news);
            }
        }
    }

    fn may_be_told(&self, News { event, .. }: &News) -> bool {
        let grant = self.actor.grant(Permission::ReadAppointments);
        match grant.only_with() {
            Some(own) => event.concerns(own) && event.is_for(own),
            None => grant.reaches(event.appointment.provider_id),
        }
    }

    async fn read_on(&mut self) {
        let grant = self.actor.grant(Permission::ReadAppointments);
        let Some(filter) = narrowed(grant, self.filter) else {
            // There is nothing in it for them.
            self.behind = false;
            return;
        };
        let page = Page { after: Some(self.position), ..Page::first(READ_AT_ONCE) };
        let read_at = Instant::now();
        match events::page(self.changes.db().read(), &filter, page).await {
            Ok(read) => {
                self.try_again_at = None;
                self.behind = u64::try_from(read.len()).is_ok_and(|count| count == READ_AT_ONCE);
                for event in read {
                    self.position = event.position;
                    let news = News { event: Arc::new(event), read_at };
                    if self.may_be_told(&news) {
                        self.found.push_back(news);
                    }
                }
            }
            Err(error) => {
                tracing::warn!(%error, "A follower could not read the event log; trying again");
                self.try_again_at = Some(Instant::now() + TRY_AGAIN_AFTER);
            }
        }
    }
}
