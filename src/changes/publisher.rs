//! The workers that put events in order and tell them live.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, MissedTickBehavior};

use super::Changes;
use super::news::News;
use crate::db::{StoreError, events};
use crate::domain::{EventFilter, EventPosition, Page};

/// How often the log is looked at for what another program wrote, or a notification that got lost.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Between two looks, so that under load one serves many changes.
const GATHER_FOR: Duration = Duration::from_millis(20);
/// How many events are read from the log at once.
const READ_AT_ONCE: u64 = 200;

/// Puts events in order and tells them, until `stop` turns true or nobody is left to turn it.
pub async fn publish(changes: Arc<Changes>, mut stop: watch::Receiver<bool>) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = changes.wake_publisher.notified() => {}
            _ = looks.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = changes.publish_news().await {
            tracing::warn!(%error, "Could not tell what happened to appointments; trying again");
        }
        tokio::time::sleep(GATHER_FOR).await;
    }
}

/// Hears what other replicas write, here and for `others`, until `stop` turns true or nobody is left to
/// turn it.
pub async fn listen<const N: usize>(
    changes: Arc<Changes>,
    others: [Arc<Notify>; N],
    mut stop: watch::Receiver<bool>,
) {
    let mut listener = changes.db.listener();
    loop {
        tokio::select! {
            () = listener.heard() => {
                changes.wake_publisher.notify_one();
                for other in &others {
                    other.notify_one();
                }
            }
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

impl Changes {
    /// Tells what came after what was told.
    async fn publish_news(&self) -> Result<(), StoreError> {
        let end = self.end().await?;
        // In this order: who begins to follow after the look reads the log, at least up to `end`.
        if self.live.receiver_count() == 0 {
            self.published_up_to.store(end.0, Ordering::SeqCst);
        }
        loop {
            let told = EventPosition(self.published_up_to.load(Ordering::SeqCst));
            if told >= end {
                return Ok(());
            }
            let page = Page { after: Some(told), ..Page::first(READ_AT_ONCE) };
            let read_at = Instant::now();
            let events = events::page(self.db.read(), &EventFilter::default(), page).await?;
            if events.is_empty() {
                // The last ones were deleted, with their appointments.
                self.published_up_to.store(end.0, Ordering::SeqCst);
            }
            for event in events {
                self.published_up_to.store(event.position.0, Ordering::SeqCst);
                // Nobody listening is no failure.
                drop(self.live.send(News { event: Arc::new(event), read_at }));
            }
        }
    }
}
