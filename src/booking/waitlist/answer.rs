//! Waiting no more, and turning down what is offered.

use super::offer::touched;
use crate::access::Actor;
use crate::audit::{Act, Attempted, Audited};
use crate::booking::Booking;
use crate::booking::command::WhichEntry;
use crate::db::idempotency::Made;
use crate::db::{StoreError, Tx, holds, look_again, waitlist};
use crate::domain::{OfferOutcome, ProviderId, WaitlistEntry, WaitlistEntryId};
use crate::request::{Refusal, Resource};
use crate::retry::Retry;
use jiff::Timestamp;

/// What a change of the waitlist answers.
#[derive(Clone)]
pub struct WaitlistOutcome {
    /// The entry as it is now.
    pub entry: WaitlistEntry,
    /// Whether this repeats the answer to an earlier request with the same key.
    pub replayed: bool,
}

impl Attempted for WaitlistOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

/// What becomes of an entry: as it is from now on, or nothing.
type Step = Result<Option<WaitlistEntry>, Refusal>;

impl Booking {
    /// Lets a patient wait no more. What is offered to them is free at once; who waits no more already stays as
    /// they are.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`], also for an entry that is not the caller's;
    /// [`Refusal::VersionConflict`].
    pub async fn leave_waitlist(
        &self,
        actor: &Actor,
        which: &WhichEntry,
    ) -> Result<WaitlistOutcome, Refusal> {
        let step = |entry: &WaitlistEntry, now| Ok((!entry.is_over()).then(|| entry.left(now)));
        self.answer((actor, "leaveWaitlist"), which, step).await
    }

    /// Turns down what is offered: the time passes to the next who fits, and the patient waits again.
    ///
    /// # Errors
    ///
    /// As [`Self::leave_waitlist`]; [`Refusal::HoldExpired`] where nothing is offered.
    pub async fn decline_offer(
        &self,
        actor: &Actor,
        which: &WhichEntry,
    ) -> Result<WaitlistOutcome, Refusal> {
        let step = |entry: &WaitlistEntry, now| {
            which.means(entry, now).ok_or(Refusal::HoldExpired)?;
            Ok(Some(entry.waits_again(OfferOutcome::Declined, now)))
        };
        self.answer((actor, "declineOffer"), which, step).await
    }

    async fn answer(
        &self,
        (actor, operation): (&Actor, &'static str),
        which: &WhichEntry,
        step: impl Fn(&WaitlistEntry, Timestamp) -> Step + Sync,
    ) -> Result<WaitlistOutcome, Refusal> {
        let act = &Act::on_object(actor, operation, &which.id);
        let attempt = async {
            let own = actor.book_for_entry(which.id)?;
            let (key, fingerprint) = (which.idempotency_key.as_ref(), which.fingerprint(operation));
            let retry = Retry { actor, key, fingerprint: &fingerprint };
            let change = async {
                let before = self.own_entry(which.id, own).await?;
                which.expected.check(before.version)?;
                let entry = self.change_entry((act, Some(retry)), before.id, &step).await?;
                Ok(WaitlistOutcome { entry, replayed: false })
            };
            let again = |made| async move { self.entry_again(made, own).await };
            retry.once(self.db(), change, again).await
        };
        let outcome = self.parts.trail.attempt(act, Box::pin(attempt)).await;
        self.waiting.wake.notify_one();
        outcome
    }

    /// The entry that an earlier request was about, as it is now.
    pub(super) async fn entry_again(
        &self,
        made: Made,
        own: Option<ProviderId>,
    ) -> Result<WaitlistOutcome, Refusal> {
        let Made::WaitlistEntry(id) = made else { return Err(Refusal::KeyReused) };
        Ok(WaitlistOutcome { entry: self.own_entry(id, own).await?, replayed: true })
    }

    /// An entry, for a caller who may change those of that provider alone, if one is given.
    pub(super) async fn own_entry(
        &self,
        id: WaitlistEntryId,
        own: Option<ProviderId>,
    ) -> Result<WaitlistEntry, Refusal> {
        let found = waitlist::find(self.db().read(), id).await?;
        found
            .filter(|entry| own.is_none_or(|own| entry.provider_id == Some(own)))
            .ok_or(Refusal::NotFound(Resource::WaitlistEntry))
    }

    /// Makes of an entry what `step` says, and frees what was offered with it where that is over.
    pub(super) async fn change_entry(
        &self,
        (act, retry): (&Act, Option<Retry<'_>>),
        id: WaitlistEntryId,
        step: &(impl Fn(&WaitlistEntry, Timestamp) -> Step + Sync),
    ) -> Result<WaitlistEntry, Refusal> {
        let work = |tx: Tx| async move {
            let now = self.now();
            let before = waitlist::find(&tx, id).await?;
            let before = before.ok_or(Refusal::NotFound(Resource::WaitlistEntry))?;
            let Some(after) = step(&before, now)? else { return Ok(Audited::RollBack(before)) };
            if let Some(retry) = retry {
                retry.claim(&tx, Made::WaitlistEntry(id), now).await?;
            }
            // What is held comes first, as it does for whoever takes it.
            if let Some(open) = before.open_offer() {
                holds::release(&tx, open.id).await?;
            }
            match waitlist::replace(&tx, &before, after).await? {
                Some(after) => {
                    let touched = touched(&after, vec!["status", "offers"]);
                    Ok::<_, Refusal>(Audited::Commit(after, touched))
                }
                None => Err(StoreError::Contended("changed meanwhile".to_owned()).into()),
            }
        };
        let proof = |after: WaitlistEntry| async move {
            let found = look_again(|| waitlist::find(self.db().read(), id)).await;
            let stored = found.ok().flatten().map(|stored| stored.version >= after.version);
            (after, stored)
        };
        self.parts.trail.transaction("waitlist_change", act, work, proof).await
    }
}
