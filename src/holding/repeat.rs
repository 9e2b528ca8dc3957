//! Safe retry: a request that comes again with its key is answered by how its hold stands now; alone among
//! secrets the token of a hold is told again, for without it the hold would be of use to nobody.

use super::Holding;
use crate::access::Actor;
use crate::audit::Attempted;
use crate::db::idempotency::{self, Claim, Made};
use crate::db::{Connection, holds};
use crate::domain::{Hold, Offer, PatientClock};
use crate::request::{HoldToken, HoldTokenSeed, IdempotencyKey, Refusal};

/// A hold, as it is told.
#[derive(Clone)]
pub struct HeldOffer {
    /// The hold.
    pub hold: Hold,
    /// By what it is booked or released.
    pub token: HoldToken,
    /// Its time, and whose that is.
    pub offer: Offer,
}

/// What holding a time answers.
#[derive(Clone)]
pub struct HoldOutcome {
    /// What is held.
    pub held: HeldOffer,
    /// Whether this repeats the answer to an earlier request with the same key.
    pub replayed: bool,
}

/// What releasing a hold answers.
#[derive(Clone)]
pub struct ReleaseOutcome {
    /// What was held; of what an earlier request has released that is not known any more.
    pub released: Option<HeldOffer>,
    /// Whether this repeats the answer to an earlier request with the same key.
    pub replayed: bool,
}

impl Attempted for HoldOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Attempted for ReleaseOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Holding {
    /// Carries out `request`, unless one with the same key was: then answers by `again`, to which it is told
    /// what that has made.
    pub(super) async fn once<T, Again>(
        &self,
        actor: &Actor,
        (key, fingerprint): (Option<&IdempotencyKey>, &str),
        request: impl Future<Output = Result<T, Refusal>>,
        again: impl Fn(Made) -> Again,
    ) -> Result<T, Refusal>
    where
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
        let claim = idempotency::find(self.db().read(), &actor.scope(), key.as_str()).await?;
        match claim {
            Some(claim) if claim.request_hash != fingerprint => Err(Refusal::KeyReused),
            claim => Ok(claim.map(|claim| claim.made)),
        }
    }

    /// The hold that an earlier request made, if it is one yet, with its token.
    pub(super) async fn held_again(
        &self,
        actor: &Actor,
        key: Option<&IdempotencyKey>,
        made: Made,
    ) -> Result<HoldOutcome, Refusal> {
        let Made::Hold(id) = made else { return Err(Refusal::KeyReused) };
        let found = holds::find(self.db().read(), id).await?;
        let (hold, seed) =
            found.filter(|(hold, _)| hold.is_live(self.now())).ok_or(Refusal::HoldExpired)?;
        let seed = seed.map(HoldTokenSeed).ok_or_else(|| Refusal::missing("seed of a token"))?;
        let token = seed.token(&actor.scope(), key);
        Ok(HoldOutcome { held: self.told(hold, token).await?, replayed: true })
    }

    /// The hold as it is told.
    pub(super) async fn told(&self, hold: Hold, token: HoldToken) -> Result<HeldOffer, Refusal> {
        let directory = self.parts.roster.directory().await?;
        let provider = directory.provider(hold.provider_id);
        let provider = provider.ok_or_else(|| Refusal::missing("provider"))?;
        let patient_clock = hold.state.map(|state| PatientClock::of(state, None));
        let offer = Offer { provider: provider.clone(), slot: hold.slot, patient_clock };
        Ok(HeldOffer { hold, token, offer })
    }

    /// Claims the key of a request, if it has one, in the transaction that commits its effect.
    pub(super) async fn claim(
        &self,
        tx: &impl Connection,
        actor: &Actor,
        (key, request_hash): (Option<&IdempotencyKey>, &str),
        hold: &Hold,
    ) -> Result<(), Refusal> {
        let Some(key) = key else { return Ok(()) };
        let (request_hash, made) = (request_hash.to_owned(), Made::Hold(hold.id));
        let claim = Claim { request_hash, made, refusal: None };
        match idempotency::claim(tx, &actor.scope(), key.as_str(), &claim, self.now()).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Refusal::KeyInUse),
            Err(error) if error.is_lock_timeout() => Err(Refusal::KeyInUse),
            Err(error) => Err(error.into()),
        }
    }
}
