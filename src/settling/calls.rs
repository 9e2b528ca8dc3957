//! The calls to the scheduling service, and what each reply makes of the appointment.

use super::Settling;
use super::work::{CallOutcome, Names, Work};
use crate::db::{StoreError, patients};
use crate::domain::next_step::rebook_key;
use crate::domain::{Appointment, AppointmentStatus, LateRefusal, TimeSlot};
use crate::scheduling::{Confirmation, ExternalBooking, SchedulingError};

impl Settling {
    pub(super) async fn reserve(
        &self,
        work: &mut Work,
        slot: TimeSlot,
        key: String,
    ) -> Result<CallOutcome, StoreError> {
        if self.is_not_called(work) {
            return Ok(CallOutcome::Unknown(SchedulingError::NotSent));
        }
        // Before the call is noted: what can't be called for is not an attempt.
        let booking = match self.external_booking(work, slot).await? {
            Ok(booking) => booking,
            Err(missing) => return Ok(CallOutcome::Unnamed(missing)),
        };
        if !self.note_call(work, Some(&key)).await? {
            return Ok(CallOutcome::Lost);
        }
        let reply = self.parts.scheduling.reserve(&booking, &key).await;
        let (now, before) = (self.now(), &work.appointment);
        let (after, refused) = match reply {
            Ok(Confirmation { external_id }) => match before.status {
                AppointmentStatus::Pending => (before.confirmed(external_id, now), false),
                _ if before.is_undone_outside() => (before.found_outside(external_id, now), false),
                _ => (before.moved(external_id, now), false),
            },
            Err(SchedulingError::Refused { .. }) if before.is_undone_outside() => {
                // It never got there, so there is nothing to undo.
                let still_ours = self.note_unmade(work).await?;
                return Ok(CallOutcome::of(still_ours, false));
            }
            Err(SchedulingError::Refused { .. }) => (before.failed(now), true),
            Err(error) => return Ok(CallOutcome::Unknown(error)),
        };
        let refusal = refused.then_some(LateRefusal::Refused);
        Ok(CallOutcome::of(self.record(work, after, None, refusal).await?, refused))
    }

    pub(super) async fn move_outside(
        &self,
        work: &mut Work,
        external_id: &str,
        slot: TimeSlot,
        key: &str,
    ) -> Result<CallOutcome, StoreError> {
        if self.is_not_called(work) {
            return Ok(CallOutcome::Unknown(SchedulingError::NotSent));
        }
        if !self.note_call(work, None).await? {
            return Ok(CallOutcome::Lost);
        }
        let minutes = u16::try_from(slot.minutes()).unwrap_or(u16::MAX);
        let reply =
            self.parts.scheduling.reschedule(external_id, slot.starts_at(), minutes, key).await;
        let (now, before) = (self.now(), &work.appointment);
        match reply {
            Ok(Confirmation { external_id }) => {
                let moved = before.moved(external_id, now);
                Ok(CallOutcome::of(self.record(work, moved, None, None).await?, false))
            }
            Err(SchedulingError::Refused { .. }) => {
                let not_moved = before.not_moved(now);
                let refusal = Some(LateRefusal::Refused);
                Ok(CallOutcome::of(self.record(work, not_moved, None, refusal).await?, true))
            }
            // A move that was given up, of a visit that has begun: there is nothing to book anew.
            Err(SchedulingError::NotFound)
                if before.moving_to.is_none() && before.has_begun(now) =>
            {
                let stayed = before.stayed(now);
                Ok(CallOutcome::of(self.record(work, stayed, None, None).await?, false))
            }
            Err(SchedulingError::NotFound) => {
                tracing::warn!(appointment.id = %before.id, "The scheduling service has lost {}; booking it anew", before.id);
                work.unanswered_key = Some(rebook_key(before));
                Ok(CallOutcome::Stored)
            }
            Err(error) => Ok(CallOutcome::Unknown(error)),
        }
    }

    pub(super) async fn cancel_outside(
        &self,
        work: &mut Work,
        external_id: &str,
        key: &str,
    ) -> Result<CallOutcome, StoreError> {
        if self.is_not_called(work) {
            return Ok(CallOutcome::Unknown(SchedulingError::NotSent));
        }
        if !self.note_call(work, None).await? {
            return Ok(CallOutcome::Lost);
        }
        match self.parts.scheduling.cancel(external_id, key).await {
            Ok(()) | Err(SchedulingError::NotFound) => {
                let closed = work.appointment.closed(self.now());
                Ok(CallOutcome::of(self.record(work, closed, None, None).await?, false))
            }
            Err(error) => Ok(CallOutcome::Unknown(error)),
        }
    }

    /// Whether the service is not being called just now; a call that is noted already is made all the
    /// same.
    fn is_not_called(&self, work: &Work) -> bool {
        !work.noted && !self.is_available()
    }

    /// Notes, before a call, that it may reach the service, unless that is noted already; false when
    /// the lease was lost.
    async fn note_call(
        &self,
        work: &mut Work,
        may_create_under: Option<&str>,
    ) -> Result<bool, StoreError> {
        if std::mem::take(&mut work.noted) {
            return Ok(true);
        }
        self.note_attempt(work, may_create_under).await
    }

    /// What the service is asked to put into its book, or what of it is missing here.
    async fn external_booking(
        &self,
        work: &Work,
        slot: TimeSlot,
    ) -> Result<Result<ExternalBooking, &'static str>, StoreError> {
        let appointment = &work.appointment;
        let names = match &work.names {
            Some(names) => Ok(names.clone()),
            None => self.names(appointment).await?,
        };
        Ok(names.map(|names| ExternalBooking {
            reference: appointment.id.to_string(),
            provider_reference: appointment.provider_id.to_string(),
            provider_name: names.provider,
            patient_name: names.patient,
            time: slot.starts_at(),
            duration_minutes: u16::try_from(slot.minutes()).unwrap_or(u16::MAX),
        }))
    }

    /// The names, or which of them is missing: nobody is told outside without one.
    async fn names(
        &self,
        appointment: &Appointment,
    ) -> Result<Result<Names, &'static str>, StoreError> {
        let directory = self.parts.roster.directory().await?;
        let provider = directory.provider_of_visit(appointment.provider_id);
        let provider = provider.map(|row| row.name.clone());
        let patient = patients::find(self.db().read(), appointment.patient_id).await?;
        let (provider, patient) = (provider.unwrap_or_default(), patient.map(|row| row.name));
        Ok(Names::new(provider, patient.unwrap_or_default()))
    }
}
