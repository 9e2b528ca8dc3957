//! Releasing what is held.

use super::{Holding, ReleaseHold, ReleaseOutcome};
use crate::access::{Actor, Permission};
use crate::audit::{Act, Audited, Touched};
use crate::db::idempotency::Made;
use crate::db::{Tx, holds, look_again};
use crate::domain::Hold;
use crate::request::Refusal;
use crate::retry::Retry;

impl Holding {
    /// Frees what is held by that token, whoever asked for it.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::HoldExpired`] for a token of nothing that is held;
    /// [`Refusal::Store`] when the database fails.
    pub async fn release(
        &self,
        actor: &Actor,
        command: &ReleaseHold,
    ) -> Result<ReleaseOutcome, Refusal> {
        let act = &Act::of(actor, "releaseHold");
        let attempt = async {
            actor.patients_for(Permission::Book)?;
            let fingerprint = command.fingerprint();
            let key = command.idempotency_key.as_ref();
            let retry = Retry { actor, key, fingerprint: &fingerprint };
            let release = async {
                let hold = self.released(retry, act, command).await?;
                metrics::counter!("clinic_holds_total", "outcome" => "released").increment(1);
                let released = Some(self.told(hold, command.token.clone()).await?);
                Ok(ReleaseOutcome { released, replayed: false })
            };
            let again = |made| async move {
                let Made::Hold(_) = made else { return Err(Refusal::KeyReused) };
                Ok(ReleaseOutcome { released: None, replayed: true })
            };
            retry.once(self.db(), release, again).await
        };
        self.parts.trail.attempt(act, Box::pin(attempt)).await
    }

    async fn released(
        &self,
        retry: Retry<'_>,
        act: &Act,
        command: &ReleaseHold,
    ) -> Result<Hold, Refusal> {
        let work = |tx: Tx| async move {
            let hold = holds::find_by_token(&tx, &command.token.hash()).await?;
            let hold = hold.filter(|hold| hold.is_live(self.now())).ok_or(Refusal::HoldExpired)?;
            retry.claim(&tx, Made::Hold(hold.id), self.now()).await?;
            // Whoever books it at this moment was faster.
            if !holds::release(&tx, hold.id).await? {
                return Err(Refusal::HoldExpired);
            }
            let touched = Touched::object(&hold.provider_id, vec!["hold"]);
            Ok(Audited::Commit(hold, touched))
        };
        let proof = |hold: Hold| async move {
            let found = look_again(|| holds::find(self.db().read(), hold.id)).await;
            (hold, found.ok().map(|found| found.is_none()))
        };
        self.parts.trail.transaction("hold_release", act, work, proof).await
    }
}
