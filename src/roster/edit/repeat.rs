//! Safe retry: an edit that comes again with its key is answered by how things stand now.

use super::RosterEdits;
use crate::access::Actor;
use crate::db::Connection;
use crate::db::idempotency::{self, Claim, Made};
use crate::request::{IdempotencyKey, Refusal};

impl RosterEdits {
    /// Carries out `request`, unless one with the same key was: then `again` says how what that made
    /// stands now.
    pub(super) async fn once<T, Fut, Again>(
        &self,
        actor: &Actor,
        key: Option<&IdempotencyKey>,
        fingerprint: &str,
        request: Fut,
        again: impl Fn(Made) -> Again,
    ) -> Result<T, Refusal>
    where
        Fut: Future<Output = Result<T, Refusal>>,
        Again: Future<Output = Result<T, Refusal>>,
    {
        let Some(key) = key else { return request.await };
        if let Some(made) = self.made(actor, key, fingerprint).await? {
            return again(made).await;
        }
        match request.await {
            // It may have been beaten by its own twin.
            Err(error) => match self.made(actor, key, fingerprint).await? {
                Some(made) => again(made).await,
                None => Err(error),
            },
            done => done,
        }
    }

    async fn made(
        &self,
        actor: &Actor,
        key: &IdempotencyKey,
        fingerprint: &str,
    ) -> Result<Option<Made>, Refusal> {
        let claim = idempotency::find(self.db.read(), &actor.scope(), key.as_str()).await?;
        match claim {
            Some(claim) if claim.request_hash != fingerprint => Err(Refusal::KeyReused),
            claim => Ok(claim.map(|claim| claim.made)),
        }
    }

    /// Claims the key of an edit, if it has one, in the transaction that commits its effect.
    pub(super) async fn claim(
        &self,
        tx: &impl Connection,
        actor: &Actor,
        key: Option<&IdempotencyKey>,
        (request_hash, made): (String, Made),
    ) -> Result<(), Refusal> {
        let Some(key) = key else { return Ok(()) };
        let claim = Claim { request_hash, made, refusal: None };
        match idempotency::claim(tx, &actor.scope(), key.as_str(), &claim, self.now()).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Refusal::KeyInUse),
            Err(error) if error.is_lock_timeout() => Err(Refusal::KeyInUse),
            Err(error) => Err(error.into()),
        }
    }
}
