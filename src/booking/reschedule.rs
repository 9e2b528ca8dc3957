//! Rescheduling: the old time is kept until the new one is confirmed outside, both are held.

use std::sync::Arc;

use jiff::Timestamp;

use super::cancel::Begun;
use super::error::Resource;
use super::find_slots::Wanted;
use super::matching::Candidates;
use super::replay::Retry;
use super::{Actor, BookingError, BookingService, Outcome, RescheduleAppointment};
use crate::db::{StoreError, Tx, appointments, busy, locks, retrying};
use crate::domain::eligibility::check_licence;
use crate::domain::held_time::HeldByProvider as _;
use crate::domain::{Appointment, AppointmentStatus, TimeSlot, VisitLength};

/// What the transaction of a move came to.
enum Move {
    Begun(Begun),
    /// Somebody else has the new time.
    Taken(Box<Appointment>, TimeSlot),
}

impl BookingService {
    /// Moves a visit to another time or length; the id stays.
    ///
    /// # Errors
    ///
    /// [`BookingError`] in the order of the contract: the old time is kept then.
    /// [`BookingError::SchedulingRefused`] when the scheduling service refuses the new time.
    pub async fn reschedule(
        self: &Arc<Self>,
        actor: &Actor,
        command: &RescheduleAppointment,
    ) -> Result<Outcome, BookingError> {
        let retry = Retry {
            key: command.idempotency_key.as_ref(),
            fingerprint: command.fingerprint(),
            may_try_another: false,
        };
        let request = || async {
            let before = appointments::find(self.db.read(), command.id)
                .await?
                .ok_or(BookingError::NotFound(Resource::Appointment))?;
            let directory = self.directory().await?;
            let candidates = Candidates::one(&directory, before.provider_id, Some(before.state))?;
            let begun = || self.begin_move(actor, command, &candidates);
            match retrying(begun, BookingError::is_contended).await? {
                Begun::Held(held) => self.settle_in_time(*held).await,
                Begun::Nothing(appointment) => {
                    Ok(Outcome { appointment: *appointment, replayed: false })
                }
            }
        };
        self.once(actor, retry, request).await
    }

    async fn begin_move(
        &self,
        actor: &Actor,
        command: &RescheduleAppointment,
        candidates: &Candidates,
    ) -> Result<Begun, BookingError> {
        let tx = self.db.begin().await?;
        let moved = self.begin_move_in(&tx, actor, command, candidates).await;
        if let Ok(Move::Begun(Begun::Held(_))) = moved {
            self.commit_change(tx).await?;
        } else {
            tx.roll_back().await?;
        }
        match moved? {
            Move::Begun(begun) => Ok(begun),
            Move::Taken(before, slot) => Err(self.taken(&before, slot, candidates).await?),
        }
    }

    async fn begin_move_in(
        &self,
        tx: &Tx,
        actor: &Actor,
        command: &RescheduleAppointment,
        candidates: &Candidates,
    ) -> Result<Move, BookingError> {
        let now = self.now();
        let before = appointments::find(tx, command.id)
            .await?
            .ok_or(BookingError::NotFound(Resource::Appointment))?;
        if before.status != AppointmentStatus::Confirmed || before.moving_to.is_some() {
            let allowed = before.status.successors();
            return Err(BookingError::IllegalTransition { appointment: Box::new(before), allowed });
        }
        let slot = self.new_slot(&before, command, candidates, now)?;
        if slot == before.slot {
            return Ok(Move::Begun(Begun::Nothing(Box::new(before))));
        }
        let key = command.idempotency_key.as_ref();
        self.claim_change(tx, actor, key, command.fingerprint(), command.id).await?;
        locks::wait(tx, before.patient_id, before.provider_id).await?;
        let (provider, patient) = (before.provider_id, Some(before.patient_id));
        let busy = busy::find(tx, [provider], patient, slot, Some(before.id)).await?;
        if !busy.of_patient().is_empty() {
            return Err(BookingError::PatientDoubleBooked);
        }
        if !busy.of_provider(before.provider_id).is_empty() {
            return Ok(Move::Taken(Box::new(before), slot));
        }
        let after = before.moving(slot, now);
        match appointments::replace(tx, &before, &after).await {
            Ok(true) => {}
            Ok(false) => return Err(StoreError::Contended("changed meanwhile".to_owned()).into()),
            Err(StoreError::Overlap) => return Ok(Move::Taken(Box::new(before), slot)),
            Err(error) => return Err(error.into()),
        }
        let held = self.take_over(tx, after).await?;
        Ok(Move::Begun(Begun::Held(Box::new(held))))
    }

    /// The new time, if the provider may and does work then.
    fn new_slot(
        &self,
        before: &Appointment,
        command: &RescheduleAppointment,
        candidates: &Candidates,
        now: Timestamp,
    ) -> Result<TimeSlot, BookingError> {
        let length = command.length.or_else(|| VisitLength::from_minutes(before.slot.minutes()));
        let length = length.unwrap_or(VisitLength::DEFAULT);
        let provider =
            candidates.of(before.provider_id).ok_or(BookingError::NotFound(Resource::Provider))?;
        let day = provider.day_of(command.starts_at.clamp(now, self.horizon_ends_at(now)));
        check_licence(&provider.licences, before.state, day, day)
            .map_err(BookingError::NotEligible)?;
        let slot = self.bookable_slot(command.starts_at, length, now)?;
        if provider.schedule.covers(slot) {
            Ok(slot)
        } else {
            Err(BookingError::OutsideWorkingHours)
        }
    }

    async fn taken(
        &self,
        before: &Appointment,
        slot: TimeSlot,
        candidates: &Candidates,
    ) -> Result<BookingError, StoreError> {
        let length = VisitLength::from_minutes(slot.minutes()).unwrap_or(VisitLength::DEFAULT);
        let wanted = Wanted { patient: Some(before.patient_id), from: slot.starts_at(), length };
        let alternatives = self.alternatives(candidates, wanted).await?;
        Ok(BookingError::SlotTaken { alternatives })
    }
}
