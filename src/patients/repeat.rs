//! Safe retry: a request that comes again with its key is answered by how the patient stands now.

use super::{PatientOutcome, Patients};
use crate::access::Actor;
use crate::db::idempotency::Made;
use crate::db::{Connection, patients};
use crate::domain::{PatientId, ProviderId};
use crate::request::{IdempotencyKey, Refusal, Resource};
use crate::retry::Retry;

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
        let retry = Retry { actor, key, fingerprint };
        retry.once(&self.db, request, |made| self.again(own, made)).await
    }

    async fn again(&self, own: Option<ProviderId>, made: Made) -> Result<PatientOutcome, Refusal> {
        let Made::Patient(id) = made else { return Err(Refusal::KeyReused) };
        let patient = patients::find_of(self.db.read(), id, own).await?;
        let patient = patient.ok_or(Refusal::NotFound(Resource::Patient))?;
        Ok(PatientOutcome { patient, replayed: true })
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
        let retry = Retry { actor, key, fingerprint: &request_hash };
        retry.claim(tx, Made::Patient(changed), self.now()).await
    }
}
