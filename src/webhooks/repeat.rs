//! Safe retry: a request that comes again with its key is answered by how it stands now, and is never told a secret
//! again.

use super::Webhooks;
use crate::access::Actor;
use crate::audit::Attempted;
use crate::db::idempotency::Made;
use crate::db::{Connection, webhooks};
use crate::domain::webhook::WebhookSecret;
use crate::domain::{WebhookDelivery, WebhookEndpoint};
use crate::request::{IdempotencyKey, Refusal, Resource};
use crate::retry::Retry;

/// What a change of an endpoint answers.
#[derive(Clone)]
pub struct EndpointOutcome {
    /// The endpoint as it now is.
    pub endpoint: WebhookEndpoint,
    /// Its secret, to whoever had it made.
    pub secret: Option<WebhookSecret>,
    /// Whether this repeats the answer to an earlier request with the same key.
    pub replayed: bool,
}

/// What a trial answers.
#[derive(Clone)]
pub struct DeliveryOutcome {
    /// What was told.
    pub delivery: WebhookDelivery,
    /// Whether this repeats the answer to an earlier request with the same key.
    pub replayed: bool,
}

impl Attempted for EndpointOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Attempted for DeliveryOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Webhooks {
    /// Carries out a change of an endpoint, unless one with the same key was.
    pub(super) async fn once(
        &self,
        retry: Retry<'_>,
        request: impl Future<Output = Result<EndpointOutcome, Refusal>>,
    ) -> Result<EndpointOutcome, Refusal> {
        let again = |made| async move {
            let Made::WebhookEndpoint(id) = made else { return Err(Refusal::KeyReused) };
            // Also one that was deleted, by that request perhaps.
            let endpoint = webhooks::find(self.db().read(), id).await?;
            let endpoint = endpoint.ok_or(Refusal::NotFound(Resource::WebhookEndpoint))?;
            Ok(EndpointOutcome { endpoint, secret: None, replayed: true })
        };
        retry.once(self.db(), request, again).await
    }

    /// The same of a trial.
    pub(super) async fn once_tried(
        &self,
        retry: Retry<'_>,
        request: impl Future<Output = Result<DeliveryOutcome, Refusal>>,
    ) -> Result<DeliveryOutcome, Refusal> {
        let again = |made| async move {
            let Made::WebhookDelivery(id) = made else { return Err(Refusal::KeyReused) };
            let delivery = webhooks::find_delivery(self.db().read(), id).await?;
            let delivery = delivery.ok_or(Refusal::NotFound(Resource::WebhookEndpoint))?;
            Ok(DeliveryOutcome { delivery, replayed: true })
        };
        retry.once(self.db(), request, again).await
    }

    /// Claims the key of a request, if it has one, in the transaction that commits its effect.
    pub(super) async fn claim(
        &self,
        tx: &impl Connection,
        retry: Retry<'_>,
        made: Made,
    ) -> Result<(), Refusal> {
        retry.claim(tx, made, self.now()).await
    }
}

/// A request as it is told from others.
pub(super) fn retry<'a>(
    actor: &'a Actor,
    key: Option<&'a IdempotencyKey>,
    fingerprint: &'a str,
) -> Retry<'a> {
    Retry { actor, key, fingerprint }
}
