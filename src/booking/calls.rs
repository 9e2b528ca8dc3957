//! The calls to the scheduling service, and what each answer makes of the appointment.

use super::BookingService;
use super::settle::{Names, Work};
use crate::db::{StoreError, commit, outbox, patients};
use crate::domain::{Appointment, AppointmentStatus, TimeSlot};
use crate::scheduling::{Confirmation, ExternalBooking, SchedulingError};

/// What a call came to.
pub(super) enum Answer {
    /// Stored; look at the state again.
    GoOn,
    /// Refused for good, and stored.
    Refused,
    /// The appointment or the lease is somebody else's by now.
    Lost,
    /// The service may or may not have acted.
    Unknown(SchedulingError),
}

impl Answer {
    pub(super) fn of(recorded: bool, refused: bool) -> Self {
        match (recorded, refused) {
            (false, _) => Self::Lost,
            (true, true) => Self::Refused,
            (true, false) => Self::GoOn,
        }
    }
}

impl BookingService {
    pub(super) async fn reserve(
        &self,
        work: &mut Work,
        slot: TimeSlot,
        key: String,
    ) -> Result<Answer, StoreError> {
        if let Some(not_now) = self.note_call(work, Some(&key)).await? {
            return Ok(not_now);
        }
        let booking = self.external_booking(work, slot).await?;
        let reply = self.scheduling.reserve(&booking, &key).await;
        let (now, before) = (self.now(), &work.appointment);
        let (after, refused) = match reply {
            Ok(Confirmation { external_id }) => match before.status {
                AppointmentStatus::Pending => (before.confirmed(external_id, now), false),
                AppointmentStatus::Cancelling => (before.found_outside(external_id, now), false),
                _ => (before.moved(external_id, now), false),
            },
            Err(SchedulingError::Refused { .. }) => match before.status {
                AppointmentStatus::Cancelling => {
                    // It never got there, so there is nothing to undo.
                    let recorded = self.call_made_nothing(work).await?;
                    return Ok(if recorded { Answer::GoOn } else { Answer::Lost });
                }
                _ => (before.failed(now), true),
            },
            Err(error) => return Ok(Answer::Unknown(error)),
        };
        Ok(Answer::of(self.record(work, after, None).await?, refused))
    }

    pub(super) async fn move_outside(
        &self,
        work: &mut Work,
        external_id: &str,
        slot: TimeSlot,
        key: &str,
    ) -> Result<Answer, StoreError> {
        if let Some(not_now) = self.note_call(work, None).await? {
            return Ok(not_now);
        }
        let minutes = u16::try_from(slot.minutes()).unwrap_or(u16::MAX);
        let reply = self.scheduling.reschedule(external_id, slot.starts_at(), minutes, key).await;
        let (now, before) = (self.now(), &work.appointment);
        match reply {
            Ok(Confirmation { external_id }) => {
                let moved = before.moved(external_id, now);
                Ok(Answer::of(self.record(work, moved, None).await?, false))
            }
            Err(SchedulingError::Refused { .. }) => {
                let stayed = before.stayed(now);
                Ok(Answer::of(self.record(work, stayed, None).await?, true))
            }
            Err(SchedulingError::NotFound) => {
                tracing::warn!(appointment.id = %before.id, "The scheduling service has lost {}; booking it anew", before.id);
                work.unanswered_key = Some(format!("{}:rebook:{}", before.id, before.version));
                Ok(Answer::GoOn)
            }
            Err(error) => Ok(Answer::Unknown(error)),
        }
    }

    pub(super) async fn cancel_outside(
        &self,
        work: &mut Work,
        external_id: &str,
        key: &str,
    ) -> Result<Answer, StoreError> {
        if let Some(not_now) = self.note_call(work, None).await? {
            return Ok(not_now);
        }
        match self.scheduling.cancel(external_id, key).await {
            Ok(()) | Err(SchedulingError::NotFound) => {
                let closed = work.appointment.closed(self.now());
                Ok(Answer::of(self.record(work, closed, None).await?, false))
            }
            Err(error) => Ok(Answer::Unknown(error)),
        }
    }

    /// Notes, before a call, that it may reach the service; says why it must not be made.
    async fn note_call(
        &self,
        work: &mut Work,
        may_create_under: Option<&str>,
    ) -> Result<Option<Answer>, StoreError> {
        if std::mem::take(&mut work.noted) {
            return Ok(None);
        }
        if !self.scheduling.is_available() {
            return Ok(Some(Answer::Unknown(SchedulingError::NotSent)));
        }
        let tx = self.db.begin().await?;
        let still_ours =
            outbox::about_to_call(&tx, work.appointment.id, work.lease, may_create_under).await?;
        commit(tx).await?;
        work.attempts += 1;
        if let Some(key) = may_create_under {
            work.unanswered_key = Some(key.to_owned());
        }
        Ok((!still_ours).then_some(Answer::Lost))
    }

    async fn external_booking(
        &self,
        work: &Work,
        slot: TimeSlot,
    ) -> Result<ExternalBooking, StoreError> {
        let appointment = &work.appointment;
        let names = match &work.names {
            Some(names) => names.clone(),
            None => self.names(appointment).await?,
        };
        Ok(ExternalBooking {
            reference: appointment.id.to_string(),
            provider_reference: appointment.provider_id.to_string(),
            provider_name: names.provider,
            patient_name: names.patient,
            time: slot.starts_at(),
            duration_minutes: u16::try_from(slot.minutes()).unwrap_or(u16::MAX),
        })
    }

    async fn names(&self, appointment: &Appointment) -> Result<Names, StoreError> {
        let directory = self.directory().await?;
        let provider = directory.provider(appointment.provider_id);
        let patient = patients::find(self.db.read(), appointment.patient_id).await?;
        Ok(Names {
            provider: provider.map(|provider| provider.name.clone()).unwrap_or_default(),
            patient: patient.map(|patient| patient.name).unwrap_or_default(),
        })
    }
}
