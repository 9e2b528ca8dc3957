//! Rescheduling: the old time is kept until the new one is confirmed outside, both are held.

mod reassign;

use jiff::Timestamp;

use super::Booking;
use super::change::{ChangeStart, not_changed, own_visit};
use super::command::{Overrule, RescheduleAppointment};
use super::outcome::Outcome;
use super::replay::RequestIdentity;
use crate::access::{Actor, Permission};
use crate::audit::Act;
use crate::changes::Change;
use crate::db::{StoreError, Tx, appointments, locks, patients};
use crate::domain::eligibility::{Ineligible, check_licence_within};
use crate::domain::judge::Obstacle;
use crate::domain::{
    Appointment, AppointmentStatus, Directory, PatientClock, Policy, Provider, ProviderId,
    TimeSlot, VisitLength, VisitShape,
};
use crate::request::{Refusal, Resource};
use crate::search::{Candidates, TimeOfDay, VisitWish};

/// What the transaction of a move came to.
enum MoveStart {
    Begun(ChangeStart),
    /// Somebody else has the new time, or is too near.
    Taken(Box<Appointment>, TimeSlot, Obstacle),
}

/// The time that is asked for, and with whom.
struct NewTime<'a> {
    provider_id: ProviderId,
    starts_at: Timestamp,
    /// As it was when not given.
    length: Option<VisitLength>,
    overrule: &'a Overrule,
}

impl Booking {
    /// Moves a visit to another time or length; the id stays.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; then [`Refusal`] in the order of the contract, [`Refusal::NotFound`] also for
    /// one that is not the caller's: the old time is kept then.
    /// [`Refusal::SchedulingRefused`] when the scheduling service refuses the new time.
    pub async fn reschedule(
        &self,
        actor: &Actor,
        command: &RescheduleAppointment,
    ) -> Result<Outcome, Refusal> {
        let act = &Act::on_appointment(actor, "rescheduleAppointment", command.id);
        let request = async {
            let own = actor.patients_for(Permission::Book)?;
            Self::may_overrule(actor, &command.overrule)?;
            let retry = RequestIdentity {
                own,
                key: command.idempotency_key.as_ref(),
                fingerprint: command.fingerprint(),
                may_try_another: false,
            };
            let begin = || async move {
                let before =
                    own_visit(appointments::find(self.db().read(), command.id).await?, own)?;
                let directory = self.parts.roster.directory().await?;
                let candidates =
                    Candidates::one(&directory, before.provider_id, Some(before.state))?;
                let candidates = &candidates.instead_of(&before);
                self.db().check_rules()?;
                let _room = self.db().room_for(before.provider_id.uuid()).await?;
                let caller = (actor, act, own);
                let seen = (&*directory, candidates);
                let work = |tx| async move { self.begin_move(&tx, caller, command, seen).await };
                match self.parts.changes.transaction("reschedule", act, work).await? {
                    MoveStart::Begun(begun) => self.settle_change(begun).await,
                    MoveStart::Taken(before, slot, obstacle) => {
                        Err(self.taken(&before, (slot, obstacle), candidates).await?)
                    }
                }
            };
            self.once(actor, retry, begin).await
        };
        self.parts.trail.attempt(act, Box::pin(request)).await
    }

    async fn begin_move(
        &self,
        tx: &Tx,
        (actor, act, own): (&Actor, &Act, Option<ProviderId>),
        command: &RescheduleAppointment,
        (directory, candidates): (&Directory, &Candidates),
    ) -> Result<Change<MoveStart>, Refusal> {
        let now = self.now();
        let before = own_visit(appointments::find(tx, command.id).await?, own)?;
        command.expected.check_appointment(&before)?;
        let movable = before.status == AppointmentStatus::Confirmed && !before.is_on_the_move();
        if !movable || before.has_begun(now) {
            return Err(not_changed(before, movable, now));
        }
        let (starts_at, length) = (command.starts_at, command.length);
        let (provider_id, overrule) = (before.provider_id, &command.overrule);
        let asked = NewTime { provider_id, starts_at, length, overrule };
        let slot = self.new_slot(&before, &asked, candidates, now)?;
        if slot == before.slot {
            let as_it_stands = ChangeStart::AsItStands(Box::new(before));
            return Ok(Change::None(MoveStart::Begun(as_it_stands)));
        }
        let ours_alone = self.is_ours_alone(&before);
        let after =
            if ours_alone { before.moved_here(slot, now) } else { before.moving(slot, now) };
        let after = with_what_was_overruled(after, overrule);
        let key = command.idempotency_key.as_ref();
        self.claim_change(tx, actor, key, command.fingerprint(), &after).await?;
        locks::wait(tx, before.patient_id, before.provider_id).await?;
        if let Some(obstacle) = self.against_move(tx, &before, &asked, (slot, directory)).await? {
            return Self::stopped(before, slot, obstacle);
        }
        match appointments::replace(tx, &before, &after).await {
            Ok(true) => {}
            Ok(false) => return Err(StoreError::Contended("changed meanwhile".to_owned()).into()),
            Err(StoreError::Overlap) => return Self::stopped(before, slot, Obstacle::SlotTaken),
            Err(error) => return Err(error.into()),
        }
        let begun = if ours_alone {
            Self::done_here(tx, &before, &after).await?
        } else {
            self.hand_over(tx, act, &before, after).await?
        };
        Ok(begun.map(MoveStart::Begun))
    }

    /// Whether the caller may pass those rules, if there are any.
    pub(super) fn may_overrule(actor: &Actor, overrule: &Overrule) -> Result<(), Refusal> {
        if !overrule.rules.is_empty() {
            // With whom it is judged already: those who book with themselves alone pass for themselves.
            actor.patients_for(Permission::Overrule)?;
        }
        Ok(())
    }

    /// Nothing is done, and other times are told where these help.
    fn stopped(
        before: Appointment,
        slot: TimeSlot,
        obstacle: Obstacle,
    ) -> Result<Change<MoveStart>, Refusal> {
        if obstacle.has_alternatives() {
            Ok(Change::None(MoveStart::Taken(Box::new(before), slot, obstacle)))
        } else {
            Err(Refusal::of(obstacle, Vec::new()))
        }
    }

    /// The new time, if the provider may and does work then.
    fn new_slot(
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
    async fn against_move(
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

    async fn taken(
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
        let alternatives = self.parts.search.alternatives(candidates, wish, &clock).await?;
        Ok(Refusal::of(obstacle, alternatives))
    }
}

/// The visit with what was overruled for this version of it, if anything.
fn with_what_was_overruled(after: Appointment, overrule: &Overrule) -> Appointment {
    match overrule.noted(after.version) {
        None => after,
        overruled => Appointment { overruled, ..after },
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
    // A time that can't be booked is judged on the nearest day that can.
    let latest = if asked.overrule.rules.contains(&Policy::BeyondHorizon) {
        Timestamp::MAX
    } else {
        provider.rules.horizon_ends_at(now).max(now)
    };
    let on = asked.starts_at.clamp(now, latest);
    check_licence_within(provider, before.state, (on, on)).map_err(Refusal::NotEligible)
}
