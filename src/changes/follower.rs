//! Whoever follows the log: each event once and in order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::{self, error::RecvError};

use super::Changes;
use super::log::narrowed;
use crate::access::{Actor, Permission};
use crate::db::events;
use crate::domain::{AppointmentEvent, EventFilter, EventPosition, Page};

/// How many events are read from the log at once.
const READ_AT_ONCE: u64 = 200;
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
            read: VecDeque::new(),
            behind: true,
        }
    }
}

/// Reads the event log on and on.
pub struct Follower {
    actor: Actor,
    changes: Arc<Changes>,
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
            let event = self.next_of_all().await?;
            let grant = self.actor.grant(Permission::ReadAppointments);
            let is_told = match grant.only_with() {
                Some(own) => event.concerns(own) && event.is_for(own),
                None => grant.reaches(event.appointment.provider_id),
            };
            if is_told {
                return Some(event);
            }
        }
    }

    /// The next that is asked for, whoever may see it.
    async fn next_of_all(&mut self) -> Option<Arc<AppointmentEvent>> {
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
        let grant = self.actor.grant(Permission::ReadAppointments);
        let Some(filter) = narrowed(grant, self.filter) else {
            // There is nothing in it for them.
            self.behind = false;
            return;
        };
        let page = Page { after: Some(self.position), ..Page::first(READ_AT_ONCE) };
        match events::page(self.changes.db().read(), &filter, page).await {
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
