//! Giving a visit to another provider: the times of both are held until the scheduling service has
//! answered.

use jiff::Timestamp;

use super::{MoveStart, NewTime, with_what_was_overruled};
use crate::access::{Actor, Permission};
use crate::audit::Act;
use crate::booking::Booking;
use crate::booking::change::{ChangeStart, not_changed, own_visit};
use crate::booking::command::ReassignAppointment;
use crate::booking::outcome::Outcome;
use crate::booking::replay::RequestIdentity;
use crate::changes::Change;
use crate::db::{StoreError, Tx, appointments, holds, locks};
use crate::domain::judge::Obstacle;
use crate::domain::{Appointment, AppointmentStatus, Directory, Policy, ProviderId, Reassignment};
use crate::request::{Field, Refusal, Violation};
use crate::search::{Candidates, ToTreat};

impl Booking {
    /// Gives a visit to another provider who may treat the patient, at its time or at another; the id
    /// stays.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`], also for a clinician, who gives nothing to others; then [`Refusal`] in the
    /// order of the contract: the visit stays with its provider then. [`Refusal::SchedulingRefused`] when
    /// the scheduling service refuses.
    pub async fn reassign(
        &self,
        actor: &Actor,
        command: &ReassignAppointment,
    ) -> Result<Outcome, Refusal> {
        let act = &Act::on_appointment(actor, "reassignAppointment", command.id);
        let request = async {
            let own = actor.patients_for(Permission::Book)?;
            if own.is_some_and(|own| own != command.provider_id) {
                return Err(Refusal::Forbidden);
            }
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
                let candidates = self.who_takes_it(&directory, &before, command)?;
                let candidates = &candidates;
                self.db().check_rules()?;
                let _room = self.db().room_for(command.provider_id.uuid()).await?;
                let caller = (actor, act, own);
                let seen = (&*directory, candidates);
                let work =
                    |tx| async move { self.begin_to_reassign(&tx, caller, command, seen).await };
                match self.parts.changes.transaction("reassign", act, work).await? {
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

    /// The provider asked for, who must be allowed to treat the patient on the day of the visit.
    fn who_takes_it(
        &self,
        directory: &Directory,
        before: &Appointment,
        command: &ReassignAppointment,
    ) -> Result<Candidates, Refusal> {
        let starts_at = command.starts_at.unwrap_or_else(|| before.slot.starts_at());
        let (now, passed) = (self.now(), command.overrule.rules.contains(&Policy::BeyondHorizon));
        let asked = directory.provider(command.provider_id).filter(|_| !passed);
        // A time that can't be booked is judged on the nearest day that can.
        let latest =
            asked.map_or(Timestamp::MAX, |asked| asked.rules.horizon_ends_at(now).max(now));
        let on = starts_at.clamp(now, latest);
        let patient =
            ToTreat { state: before.state, payer: before.payer_id, kind: before.visit_type_id };
        let candidates =
            Candidates::asked_provider(directory, command.provider_id, patient, (on, on))?;
        Ok(candidates.instead_of(before))
    }

    async fn begin_to_reassign(
        &self,
        tx: &Tx,
        (actor, act, own): (&Actor, &Act, Option<ProviderId>),
        command: &ReassignAppointment,
        (directory, candidates): (&Directory, &Candidates),
    ) -> Result<Change<MoveStart>, Refusal> {
        let now = self.now();
        let before = own_visit(appointments::find(tx, command.id).await?, own)?;
        command.expected.check_appointment(&before)?;
        let movable = before.status == AppointmentStatus::Confirmed && !before.is_on_the_move();
        if !movable || before.has_begun(now) {
            return Err(not_changed(before, movable, now));
        }
        let starts_at = command.starts_at.unwrap_or_else(|| before.slot.starts_at());
        if command.provider_id == before.provider_id {
            if starts_at == before.slot.starts_at() {
                let as_it_stands = ChangeStart::AsItStands(Box::new(before));
                return Ok(Change::None(MoveStart::Begun(as_it_stands)));
            }
            let why =
                "sees the patient already: rescheduleAppointment gives the visit another time";
            return Err(Refusal::Invalid(vec![Violation::new(Field::ProviderId, why)]));
        }
        let provider_id = command.provider_id;
        let asked = NewTime { provider_id, starts_at, length: None, overrule: &command.overrule };
        let slot = self.new_slot(&before, &asked, candidates, now)?;
        let to = Reassignment { provider_id, slot };
        let ours_alone = self.is_ours_alone(&before);
        let after =
            if ours_alone { before.reassigned_here(to, now) } else { before.reassigning(to, now) };
        let after = with_what_was_overruled(after, &command.overrule);
        let key = command.idempotency_key.as_ref();
        self.claim_change(tx, actor, key, command.fingerprint(), &after).await?;
        locks::wait(tx, before.patient_id, provider_id).await?;
        if let Some(obstacle) = self.against_move(tx, &before, &asked, (slot, directory)).await? {
            return Self::stopped(before, slot, obstacle);
        }
        // What is held for it comes first, as it goes first: in one order nobody waits for each other.
        if !ours_alone && !holds::insert_for(tx, &after, to).await? {
            return Self::stopped(before, slot, Obstacle::SlotTaken);
        }
        match appointments::replace(tx, &before, &after).await {
            Ok(true) => {}
            Ok(false) => return Err(StoreError::Contended("changed meanwhile".to_owned()).into()),
            // With the other provider's time held it can only be the patient's.
            Err(StoreError::Overlap) if !ours_alone => return Err(Refusal::PatientDoubleBooked),
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
}
