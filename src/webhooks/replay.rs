//! Telling an endpoint anew what has happened.

use super::command::{ReplayAfter, ReplayWebhooks, wrong_after};
use super::repeat::retry;
use super::{EndpointOutcome, Webhooks, locked};
use crate::access::{Actor, Permission};
use crate::audit::{Act, Audited, Touched};
use crate::db::idempotency::Made;
use crate::db::{Tx, events, webhooks};
use crate::domain::EventPosition;
use crate::request::{Field, Refusal, Violation};

impl Webhooks {
    /// Tells an endpoint anew what has happened after an event or a moment, in order, for `actor`: with the same ids
    /// as before, by which it tells what it has seen.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`]; [`Refusal::Invalid`] for one that is switched off, and for an
    /// event that there is not yet; [`Refusal::Store`] when the database fails.
    pub async fn replay(
        &self,
        actor: &Actor,
        command: &ReplayWebhooks,
    ) -> Result<EndpointOutcome, Refusal> {
        let act = &Act::on_object(actor, "replayWebhooks", &command.id);
        let fingerprint = command.fingerprint();
        let retry = retry(actor, command.idempotency_key.as_ref(), &fingerprint);
        let attempt = async {
            actor.require(Permission::ManageRoster)?;
            let request = async {
                let after = self.position(actor, command.after).await?;
                let work = |tx: Tx| async move {
                    let endpoint = locked(&tx, command.id).await?;
                    if !endpoint.active {
                        let field = Field::Other("endpointId".to_owned());
                        let off = Violation::new(field, "is switched off: switch it on first");
                        return Err(Refusal::Invalid(vec![off]));
                    }
                    self.claim(&tx, retry, Made::WebhookEndpoint(endpoint.id)).await?;
                    webhooks::begin_again_after(&tx, endpoint.id, after).await?;
                    let touched = Touched::object(&endpoint.id, vec!["deliveries"]);
                    Ok(Audited::Commit(endpoint, touched))
                };
                let endpoint = self.committed(act, work).await?;
                Ok(EndpointOutcome { endpoint, secret: None, replayed: false })
            };
            self.once(retry, request).await
        };
        self.parts.trail.attempt(act, Box::pin(attempt)).await
    }

    /// After which place in the log that is.
    async fn position(&self, actor: &Actor, after: ReplayAfter) -> Result<EventPosition, Refusal> {
        let end = self.parts.changes.end_of_events(actor).await?;
        match after {
            ReplayAfter::Event(position) if position > end => {
                Err(Refusal::Invalid(vec![wrong_after()]))
            }
            ReplayAfter::Event(position) => Ok(position),
            ReplayAfter::Moment(moment) => Ok(events::last_before(self.db().read(), moment).await?),
        }
    }
}
