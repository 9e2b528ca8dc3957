//! The worker that finishes what a crash, an outage or an impatient caller left unfinished.
//!
//! Any replica may take over an appointment whose lease has lapsed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use super::BookingService;
use super::reconcile::Walk;
use crate::db::{StoreError, commit, idempotency, outbox, retrying};

const LOOK_EVERY: Duration = Duration::from_millis(500);
const AT_ONCE: usize = 20;
const TIDY_EVERY: Duration = Duration::from_mins(10);
/// How often a page of the book is compared with the scheduling service's.
const COMPARE_EVERY: Duration = Duration::from_mins(1);

impl BookingService {
    /// One round: settles the appointments that are due and nobody works on; says how many.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails; an appointment that could not be settled is not an
    /// error but due again later.
    pub async fn settle_due(self: &Arc<Self>) -> Result<usize, StoreError> {
        let now = self.now();
        if !outbox::any_due(self.db.read(), now).await? {
            return Ok(0);
        }
        let lease = self.new_lease(now);
        let lease_due = || async {
            let tx = self.db.begin().await?;
            let ids = outbox::lease_due(&tx, now, lease, AT_ONCE).await?;
            commit(tx).await?;
            Ok(ids)
        };
        let ids = retrying(lease_due, StoreError::is_contended).await?;
        let count = ids.len();
        let mut settling = JoinSet::new();
        for id in ids {
            let service = Arc::clone(self);
            settling.spawn(async move {
                if let Err(error) = service.settle_leased(id, lease).await {
                    tracing::warn!(appointment.id = %id, %error, "Could not settle {id}; its lease will lapse");
                }
            });
        }
        while settling.join_next().await.is_some() {}
        Ok(count)
    }

    /// Makes everything that waits for the scheduling service due at once.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn service_is_back(&self) -> Result<(), StoreError> {
        let tx = self.db.begin().await?;
        let count = outbox::make_all_due(&tx, self.now()).await?;
        commit(tx).await?;
        tracing::info!(count, "The scheduling service answers again: {count} appointments are due");
        Ok(())
    }

    async fn tidy(&self) -> Result<(), StoreError> {
        let tx = self.db.begin().await?;
        idempotency::forget_old(&tx, self.now()).await?;
        commit(tx).await
    }
}

/// Works until `stop` turns true, or nobody is left to turn it; then finishes the round it is in.
pub async fn work(
    service: Arc<BookingService>,
    breaker_closed: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,
) {
    tokio::join!(
        settle_what_is_due(&service, breaker_closed, stop.clone()),
        compare(&service, stop)
    );
}

async fn settle_what_is_due(
    service: &Arc<BookingService>,
    mut breaker_closed: watch::Receiver<u64>,
    mut stop: watch::Receiver<bool>,
) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut tidied = Instant::now();
    while !*stop.borrow() && stop.has_changed().is_ok() {
        let mut done = tokio::select! {
            _ = looks.tick() => service.settle_due().await.map(|count| {
                if count == AT_ONCE {
                    // There may be more: after an outage they are not to wait for one another.
                    looks.reset_immediately();
                }
            }),
            Ok(()) = breaker_closed.changed() => service.service_is_back().await,
            _ = stop.changed() => Ok(()),
        };
        if tidied.elapsed() > TIDY_EVERY {
            tidied = Instant::now();
            done = done.and(service.tidy().await);
        }
        if let Err(error) = done {
            tracing::warn!(%error, "The outbox worker could not reach the database; trying again");
        }
    }
}

async fn compare(service: &BookingService, mut stop: watch::Receiver<bool>) {
    let mut walk = Walk::default();
    loop {
        tokio::select! {
            () = tokio::time::sleep(COMPARE_EVERY) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = walk.step(service).await {
            tracing::warn!(%error, "Could not compare the book with the scheduling service's");
        }
    }
}
