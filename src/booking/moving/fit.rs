//! Whether a visit fits where it moves, by the rules and beside other visits.

use jiff::Timestamp;

use super::wish::{NewTime, judged_at};
use crate::booking::Booking;
use crate::db::{StoreError, Tx, patients};
use crate::domain::eligibility::{Ineligible, check_licence_within};
use crate::domain::judge::Obstacle;
use crate::domain::{
    Appointment, Directory, PatientClock, Provider, TimeSlot, VisitLength, VisitShape,
};
use crate::request::{Refusal, Resource};
use crate::search::{Candidates, TimeOfDay, VisitWish};

impl Booking {
    /// The new time, if the provider may and does work then.
    pub(super) fn new_slot(
        &self,
        before: &Appointment,
        asked: &NewTime<'_>,
        candidates: &Candidates,
        now: Timestamp,
    ) -> Result<TimeSlot, Refusal> {
        let length = asked.length.or_else(|| VisitLength::from_minutes(before.slot.minutes()));
        let length = length.unwrap_or(VisitLength::DEFAULT);
        let provider =
            candidates.of(asked.provider_id).ok_or(Refusal::NotFound(Resource::Provider))?;
        may_move(provider, before, asked, now)?;
        let Some(slot) = TimeSlot::starting(asked.starts_at, length) else {
            return Err(Refusal::BeyondHorizon { ends_at: provider.rules.horizon_ends_at(now) });
        };
        let visit = (slot, before.visit_type_id);
        let against = self.parts.search.rules_without_visits(provider, visit);
        match against.iter().find(|reason| reason.stands(&asked.overrule.rules)) {
            Some(reason) => Err(Refusal::of(reason.obstacle, Vec::new())),
            None => Ok(slot),
        }
    }

    /// What is against the new time under the locks, by the roster as it is now.
    pub(in crate::booking) async fn against_move(
        &self,
        tx: &Tx,
        before: &Appointment,
        asked: &NewTime<'_>,
        (slot, directory): (TimeSlot, &Directory),
    ) -> Result<Option<Obstacle>, Refusal> {
        let id = asked.provider_id;
        let provider = self.parts.roster.provider_under_lock(tx, directory, id).await?;
        let provider = provider.ok_or(Refusal::NotFound(Resource::Provider))?;
        may_move(&provider, before, asked, self.now())?;
        let visit = (before.id, before.patient_id);
        let time = (slot, before.visit_type_id);
        let against = self.parts.search.move_under_lock(tx, &provider, visit, time).await?;
        let first = against.into_iter().find(|reason| reason.stands(&asked.overrule.rules));
        Ok(first.map(|reason| reason.obstacle))
    }

    pub(super) async fn taken(
        &self,
        before: &Appointment,
        (slot, obstacle): (TimeSlot, Obstacle),
        candidates: &Candidates,
    ) -> Result<Refusal, StoreError> {
        let length = VisitLength::from_minutes(slot.minutes()).unwrap_or(VisitLength::DEFAULT);
        let wish = VisitWish {
            patient: Some(before.patient_id),
            from: slot.starts_at(),
            shape: VisitShape { length, kind: before.visit_type_id },
            time_of_day: TimeOfDay::Any,
        };
        let patient = patients::find(self.db().read(), before.patient_id).await?;
        let given = patient.and_then(|patient| patient.time_zone);
        let clock = PatientClock::of(before.state, given.as_deref());
        let mut alternatives =
            self.parts.search.alternatives(candidates, wish, Some(&clock)).await?;
        // Its own time is not in its way, and where it is already is no other time.
        let is_there =
            |provider: &Provider, at| (provider.id, at) == (before.provider_id, before.slot);
        alternatives.retain(|offer| !is_there(&offer.provider, offer.slot));
        Ok(Refusal::of(obstacle, alternatives))
    }
}

/// Whether the provider may see the patient at a time to which the visit moves.
fn may_move(
    provider: &Provider,
    before: &Appointment,
    asked: &NewTime<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    if !provider.active {
        return Err(Refusal::NotEligible(Ineligible::Inactive));
    }
    let on = judged_at(provider, asked.starts_at, asked.overrule, now);
    check_licence_within(provider, before.state, (on, on)).map_err(Refusal::NotEligible)
}
