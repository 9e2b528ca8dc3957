//! Safe retry: a request that comes again with its key is answered by how its hold stands now; alone among
//! secrets the token of a hold is told again, for without it the hold would be of use to nobody.

use super::Holding;
use crate::access::Actor;
use crate::audit::Attempted;
use crate::db::holds;
use crate::db::idempotency::Made;
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
}
