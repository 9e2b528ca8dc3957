//! The worker that tells endpoints what happens: it writes down what each is to be told, and has those told that
//! have something due, each by a task of its own, so that a slow one keeps nobody else waiting.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior};

use super::Webhooks;
use crate::db::{Ending, StoreError, Tx, events, webhooks};
use crate::domain::{EventPosition, WebhookEndpoint, WebhookEndpointId};

/// How often it is looked for what happened, and for what is due.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How many events are written down in one transaction.
const AT_ONCE: u16 = 500;
/// How many of these before the others are looked after: one that is told a year anew keeps nobody waiting.
const IN_A_ROW: u8 = 4;
/// How often it is told how much waits.
const TELL_EVERY: Duration = Duration::from_secs(5);
/// How often what is old is forgotten.
const TIDY_EVERY: Duration = Duration::from_mins(10);
/// How long a delivery that is over is kept: 30 days.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What is done for one endpoint, whatever the others take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Work {
    /// Writing down what it is to be told, up to there.
    TakeDown,
    /// Telling it.
    Deliver,
}

type Lane = (WebhookEndpointId, Work);

/// What is being done, a task each.
#[derive(Default)]
struct Lanes {
    tasks: JoinSet<Lane>,
    busy: HashSet<Lane>,
}

/// Tells endpoints what happens, until `stop` turns true or nobody is left to turn it; then ends what it has begun.
pub async fn keep_webhooks(webhooks: Arc<Webhooks>, mut stop: watch::Receiver<bool>) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut lanes = Lanes::default();
    let (mut told_at, mut tidied_at) = (None::<Instant>, Instant::now());
    loop {
        tokio::select! {
            () = webhooks.wake.notified() => {}
            _ = looks.tick() => {}
            Some(ended) = lanes.tasks.join_next() => {
                lanes.end(ended);
                continue;
            }
            _ = stop.wait_for(|stop| *stop) => break,
        }
        let done = async {
            webhooks.look(&mut lanes, &stop).await?;
            if told_at.is_none_or(|at| at.elapsed() >= TELL_EVERY) {
                told_at = Some(Instant::now());
                webhooks.tell_what_waits().await?;
            }
            if tidied_at.elapsed() >= TIDY_EVERY {
                tidied_at = Instant::now();
                webhooks.forget_what_is_old().await?;
            }
            Ok::<_, StoreError>(())
        };
        if let Err(error) = done.await {
            tracing::warn!(%error, "Webhooks could not be looked after; trying again");
        }
    }
    while lanes.tasks.join_next().await.is_some() {}
}

impl Lanes {
    /// Begins it, unless it is being done.
    fn begin<Doing>(&mut self, lane: Lane, doing: Doing)
    where
        Doing: Future<Output = Result<(), StoreError>> + Send + 'static,
    {
        if !self.busy.insert(lane) {
            return;
        }
        self.tasks.spawn(async move {
            if let Err(error) = doing.await {
                let id = lane.0;
                tracing::warn!(webhook.endpoint = %id, %error, "Could not tell {id}; trying again");
            }
            lane
        });
    }

    fn end(&mut self, ended: Result<Lane, JoinError>) {
        match ended {
            Ok(lane) => {
                self.busy.remove(&lane);
            }
            Err(_panicked) => {
                tracing::error!("Telling a webhook endpoint panicked; its leases will lapse");
                // Nobody says whose it was: all that end from now on are begun again.
                self.busy.clear();
            }
        }
    }
}

impl Webhooks {
    /// One look.
    async fn look(
        self: &Arc<Self>,
        lanes: &mut Lanes,
        stop: &watch::Receiver<bool>,
    ) -> Result<(), StoreError> {
        let active = webhooks::active(self.db().read()).await?;
        let now = self.now();
        if webhooks::is_any_left_over(self.db().read(), now).await? {
            let clear = |tx| async move {
                webhooks::clear_left_over(&tx, AT_ONCE, now).await.map(Ending::Commit)
            };
            self.db().transaction("webhook_forget", clear).await?;
        }
        if active.is_empty() {
            return Ok(());
        }
        let end = events::last(self.db().read()).await?;
        for (WebhookEndpoint { id, .. }, position) in active {
            if position < end {
                let webhooks = Arc::clone(self);
                lanes.begin((id, Work::TakeDown), async move { webhooks.take_down(id, end).await });
            }
            if lanes.busy.contains(&(id, Work::Deliver))
                || !webhooks::is_any_due(self.db().read(), id, now).await?
            {
                continue;
            }
            let (webhooks, stop) = (Arc::clone(self), stop.clone());
            lanes.begin((id, Work::Deliver), webhooks.deliver_to(id, stop));
        }
        Ok(())
    }

    /// Writes down what an endpoint is to be told of what has happened.
    async fn take_down(
        &self,
        endpoint: WebhookEndpointId,
        end: EventPosition,
    ) -> Result<(), StoreError> {
        // With its milliseconds: the deliveries sort by when they were written down.
        let now = self.parts.clock.now();
        let work = |tx: Tx| async move {
            let Some((endpoint, position)) = webhooks::position(&tx, endpoint).await? else {
                // Another server is about to.
                return Ok::<_, StoreError>(Ending::RollBack(false));
            };
            let more = webhooks::take_down(&tx, (&endpoint, position), (AT_ONCE, end), now).await?;
            Ok(Ending::Commit(more))
        };
        for _ in 0..IN_A_ROW {
            if !self.db().transaction("webhook_take_down", work).await? {
                break;
            }
        }
        Ok(())
    }

    /// Tells the operator how much waits, how long it has, and who is told nothing any more.
    async fn tell_what_waits(&self) -> Result<(), StoreError> {
        let standing = webhooks::standing(self.db().read()).await?;
        let number = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let waited = standing
            .oldest
            .map_or(0.0, |oldest| self.now().duration_since(oldest).as_secs_f64().max(0.0));
        metrics::gauge!("clinic_webhook_pending").set(number(standing.pending));
        metrics::gauge!("clinic_webhook_oldest_pending_seconds").set(waited);
        metrics::gauge!("clinic_webhook_endpoints_switched_off").set(number(standing.switched_off));
        Ok(())
    }

    async fn forget_what_is_old(&self) -> Result<(), StoreError> {
        let before = self.now().saturating_sub(KEPT_FOR).unwrap_or(jiff::Timestamp::MIN);
        loop {
            let old = webhooks::old(self.db().read(), before, AT_ONCE.into()).await?;
            let old = &old;
            let forget =
                |tx| async move { webhooks::remove_old(&tx, old).await.map(Ending::Commit) };
            self.db().transaction("webhook_forget", forget).await?;
            if old.len() < usize::from(AT_ONCE) {
                return Ok(());
            }
        }
    }
}
