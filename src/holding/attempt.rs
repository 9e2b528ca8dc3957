//! The transaction that holds a time of one provider: under the lock of whoever holds, so that nobody holds
//! more than they may, and then the provider's. The database's rule is the referee, as of a booking.

use std::time::Duration;

use super::Holding;
use super::hold::HoldPlan;
use crate::audit::{Audited, Touched};
use crate::db::holds::{self, HoldTokenKept};
use crate::db::idempotency::Made;
use crate::db::{StoreError, Tx, locks, look_again};
use crate::domain::{AppointmentId, Hold, ProviderId, TimeSlot};
use crate::request::{HoldToken, HoldTokenSeed, Refusal};
use crate::retry::Retry;
use crate::search::{VisitWish, may_treat};

impl Holding {
    /// Tries to hold a time of that provider's; none where it, or every time, is gone.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooManyHolds`]; [`Refusal::KeyInUse`] when a request with the same key has committed.
    pub(super) async fn attempt(
        &self,
        plan: &HoldPlan<'_>,
        provider_id: ProviderId,
        wish: VisitWish<'_>,
    ) -> Result<Option<(Hold, HoldToken)>, Refusal> {
        let seed = HoldTokenSeed::generate();
        let key = plan.command.idempotency_key.as_ref();
        let token = seed.token(&plan.actor.scope(), key);
        let kept = HoldTokenKept { hash: token.hash(), seed: key.map(|_| seed.0) };
        let work = |tx: Tx| async move {
            let made = self.attempt_in(&tx, plan, (provider_id, wish), kept).await?;
            Ok::<_, Refusal>(match made {
                Some(hold) => {
                    let touched = Touched::object(&hold.provider_id, vec!["hold"]);
                    Audited::Commit(Some(hold), touched)
                }
                None => Audited::RollBack(None),
            })
        };
        let proof = |made: Option<Hold>| async move {
            let Some(hold) = made else { return (None, None) };
            let found = look_again(|| holds::find(self.db().read(), hold.id)).await;
            (Some(hold), found.ok().map(|found| found.is_some()))
        };
        self.db().check_rules()?;
        // Whoever waits for this provider waits here, not on a connection that others need.
        let _room = self.db().room_for(provider_id.uuid()).await?;
        let made = self.parts.trail.transaction("hold_slot", plan.act, work, proof).await?;
        Ok(made.map(|hold| (hold, token)))
    }

    async fn attempt_in(
        &self,
        tx: &Tx,
        plan: &HoldPlan<'_>,
        (provider_id, wish): (ProviderId, VisitWish<'_>),
        token: HoldTokenKept,
    ) -> Result<Option<Hold>, Refusal> {
        let (now, holder) = (self.now(), plan.actor.scope());
        locks::wait_as_holder(tx, &holder, provider_id).await?;
        let Some(slot) = self.free_slot(tx, plan, (provider_id, wish)).await? else {
            return Ok(None);
        };
        let hold = Hold {
            id: AppointmentId::generate(now),
            provider_id,
            slot,
            visit_type_id: plan.shape.kind,
            state: plan.command.state(),
            expires_at: plan.command.length.ends_at(now, slot),
        };
        if !hold.is_live(now) {
            return Ok(None);
        }
        let key = plan.command.idempotency_key.as_ref();
        let retry = Retry { actor: plan.actor, key, fingerprint: plan.fingerprint };
        retry.claim(tx, Made::Hold(hold.id), now).await?;
        self.may_hold_one_more(tx, plan).await?;
        let kept = (&*holder, token);
        let is_held = holds::insert(tx, &hold, kept, now).await?
            || (holds::remove_lapsed(tx, (provider_id, slot), now).await?
                && holds::insert(tx, &hold, kept, now).await?);
        Ok(is_held.then_some(hold))
    }

    /// The time to hold, with the provider as they are now.
    async fn free_slot(
        &self,
        tx: &Tx,
        plan: &HoldPlan<'_>,
        (provider_id, wish): (ProviderId, VisitWish<'_>),
    ) -> Result<Option<TimeSlot>, StoreError> {
        let (search, when) = (&self.parts.search, plan.command.when);
        let found = search.provider_under_lock(tx, &plan.directory, (provider_id, when)).await?;
        let found = found.filter(|(provider, _)| {
            let may = match plan.patient {
                Some((state, payer)) => may_treat(provider, state, payer, plan.period).is_ok(),
                None => provider.active,
            };
            may && provider.offers(plan.shape.kind)
        });
        let Some(found) = found else { return Ok(None) };
        search.free_under_lock(tx, &plan.candidates, found, (when, wish), &[]).await
    }

    /// Whether the caller, whose lock `tx` has, may hold one time more.
    async fn may_hold_one_more(&self, tx: &Tx, plan: &HoldPlan<'_>) -> Result<(), Refusal> {
        let (now, most) = (self.now(), self.most_of(plan.actor));
        let held = holds::count_live(tx, &plan.actor.scope(), now).await?;
        if held.count < u64::from(most) {
            return Ok(());
        }
        let next = held.next_lapses_at.map(|next| next.duration_since(now).unsigned_abs());
        let one_lapses_within = next.unwrap_or(Duration::from_secs(1));
        Err(Refusal::TooManyHolds { most, one_lapses_within })
    }
}
