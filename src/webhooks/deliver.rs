//! Making the deliveries of one endpoint: a few at a time, those of one visit one after the other.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, timeout, timeout_at};

use super::send::Message;
use super::{Webhooks, new_lease};
use crate::db::webhooks::{self, Lease, Target};
use crate::db::{Ending, StoreError, told_events};
use crate::domain::webhook::{Attempted, trial_body, trial_id};
use crate::domain::{WebhookDelivery, WebhookEndpointId};

/// How many an endpoint is told at once.
const AT_ONCE: usize = 16;
/// How often it is looked for more while some are slow.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long what has ended waits for others, with which it is stored in one transaction, and as many are taken anew.
const STORED_TOGETHER: Duration = Duration::from_millis(10);

/// A delivery after an attempt, and how that ended.
pub(super) type Tried = (WebhookDelivery, Attempted);
/// An attempt that has ended, under which lease.
type Ended = (Lease, Result<Tried, StoreError>);

impl Webhooks {
    /// Makes what is due for an endpoint until nothing is, or `stop` turns true.
    pub(super) async fn deliver_to(
        self: Arc<Self>,
        endpoint: WebhookEndpointId,
        stop: watch::Receiver<bool>,
    ) -> Result<(), StoreError> {
        let mut under_way = JoinSet::new();
        loop {
            if under_way.len() < AT_ONCE && !*stop.borrow() {
                let room = u64::try_from(AT_ONCE - under_way.len()).unwrap_or_default();
                self.begin(endpoint, room, &mut under_way).await?;
            }
            let first = match timeout(LOOK_EVERY, under_way.join_next()).await {
                Ok(Some(first)) => first,
                Ok(None) => return Ok(()),
                // Some are slow: the others go on beside them.
                Err(_elapsed) => continue,
            };
            let (mut ended, until) = (vec![first], Instant::now() + STORED_TOGETHER);
            while let Ok(Some(next)) = timeout_at(until, under_way.join_next()).await {
                ended.push(next);
            }
            self.take_in(endpoint, ended).await?;
        }
    }

    /// Takes some of what is due, and begins an attempt of each.
    async fn begin(
        self: &Arc<Self>,
        endpoint: WebhookEndpointId,
        room: u64,
        under_way: &mut JoinSet<Ended>,
    ) -> Result<(), StoreError> {
        let now = self.now();
        if !webhooks::is_any_due(self.db().read(), endpoint, now).await? {
            return Ok(());
        }
        let lease = new_lease(now);
        let take = |tx| async move {
            webhooks::lease_due(&tx, endpoint, (room, lease), now).await.map(Ending::Commit)
        };
        let taken = self.db().transaction("webhook_lease", take).await?;
        let target = webhooks::target(self.db().read(), endpoint).await?;
        let Some(target) = target.filter(|target| target.endpoint.active) else {
            return Ok(());
        };
        let target = Arc::new(target);
        for delivery in taken {
            let (webhooks, target) = (Arc::clone(self), Arc::clone(&target));
            under_way.spawn(async move { (lease, webhooks.attempt(&target, delivery).await) });
        }
        Ok(())
    }

    /// Stores what attempts came to. What could not be made is tried again once its lease has lapsed.
    async fn take_in(
        &self,
        endpoint: WebhookEndpointId,
        ended: Vec<Result<Ended, JoinError>>,
    ) -> Result<(), StoreError> {
        let mut tried: Vec<(Lease, Vec<Tried>)> = Vec::new();
        for ended in ended {
            let Ok((lease, attempt)) = ended else {
                tracing::error!("A webhook panicked; its lease will lapse");
                continue;
            };
            let attempt = attempt?;
            match tried.iter_mut().find(|(of, _)| *of == lease) {
                Some((_, tried)) => tried.push(attempt),
                None => tried.push((lease, vec![attempt])),
            }
        }
        for (lease, tried) in tried {
            self.record(endpoint, &tried, lease).await?;
        }
        Ok(())
    }

    /// Sends what is to be told, once.
    pub(super) async fn attempt(
        &self,
        target: &Target,
        delivery: WebhookDelivery,
    ) -> Result<Tried, StoreError> {
        let (id, body) = match delivery.position {
            None => (trial_id(delivery.id), trial_body(delivery.id, delivery.at)),
            Some(position) => {
                let event = told_events::told(self.db().read(), position).await?;
                (event.id(), event.body())
            }
        };
        let now = self.now();
        let signature = target.secrets.signature(&id, now, &body);
        let message = Message { id, timestamp: now.as_second(), signature, body };
        let attempted = self.sender.send(&target.endpoint.url, message).await;
        let outcome = attempted.outcome.as_str();
        metrics::counter!("clinic_webhook_attempts_total", "outcome" => outcome).increment(1);
        let after = delivery.after(attempted, self.now(), rand::random());
        Ok((after, attempted))
    }
}
