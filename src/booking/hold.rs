//! Holding a time: with whom it is tried, and in which order.

mod redeem;

use jiff::Timestamp;

use super::Booking;
use super::attempt::{Attempt, Patience, Seeker};
use super::command::WhoIsSeen;
use super::plan::BookingPlan;
use crate::db::StoreError;
use crate::domain::judge::{Obstacle, Reason};
use crate::domain::ranking::RankedOffer;
use crate::domain::{PatientClock, TimeSlot, TimeZoneName};
use crate::request::{Refusal, When};
use crate::search::{TimeOfDay, VisitWish};
use crate::settling::Handover;

/// How many times a search starts again when others were faster each time.
const ROUNDS: usize = 3;

impl Booking {
    /// Holds a time for the visit, or says why there is none.
    pub(super) async fn hold(&self, visit: &BookingPlan<'_>) -> Result<Box<Handover>, Refusal> {
        let given = match &visit.command.patient {
            WhoIsSeen::Described(details) => details.time_zone.as_ref().map(TimeZoneName::as_str),
            WhoIsSeen::Known(_) => None,
        };
        let is_chosen = matches!(visit.command.patient, WhoIsSeen::Known(_));
        for _round in 0..ROUNDS {
            let known = self.who_is_meant(&visit.command.patient).await?;
            let known = known.as_ref();
            let known_zone = known.and_then(|known| known.time_zone.as_deref());
            // Who is told of other times must not learn the zone of somebody else's patient by them.
            let given = given.or(known_zone.filter(|_| visit.own.is_none() || is_chosen));
            let clock = &PatientClock::of(visit.patient.state, given);
            let time_of_day = match visit.command.provider_id {
                Some(_) => TimeOfDay::Any,
                None => TimeOfDay::Rather(clock),
            };
            let seeker = Seeker { known, clock, time_of_day };
            let held = match (&visit.redeems, visit.command.when) {
                (Some(hold), _) => self.redeem(visit, seeker, hold).await,
                (None, When::At(starts_at)) => self.hold_at(visit, seeker, starts_at).await,
                (None, When::From(after)) => {
                    self.hold_first(visit, seeker, after.unwrap_or(Timestamp::MIN)).await
                }
            };
            match held {
                // The patient was merged into another meanwhile.
                Err(Refusal::Store(StoreError::Dangling(_))) => {}
                held => return held,
            }
        }
        Err(StoreError::Internal("what a visit refers to is not there".to_owned()).into())
    }

    async fn hold_at(
        &self,
        visit: &BookingPlan<'_>,
        seeker: Seeker<'_>,
        starts_at: Timestamp,
    ) -> Result<Box<Handover>, Refusal> {
        let search = &self.parts.search;
        let patient = seeker.known.map(|patient| patient.id);
        let Some(slot) = TimeSlot::starting(starts_at, visit.shape.length) else {
            let ends_at = visit.candidates.horizon_ends_at(self.now());
            return Err(Refusal::BeyondHorizon { ends_at });
        };
        let time = (slot, visit.shape.kind);
        let rank = |candidates| search.rank_bookable(candidates, patient, time, visit.overruled());
        let (ranked, why) = rank(&visit.candidates).await?;
        if ranked.is_empty()
            && let Some(Reason { obstacle, .. }) = why
        {
            return Err(self.refused(visit, seeker, slot, obstacle).await?);
        }
        if let Some(held) = self.first_held(visit, seeker, &ranked).await? {
            return Ok(held);
        }
        let visit = &self.as_it_is_now(visit).await?;
        let (_, why) = rank(&visit.candidates).await?;
        let obstacle = why.map_or(Obstacle::SlotTaken, |reason| reason.obstacle);
        Err(self.refused(visit, seeker, slot, obstacle).await?)
    }

    /// Why the visit can't be at that time, with other times where these help.
    async fn refused(
        &self,
        visit: &BookingPlan<'_>,
        seeker: Seeker<'_>,
        slot: TimeSlot,
        obstacle: Obstacle,
    ) -> Result<Refusal, StoreError> {
        if !obstacle.has_alternatives() {
            return Ok(Refusal::of(obstacle, Vec::new()));
        }
        let Seeker { clock, time_of_day, known } = seeker;
        let (patient, from) = (known.map(|patient| patient.id), slot.starts_at());
        let wish = VisitWish { patient, from, shape: visit.shape, time_of_day };
        let search = &self.parts.search;
        Ok(Refusal::of(obstacle, search.alternatives(&visit.candidates, wish, Some(clock)).await?))
    }

    async fn hold_first(
        &self,
        visit: &BookingPlan<'_>,
        seeker: Seeker<'_>,
        after: Timestamp,
    ) -> Result<Box<Handover>, Refusal> {
        let (shape, time_of_day) = (visit.shape, seeker.time_of_day);
        let patient = seeker.known.map(|patient| patient.id);
        let wish = VisitWish { patient, from: after, shape, time_of_day };
        if let [only] = visit.candidates.providers.as_slice()
            && self.parts.search.has_busy_at_hand()
            // The transaction searches itself, and there is nobody to choose.
            && let Attempt::Held(held) =
                self.attempt(visit, seeker, only.id, Patience::Wait).await?
        {
            return Ok(held);
        }
        let mut anew;
        let mut visit = visit;
        for round in 0..ROUNDS {
            if round > 0 {
                anew = self.as_it_is_now(visit).await?;
                visit = &anew;
            }
            let (ranked, time_of_day) =
                self.parts.search.rank_first_offers(&visit.candidates.in_memory(), wish).await?;
            if ranked.is_empty() {
                let searched_until = visit.candidates.horizon_ends_at(self.now());
                return Err(Refusal::NoAvailability { searched_until });
            }
            // What is booked in the end is of the same time of day as what was found.
            let seeker = Seeker { time_of_day, ..seeker };
            if let Some(held) = self.first_held(visit, seeker, &ranked).await? {
                return Ok(held);
            }
        }
        Err(StoreError::Unavailable("too many bookings at once".to_owned()).into())
    }

    /// The first that can be held, in order. Among equal times it does not queue behind somebody
    /// who books with one provider while another is idle; who has no time any more is not asked
    /// again.
    async fn first_held(
        &self,
        visit: &BookingPlan<'_>,
        seeker: Seeker<'_>,
        ranked: &[RankedOffer],
    ) -> Result<Option<Box<Handover>>, Refusal> {
        let equal = ranked.iter().take_while(|offer| offer.slot == ranked[0].slot).count();
        let (equal, later) = ranked.split_at(if ranked.len() > 1 { equal } else { 0 });
        let (mut busy, mut stuck) = (Vec::new(), None);
        for offer in equal {
            let Some(_turn) = self.turns.begin(offer.provider_id) else {
                busy.push(offer);
                continue;
            };
            match self.attempt(visit, seeker, offer.provider_id, Patience::MoveOn).await {
                Ok(Attempt::Held(held)) => return Ok(Some(held)),
                Ok(Attempt::Locked) => busy.push(offer),
                Ok(Attempt::Gone) => {}
                Err(error) => passes_over(error, &mut stuck)?,
            }
        }
        for offer in busy.into_iter().chain(later) {
            // Others see that it is busy; who waits here needs no turn.
            let _turn = self.turns.begin(offer.provider_id);
            match self.attempt(visit, seeker, offer.provider_id, Patience::Wait).await {
                Ok(Attempt::Held(held)) => return Ok(Some(held)),
                Ok(Attempt::Locked | Attempt::Gone) => {}
                Err(error) => passes_over(error, &mut stuck)?,
            }
        }
        // Where somebody keeps a provider locked, nobody knows whether they are free.
        stuck.map_or(Ok(None), |error| Err(error.into()))
    }
}

/// Passes over one provider whom somebody keeps locked: others may be had. Where a second one is, it
/// is something that all of them share.
fn passes_over(error: Refusal, stuck: &mut Option<StoreError>) -> Result<(), Refusal> {
    match error {
        Refusal::Store(error) if error.is_lock_timeout() && stuck.is_none() => {
            *stuck = Some(error);
            Ok(())
        }
        error => Err(error),
    }
}
