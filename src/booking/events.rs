//! Tells what happens to appointments, to whoever follows: each event once and in order.
//!
//! The log in the database is the truth. What is told live is only quicker: a follower that falls
//! behind, or asks for what was before, reads the log from where it stands.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::{Notify, watch};
use tokio::time::MissedTickBehavior;

use super::BookingService;
use crate::db::events::{self, EventFilter};
use crate::db::{Page, StoreError, Tx, commit, retrying};
use crate::domain::{AppointmentEvent, EventPosition};

/// How often the log is looked at for what another program wrote, or a notification that got lost.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Between two looks, so that under load one serves many changes.
const GATHER_FOR: Duration = Duration::from_millis(20);
/// How many events are read from the log at once.
const READ_AT_ONCE: u64 = 200;
/// How many events a follower may fall behind before it reads them from the log instead.
const REMEMBERED: usize = 1024;
/// Until a follower asks again a database that has failed.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What stirs the publisher, and what it tells.
pub(super) struct Changes {
    stirred: Notify,
    live: broadcast::Sender<Arc<AppointmentEvent>>,
}

impl Default for Changes {
    fn default() -> Self {
        Self { stirred: Notify::new(), live: broadcast::Sender::new(REMEMBERED) }
    }
}

impl BookingService {
    /// Commits a change of an appointment, and has it told.
    pub(super) async fn commit_change(&self, tx: Tx) -> Result<(), StoreError> {
        commit(tx).await?;
        self.changes.stirred.notify_one();
        Ok(())
    }

    /// One page of the log; all that was committed before is in it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn events(
        &self,
        filter: &EventFilter,
        page: Page<EventPosition>,
    ) -> Result<Vec<AppointmentEvent>, StoreError> {
        self.put_in_order().await?;
        events::page(self.db.read(), filter, page).await
    }

    /// Where the log ends; all that was committed before is in it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn end_of_events(&self) -> Result<EventPosition, StoreError> {
        self.put_in_order().await?;
        events::last(self.db.read()).await
    }

    /// Follows the log from a position on, for ever.
    pub fn follow(self: &Arc<Self>, after: EventPosition, filter: EventFilter) -> Follower {
        Follower {
            // Before the log is read: what is written meanwhile is told here.
            live: self.changes.live.subscribe(),
            service: Arc::clone(self),
            filter,
            position: after,
            read: VecDeque::new(),
            behind: true,
        }
    }

    async fn put_in_order(&self) -> Result<(), StoreError> {
        let put = || async {
            let tx = self.db.begin().await?;
            let more = events::give_positions(&tx).await?;
            commit(tx).await?;
            Ok(more)
        };
        // Once is enough for all that was committed before, however much is written meanwhile.
        if events::any_without_position(&self.db).await? {
            while retrying(put, StoreError::is_contended).await? {}
        }
        Ok(())
    }

    /// Tells what came after `told`.
    async fn publish(&self, told: &mut EventPosition) -> Result<(), StoreError> {
        let end = self.end_of_events().await?;
        // In this order: who begins to follow after the look reads the log, at least up to `end`.
        if self.changes.live.receiver_count() == 0 {
            *told = end;
        }
        while *told < end {
            let page = Page { after: Some(*told), ..Page::first(READ_AT_ONCE) };
            let events = events::page(self.db.read(), &EventFilter::default(), page).await?;
            if events.is_empty() {
                // The last ones were deleted, with their appointments.
                *told = end;
            }
            for event in events {
                *told = event.position;
                // Nobody listening is no failure.
                drop(self.changes.live.send(Arc::new(event)));
            }
        }
        Ok(())
    }
}

/// Reads the event log on and on.
pub struct Follower {
    service: Arc<BookingService>,
    filter: EventFilter,
    live: broadcast::Receiver<Arc<AppointmentEvent>>,
    /// All up to here was told.
    position: EventPosition,
    /// Read from the log and not told yet.
    read: VecDeque<Arc<AppointmentEvent>>,
    /// Whether the log may hold what was not read.
    behind: bool,
}

impl Follower {
    /// The next event. A database that fails is asked again until it answers; none once the
    /// service is gone.
    pub async fn next(&mut self) -> Option<Arc<AppointmentEvent>> {
        loop {
            if let Some(event) = self.read.pop_front() {
                self.position = event.position;
                return Some(event);
            }
            if self.behind {
                self.read_on().await;
                continue;
            }
            match self.live.recv().await {
                Ok(event) if event.position <= self.position => {}
                Ok(event) => {
                    self.position = event.position;
                    if self.filter.admits(&event) {
                        return Some(event);
                    }
                }
                Err(RecvError::Lagged(_)) => self.behind = true,
                Err(RecvError::Closed) => return None,
            }
        }
    }

    async fn read_on(&mut self) {
        let page = Page { after: Some(self.position), ..Page::first(READ_AT_ONCE) };
        match events::page(self.service.db.read(), &self.filter, page).await {
            Ok(found) => {
                self.behind = u64::try_from(found.len()).is_ok_and(|count| count == READ_AT_ONCE);
                self.read.extend(found.into_iter().map(Arc::new));
            }
            Err(error) => {
                tracing::warn!(%error, "A follower could not read the event log; trying again");
                tokio::time::sleep(TRY_AGAIN_AFTER).await;
            }
        }
    }
}

/// Puts events in order and tells them until `stop` turns true, or nobody is left to turn it.
pub async fn work(service: Arc<BookingService>, stop: watch::Receiver<bool>) {
    tokio::join!(tell(&service, stop.clone()), listen(&service, stop));
}

async fn tell(service: &BookingService, mut stop: watch::Receiver<bool>) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = EventPosition(0);
    loop {
        tokio::select! {
            () = service.changes.stirred.notified() => {}
            _ = looks.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = service.publish(&mut told).await {
            tracing::warn!(%error, "Could not tell what happened to appointments; trying again");
        }
        tokio::time::sleep(GATHER_FOR).await;
    }
}

async fn listen(service: &BookingService, mut stop: watch::Receiver<bool>) {
    let mut listener = service.db.listener();
    loop {
        tokio::select! {
            () = listener.heard() => service.changes.stirred.notify_one(),
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}
