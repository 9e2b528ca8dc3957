//! Holding a time: with whom it is tried, and in which order.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{HoldOutcome, HoldSlot, Holding};
use crate::access::{Actor, Forbidden, Permission};
use crate::audit::Act;
use crate::db::StoreError;
use crate::domain::judge::{Obstacle, Reason};
use crate::domain::ranking::RankedOffer;
use crate::domain::{Directory, PatientClock, PayerId, ProviderId, TimeSlot, UsState, VisitShape};
use crate::request::{AskedVisitType, Refusal, When, payer_named};
use crate::retry::Retry;
use crate::search::{Candidates, TimeOfDay, VisitWish};

/// How many times a search starts again when others were faster each time.
const ROUNDS: usize = 3;

/// A time that may be held, as far as could be seen without a lock.
pub(super) struct HoldPlan<'a> {
    pub(super) actor: &'a Actor,
    pub(super) act: &'a Act,
    pub(super) command: &'a HoldSlot,
    /// Tells the request, as it came, from others under its key.
    pub(super) fingerprint: &'a str,
    pub(super) shape: VisitShape,
    /// The roster that it was seen by.
    pub(super) directory: Arc<Directory>,
    /// State and payer of the patient, where they are told.
    pub(super) patient: Option<(UsState, PayerId)>,
    /// From the first moment at which the visit may be to the last.
    pub(super) period: (Timestamp, Timestamp),
    pub(super) candidates: Candidates,
}

/// The request as a caller may have it who may hold the time of that provider alone, if one is given: whose
/// was not said means theirs.
fn with_whom(command: &HoldSlot, own: Option<ProviderId>) -> Result<Cow<'_, HoldSlot>, Forbidden> {
    match (own, command.query.provider_id) {
        (None, _) => Ok(Cow::Borrowed(command)),
        (Some(own), Some(asked)) if own == asked => Ok(Cow::Borrowed(command)),
        (Some(_), Some(_)) => Err(Forbidden),
        (Some(own), None) => Ok(Cow::Owned(command.with(own))),
    }
}

impl Holding {
    /// Holds a time, so that nobody but whoever has its token is offered it or books it, or says why it
    /// can't be held.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`], also for a clinician who asks for another provider's time;
    /// [`Refusal::TooManyHolds`]; [`Refusal::HoldExpired`] for a repeat whose hold is none any more; else as
    /// for a booking.
    pub async fn hold(&self, actor: &Actor, command: &HoldSlot) -> Result<HoldOutcome, Refusal> {
        let act = &Act::of(actor, "holdSlot");
        let attempt = async {
            let own = actor.patients_for(Permission::Book)?;
            let (fingerprint, key) = (command.fingerprint(), command.idempotency_key.as_ref());
            let command = &*with_whom(command, own)?;
            let retry = Retry { actor, key, fingerprint: &fingerprint };
            let hold = self.hold_anew(actor, act, (command, &fingerprint));
            let again = |made| self.held_again(actor, key, made);
            retry.once(self.db(), hold, again).await
        };
        self.parts.trail.attempt(act, Box::pin(attempt)).await
    }

    async fn hold_anew(
        &self,
        actor: &Actor,
        act: &Act,
        request: (&HoldSlot, &str),
    ) -> Result<HoldOutcome, Refusal> {
        for _round in 0..ROUNDS {
            let plan = self.plan((actor, act), request).await?;
            let clock = request.0.state().map(|state| PatientClock::of(state, None));
            let wish = self.wish(&plan, clock.as_ref());
            let (ranked, wish) = match plan.command.when {
                When::At(starts_at) => (self.who_is_free(&plan, wish, starts_at).await?, wish),
                When::From(_) => {
                    let search = &self.parts.search;
                    let (ranked, time_of_day) =
                        search.rank_first_offers(&plan.candidates, wish).await?;
                    if ranked.is_empty() {
                        let searched_until = plan.candidates.horizon_ends_at(self.now());
                        return Err(Refusal::NoAvailability { searched_until });
                    }
                    (ranked, VisitWish { time_of_day, ..wish })
                }
            };
            for offer in ranked {
                if let Some((hold, token)) = self.attempt(&plan, offer.provider_id, wish).await? {
                    metrics::counter!("clinic_holds_total", "outcome" => "made").increment(1);
                    let held = self.told(hold, token).await?;
                    return Ok(HoldOutcome { held, replayed: false });
                }
            }
        }
        Err(StoreError::Unavailable("too many bookings at once".to_owned()).into())
    }

    /// Whose time it may be, and when, as far as can be seen without a lock.
    async fn plan<'a>(
        &self,
        (actor, act): (&'a Actor, &'a Act),
        (command, fingerprint): (&'a HoldSlot, &'a str),
    ) -> Result<HoldPlan<'a>, Refusal> {
        let (now, query) = (self.now(), &command.query);
        let directory = self.parts.roster.directory().await?;
        let payer_of = |(state, insurance): &(UsState, String)| {
            Ok::<_, Refusal>((*state, payer_named(&directory, insurance)?))
        };
        let patient = query.patient.as_ref().map(payer_of).transpose()?;
        let shape = AskedVisitType::shape(query.visit_type.as_ref(), query.length, &directory)?;
        let asked = query.provider_id.and_then(|id| directory.provider(id));
        let horizon = match asked {
            Some(provider) => provider.rules.horizon_ends_at(now),
            None => directory.horizon_ends_at(now),
        };
        let period = match command.when {
            // A time that can't be booked is judged on the nearest day that can.
            When::At(starts_at) => {
                let on = starts_at.clamp(now, horizon);
                (on, on)
            }
            When::From(after) => (after.unwrap_or(now).clamp(now, horizon), horizon),
        };
        let candidates = Candidates::asked(&directory, query, (shape.kind, None), period)?;
        let ends_at = candidates.horizon_ends_at(now);
        if let When::From(Some(after)) = command.when
            && after > ends_at
        {
            return Err(Refusal::BeyondHorizon { ends_at });
        }
        Ok(HoldPlan {
            actor,
            act,
            command,
            fingerprint,
            shape,
            directory,
            patient,
            period,
            candidates,
        })
    }

    /// What is looked for: a time that is still to come, for what begins now can't be kept for later.
    fn wish<'a>(&self, plan: &HoldPlan<'_>, clock: Option<&'a PatientClock>) -> VisitWish<'a> {
        let soonest = self.now().saturating_add(SignedDuration::from_secs(1));
        let soonest = soonest.unwrap_or(Timestamp::MAX);
        let from = match plan.command.when {
            When::At(starts_at) => starts_at,
            When::From(after) => after.map_or(soonest, |after| after.max(soonest)),
        };
        let time_of_day = match (clock, plan.command.query.provider_id) {
            (Some(clock), None) => TimeOfDay::Rather(clock),
            _ => TimeOfDay::Any,
        };
        VisitWish { patient: None, from, shape: plan.shape, time_of_day }
    }

    /// Who is free at that time, the best first; or why nobody is, with other times where these help.
    async fn who_is_free(
        &self,
        plan: &HoldPlan<'_>,
        wish: VisitWish<'_>,
        starts_at: Timestamp,
    ) -> Result<Vec<RankedOffer>, Refusal> {
        let (search, candidates) = (&self.parts.search, &plan.candidates);
        if starts_at <= self.now() {
            return Err(Refusal::TimeInPast);
        }
        let Some(slot) = TimeSlot::starting(starts_at, plan.shape.length) else {
            return Err(Refusal::BeyondHorizon { ends_at: candidates.horizon_ends_at(self.now()) });
        };
        let time = (slot, plan.shape.kind);
        let (ranked, why) = search.rank_bookable(candidates, None, time, &[]).await?;
        if !ranked.is_empty() {
            return Ok(ranked);
        }
        let obstacle = why.map_or(Obstacle::SlotTaken, |Reason { obstacle, .. }| obstacle);
        let mut others = Vec::new();
        if obstacle.has_alternatives() {
            let clock = match wish.time_of_day {
                TimeOfDay::Within(clock) | TimeOfDay::Rather(clock) => Some(clock),
                TimeOfDay::Any => None,
            };
            others = search.alternatives(candidates, wish, clock).await?;
        }
        Err(Refusal::of(obstacle, others))
    }
}
