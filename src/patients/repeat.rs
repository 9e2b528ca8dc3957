//! Safe retry: a request that comes again with its key is answered by how the patient stands now.

use super::{PatientOutcome, Patients};
use crate::access::Actor;
use crate::db::idempotency::{self, Claim, Made};
use crate::db::{Connection, patients};
use crate::domain::{PatientId, ProviderId};
use crate::request::{IdempotencyKey, Refusal, Resource};

impl Patients {
    /// Carries out `request`, unless one with the same key was. Where `own` is given, the caller may change
    /// that provider's patients alone: they may have been allowed more when the request came first.
    pub(super) async fn once<Fut>(
        &self,
        (actor, own): (&Actor, Option<ProviderId>),
        key: Option<&IdempotencyKey>,
        fingerprint: &str,
        request: Fut,
    ) -> Result<PatientOutcome, Refusal>
    where
        Fut: Future<Output = Result<PatientOutcome, Refusal>>,
    {
        let Some(key) = key else { return request.await };
        if let Some(replayed) = self.replay(actor, own, key, fingerprint).await? {
            return Ok(replayed);
        }
        match request.await {
            // It may have been beaten by its own twin.
            Err(error) => Ok(self.replay(actor, own, key, fingerprint).await?.ok_or(error)?),
            done => done,
        }
    }

    async fn replay(
        &self,
        actor: &Actor,
        own: Option<ProviderId>,
        key: &IdempotencyKey,
        fingerprint: &str,
    ) -> Result<Option<PatientOutcome>, Refusal> {
        let claim = idempotency::find(self.db.read(), &actor.scope(), key.as_str()).await?;
        let Some(claim) = claim else { return Ok(None) };
        let Made::Patient(id) = claim.made else { return Err(Refusal::KeyReused) };
        if claim.request_hash != fingerprint {
            return Err(Refusal::KeyReused);
        }
        let patient = patients::find_of(self.db.read(), id, own).await?;
        let patient = patient.ok_or(Refusal::NotFound(Resource::Patient))?;
        Ok(Some(PatientOutcome { patient, replayed: true }))
    }

    /// Claims the key of a request, if it has one, in the transaction that commits its effect.
    pub(super) async fn claim(
        &self,
        tx: &impl Connection,
        actor: &Actor,
        key: Option<&IdempotencyKey>,
        request_hash: String,
        changed: PatientId,
    ) -> Result<(), Refusal> {
        let Some(key) = key else { return Ok(()) };
        let claim = Claim { request_hash, made: Made::Patient(changed), refusal: None };
        match idempotency::claim(tx, &actor.scope(), key.as_str(), &claim, self.now()).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Refusal::KeyInUse),
            Err(error) if error.is_lock_timeout() => Err(Refusal::KeyInUse),
            Err(error) => Err(error.into()),
        }
    }
}
