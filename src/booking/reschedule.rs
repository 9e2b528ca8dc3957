//! Rescheduling: the old time is kept until the new one is confirmed outside, both are held.

use jiff::Timestamp;

use super::Booking;
use super::change::{ChangeStart, not_changed, own_visit};
use super::command::RescheduleAppointment;
use super::outcome::Outcome;
use super::replay::RequestIdentity;
use crate::access::{Actor, Permission};
use crate::audit::Act;
use crate::changes::Change;
use crate::db::{StoreError, Tx, appointments, busy, locks, patients};
use crate::domain::busy::BusyByProvider as _;
use crate::domain::eligibility::check_licence_within;
use crate::domain::{
    Appointment, AppointmentStatus, PatientClock, ProviderId, TimeSlot, VisitLength,
};
use crate::request::{Refusal, Resource};
use crate::search::{Candidates, TimeOfDay, VisitWish};

/// What the transaction of a move came to.
enum MoveStart {
    Begun(ChangeStart),
    /// Somebody else has the new time.
    Taken(Box<Appointment>, TimeSlot),
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
                let candidates = &candidates;
                self.db().check_rules()?;
                let _room = self.db().room_for(before.provider_id.uuid()).await?;
                let caller = (actor, act, own);
                let work =
                    |tx| async move { self.begin_move(&tx, caller, command, candidates).await };
                match self.parts.changes.transaction("reschedule", act, work).await? {
                    MoveStart::Begun(begun) => self.settle_change(begun).await,
                    MoveStart::Taken(before, slot) => {
                        Err(self.taken(&before, slot, candidates).await?)
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
        candidates: &Candidates,
    ) -> Result<Change<MoveStart>, Refusal> {
        let now = self.now();
        let before = own_visit(appointments::find(tx, command.id).await?, own)?;
        command.expected.check_appointment(&before)?;
        let movable = before.status == AppointmentStatus::Confirmed && before.moving_to.is_none();
        if !movable || before.has_begun(now) {
            return Err(not_changed(before, movable, now));
        }
        let slot = self.new_slot(&before, command, candidates, now)?;
        if slot == before.slot {
            let as_it_stands = ChangeStart::AsItStands(Box::new(before));
            return Ok(Change::None(MoveStart::Begun(as_it_stands)));
        }
        let ours_alone = self.is_ours_alone(&before);
        let after =
            if ours_alone { before.moved_here(slot, now) } else { before.moving(slot, now) };
        let key = command.idempotency_key.as_ref();
        self.claim_change(tx, actor, key, command.fingerprint(), &after).await?;
        locks::wait(tx, before.patient_id, before.provider_id).await?;
        let (provider, patient) = (before.provider_id, Some(before.patient_id));
        let busy = busy::find(tx, [provider], patient, slot, Some(before.id)).await?;
        if !busy.of_patient().is_empty() {
            return Err(Refusal::PatientDoubleBooked);
        }
        if !busy.of_provider(before.provider_id).is_empty() {
            return Ok(Change::None(MoveStart::Taken(Box::new(before), slot)));
        }
        match appointments::replace(tx, &before, &after).await {
            Ok(true) => {}
            Ok(false) => return Err(StoreError::Contended("changed meanwhile".to_owned()).into()),
            Err(StoreError::Overlap) => {
                return Ok(Change::None(MoveStart::Taken(Box::new(before), slot)));
            }
            Err(error) => return Err(error.into()),
        }
        let begun = if ours_alone {
            Self::done_here(tx, &before, &after).await?
        } else {
            self.hand_over(tx, act, &before, after).await?
        };
        Ok(begun.map(MoveStart::Begun))
    }

    /// The new time, if the provider may and does work then.
    fn new_slot(
        &self,
        before: &Appointment,
        command: &RescheduleAppointment,
        candidates: &Candidates,
        now: Timestamp,
    ) -> Result<TimeSlot, Refusal> {
        let length = command.length.or_else(|| VisitLength::from_minutes(before.slot.minutes()));
        let length = length.unwrap_or(VisitLength::DEFAULT);
        let provider =
            candidates.of(before.provider_id).ok_or(Refusal::NotFound(Resource::Provider))?;
        let rules = &self.parts.rules;
        let on = command.starts_at.clamp(now, rules.horizon_ends_at(now));
        check_licence_within(provider, before.state, (on, on)).map_err(Refusal::NotEligible)?;
        let slot = rules.bookable_slot(command.starts_at, length, now)?;
        if provider.schedule.covers(slot) { Ok(slot) } else { Err(Refusal::OutsideWorkingHours) }
    }

    async fn taken(
        &self,
        before: &Appointment,
        slot: TimeSlot,
        candidates: &Candidates,
    ) -> Result<Refusal, StoreError> {
        let length = VisitLength::from_minutes(slot.minutes()).unwrap_or(VisitLength::DEFAULT);
        let wish = VisitWish {
            patient: Some(before.patient_id),
            from: slot.starts_at(),
            length,
            time_of_day: TimeOfDay::Any,
        };
        let patient = patients::find(self.db().read(), before.patient_id).await?;
        let given = patient.and_then(|patient| patient.time_zone);
        let clock = PatientClock::of(before.state, given.as_deref());
        let alternatives = self.parts.search.alternatives(candidates, wish, &clock).await?;
        Ok(Refusal::SlotTaken { alternatives })
    }
}
