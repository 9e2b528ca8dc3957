//! The worker that finishes what a crash, an outage or an impatient caller left unfinished.
//!
//! Any replica may take over an appointment whose lease has lapsed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use super::Settling;
use crate::db::{Ending, StoreError, idempotency, outbox, refused_times};

const LOOK_EVERY: Duration = Duration::from_millis(500);
const AT_ONCE: usize = 20;
const TIDY_EVERY: Duration = Duration::from_mins(10);

impl Settling {
    /// One round: settles the appointments that are due and nobody works on; says how many.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails; an appointment that could not be settled is not an
    /// error but due again later.
    pub async fn settle_due(self: &Arc<Self>) -> Result<usize, StoreError> {
        let now = self.now();
        if !outbox::any_due(self.db().read(), now).await? {
            return Ok(0);
        }
        let lease = self.new_lease(now);
        let lease_due = |tx| async move {
            outbox::lease_due(&tx, now, lease, AT_ONCE).await.map(Ending::Commit)
        };
        let ids = self.db().transaction("outbox_lease", lease_due).await?;
        let count = ids.len();
        let mut tasks = JoinSet::new();
        for id in ids {
            let settling = Arc::clone(self);
            tasks.spawn(async move {
                if let Err(error) = settling.settle_leased(id, lease).await {
                    tracing::warn!(appointment.id = %id, %error, "Could not settle {id}; its lease will lapse");
                }
            });
        }
        while let Some(ended) = tasks.join_next().await {
            if ended.is_err() {
                tracing::error!("Settling an appointment panicked; its lease will lapse");
            }
        }
        Ok(count)
    }

    /// Makes everything that waits for the scheduling service due at once.
    async fn service_is_back(&self) -> Result<(), StoreError> {
        let now = self.now();
        let make_due = |tx| async move { outbox::make_all_due(&tx, now).await.map(Ending::Commit) };
        let count = self.db().transaction("outbox_all_due", make_due).await?;
        tracing::info!(count, "The scheduling service answers again: {count} appointments are due");
        Ok(())
    }

    async fn forget_what_is_old(&self) -> Result<(), StoreError> {
        let now = self.now();
        let forget =
            |tx| async move { idempotency::forget_old(&tx, now).await.map(Ending::Commit) };
        self.db().transaction("idempotency_forget", forget).await?;
        let forget =
            |tx| async move { refused_times::forget_old(&tx, now).await.map(Ending::Commit) };
        self.db().transaction("refused_times_forget", forget).await.map(|_count| ())
    }
}

/// Settles what is due until `stop` turns true, or nobody is left to turn it; then finishes the
/// round it is in. `breaker_closed` changes when the service answers again.
pub async fn settle_what_is_due(
    settling: Arc<Settling>,
    mut breaker_closed: watch::Receiver<u64>,
    mut stop: watch::Receiver<bool>,
) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut tidied = Instant::now();
    while !*stop.borrow() && stop.has_changed().is_ok() {
        let mut done = tokio::select! {
            _ = looks.tick() => settling.settle_due().await.map(|count| {
                if count == AT_ONCE {
                    // There may be more: after an outage they are not to wait for one another.
                    looks.reset_immediately();
                }
            }),
            Ok(()) = breaker_closed.changed() => settling.service_is_back().await,
            _ = stop.changed() => Ok(()),
        };
        if tidied.elapsed() > TIDY_EVERY {
            tidied = Instant::now();
            done = done.and(settling.forget_what_is_old().await);
        }
        if let Err(error) = done {
            tracing::warn!(%error, "The outbox worker could not reach the database; trying again");
        }
    }
}
