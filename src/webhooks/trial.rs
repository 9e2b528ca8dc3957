//! A message that is only a trial.

use super::command::SendTestWebhook;
use super::repeat::retry;
use super::{DeliveryOutcome, Webhooks, locked, new_lease};
use crate::access::{Actor, Permission};
use crate::audit::{Act, Audited, Touched};
use crate::db::idempotency::Made;
use crate::db::{Tx, look_again, webhooks};
use crate::domain::webhook::DeliveryStatus;
use crate::domain::{WebhookDelivery, WebhookDeliveryId};
use crate::request::{Refusal, Resource};

impl Webhooks {
    /// Sends an endpoint a message that is only a trial, for `actor`, once and at once: what it came to is answered.
    /// Also to one that is switched off.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`]; [`Refusal::VersionConflict`]; [`Refusal::Store`] when the
    /// database fails.
    pub async fn send_test(
        &self,
        actor: &Actor,
        command: &SendTestWebhook,
    ) -> Result<DeliveryOutcome, Refusal> {
        let act = &Act::on_object(actor, "sendTestWebhook", &command.id);
        let fingerprint = command.fingerprint();
        let retry = retry(actor, command.idempotency_key.as_ref(), &fingerprint);
        let attempt = async {
            actor.require(Permission::ManageRoster)?;
            let request = async {
                let now = self.now();
                let lease = new_lease(now);
                let trial = WebhookDelivery {
                    id: WebhookDeliveryId::generate(self.parts.clock.now()),
                    endpoint_id: command.id,
                    position: None,
                    kind: None,
                    at: now,
                    status: DeliveryStatus::Pending,
                    outcome: None,
                    response_status: None,
                    attempts: 0,
                    tried_since: None,
                    next_attempt_at: Some(now),
                };
                let trial = &trial;
                let work = |tx: Tx| async move {
                    let endpoint = locked(&tx, command.id).await?;
                    command.expected.check(endpoint.version)?;
                    self.claim(&tx, retry, Made::WebhookDelivery(trial.id)).await?;
                    webhooks::insert_trial(&tx, trial, lease).await?;
                    Ok::<_, Refusal>(Audited::Commit(
                        (),
                        Touched::object(&endpoint.id, vec!["deliveries"]),
                    ))
                };
                let proof = |()| async move {
                    let stored = look_again(|| webhooks::find_delivery(self.db().read(), trial.id));
                    ((), stored.await.ok().map(|stored| stored.is_some()))
                };
                self.parts.trail.transaction("webhook_change", act, work, proof).await?;
                let target = webhooks::target(self.db().read(), command.id).await?;
                let target = target.ok_or(Refusal::NotFound(Resource::WebhookEndpoint))?;
                let delivery = self.attempt(&target, trial.clone()).await?;
                self.record(command.id, std::slice::from_ref(&delivery), lease).await?;
                Ok(DeliveryOutcome { delivery: delivery.0, replayed: false })
            };
            self.once_tried(retry, request).await
        };
        self.parts.trail.attempt(act, Box::pin(attempt)).await
    }
}
