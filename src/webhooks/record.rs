//! What attempts came to, and what becomes of an endpoint by them.

use jiff::{SignedDuration, Timestamp};

use super::Webhooks;
use super::deliver::Tried;
use crate::db::webhooks::{self, Lease};
use crate::db::{Ending, StoreError, Tx};
use crate::domain::WebhookEndpointId;
use crate::domain::webhook::{DeliveryStatus, WebhookOutcome};

/// Between the end of an attempt and its being stored.
const A_LITTLE: SignedDuration = SignedDuration::from_mins(1);

impl Webhooks {
    /// Stores what attempts came to. An endpoint that has failed for three days, or says that it is gone, is switched
    /// off.
    pub(super) async fn record(
        &self,
        endpoint: WebhookEndpointId,
        tried: &[Tried],
        lease: Lease,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let store = |tx: Tx| async move {
            // Whoever writes both writes the endpoint first.
            webhooks::locked(&tx, endpoint).await?;
            for (after, _) in tried {
                if webhooks::record(&tx, after, lease).await? {
                    webhooks::put_off_followers(&tx, after).await?;
                }
            }
            judge(&tx, endpoint, tried, now).await.map(Ending::Commit)
        };
        if self.db().transaction("webhook_record", store).await? {
            tracing::warn!(
                webhook.endpoint = %endpoint,
                "The webhook endpoint {endpoint} is switched off: it has failed for 3 days, or said that it is gone"
            );
        }
        Ok(())
    }
}

/// Whether the endpoint is switched off by what was tried: when it says that it is gone, or when nothing was taken in
/// all the time in which something was tried in vain.
async fn judge(
    tx: &Tx,
    endpoint: WebhookEndpointId,
    tried: &[Tried],
    now: Timestamp,
) -> Result<bool, StoreError> {
    let accepted = |(_, attempted): &Tried| attempted.outcome == WebhookOutcome::Accepted;
    let of_events = |(delivery, _): &&Tried| delivery.position.is_some();
    let real: Vec<&Tried> = tried.iter().filter(of_events).collect();
    let is_gone = real.iter().any(|(_, attempted)| attempted.is_gone());
    if !is_gone && tried.iter().any(accepted) {
        webhooks::note_working(tx, endpoint).await?;
        return Ok(false);
    }
    if real.is_empty() {
        // A trial that failed says nothing of what was told.
        return Ok(false);
    }
    webhooks::note_failing(tx, endpoint, now).await?;
    let given_up = real.iter().filter(|(after, _)| after.status == DeliveryStatus::Failed);
    let tried_since = given_up.filter_map(|(after, _)| after.tried_since).max();
    // Both were noted when the first attempt had ended, one a little after the other.
    let failing_before = tried_since.map(|since| since.saturating_add(A_LITTLE).unwrap_or(since));
    match (is_gone, failing_before) {
        (false, None) => Ok(false),
        (true, _) => webhooks::switch_off(tx, endpoint, None, now).await,
        (false, before) => webhooks::switch_off(tx, endpoint, before, now).await,
    }
}
