//! The calls to the scheduling service, and what each reply makes of the appointment.

use super::Settling;
use super::work::{CallOutcome, Names, Work};
use crate::db::{StoreError, patients};
use crate::domain::next_step::rebook_key;
use crate::domain::{Appointment, AppointmentStatus, LateRefusal, TimeSlot};
use crate::scheduling::{
    Confirmation, ExternalBooking, ExternalVisit, Objection, SchedulingError, Trouble,
};

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
        let reply = self.ask_to_reserve(&booking, &key, self.earlier(work)).await;
        let (now, before) = (self.now(), &work.appointment);
        let (after, refusal) = match reply {
            Ok(Confirmation { external_id, .. }) => {
                let after = match before.status {
                    AppointmentStatus::Pending => before.confirmed(external_id, now),
                    _ if before.is_undone_outside() => before.found_outside(external_id, now),
                    _ => before.moved(external_id, now),
                };
                return self.believe(work, after).await;
            }
            Err(SchedulingError::Refused { .. }) if before.is_undone_outside() => {
                // It never got there, so there is nothing to undo.
                let still_ours = self.note_unmade(work).await?;
                return Ok(CallOutcome::of(still_ours, None));
            }
            // It was only to be told anew: the difference stays for somebody to see to. And who is there,
            // or was, is not told that there is no visit.
            Err(SchedulingError::Refused { to, .. })
                if before.moving_to == Some(before.slot) || before.status.is_attended_to() =>
            {
                (before.stayed(now), late(to))
            }
            Err(SchedulingError::Refused { to, .. }) => (before.failed(now), late(to)),
            Err(error) => return Ok(CallOutcome::Unknown(error)),
        };
        let stored = self.record(work, after, None, Some(refusal)).await?;
        Ok(CallOutcome::of(stored, Some(refusal)))
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
        let visit = match self.external_visit(work, slot).await? {
            Ok(visit) => visit,
            Err(missing) => return Ok(CallOutcome::Unnamed(missing)),
        };
        if !self.note_call(work, None).await? {
            return Ok(CallOutcome::Lost);
        }
        let (old, earlier) = (as_it_was(&work.appointment), self.earlier(work));
        let reply = self.ask_to_move(external_id, &visit, &old, key, earlier).await;
        let (now, before) = (self.now(), &work.appointment);
        match reply {
            Ok(Confirmation { external_id, .. }) => {
                let moved = before.moved(external_id, now);
                self.believe(work, moved).await
            }
            Err(SchedulingError::Refused { to, .. }) => {
                let (not_moved, refusal) = (before.not_moved(now), Some(late(to)));
                Ok(CallOutcome::of(self.record(work, not_moved, None, refusal).await?, refusal))
            }
            // A move that was given up, of a visit that has begun: there is nothing to book anew.
            Err(SchedulingError::NotFound)
                if !before.is_on_the_move()
                    && (before.has_begun(now) || before.status.is_attended_to()) =>
            {
                let stayed = before.stayed(now);
                Ok(CallOutcome::of(self.record(work, stayed, None, None).await?, None))
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
        let provider = work.appointment.provider_id.to_string();
        match self.parts.scheduling.cancel(external_id, &provider, key).await {
            Ok(()) | Err(SchedulingError::NotFound) => {
                let closed = work.appointment.closed(self.now());
                Ok(CallOutcome::of(self.record(work, closed, None, None).await?, None))
            }
            Err(error) => Ok(CallOutcome::Unknown(error)),
        }
    }

    /// Stores what a confirmation makes of the appointment, unless its id is that of another one: then
    /// nobody knows whose it is, and cancelling one would cancel the other's.
    async fn believe(
        &self,
        work: &mut Work,
        after: Appointment,
    ) -> Result<CallOutcome, StoreError> {
        match self.record(work, after, None, None).await {
            Err(StoreError::ExternalIdTaken) => {
                let id = work.appointment.id;
                tracing::error!(
                    appointment.id = %id,
                    "The scheduling service confirms {id} under the id of another visit, which is not \
                     believed: compare the two books (clinic reconcile)"
                );
                Ok(CallOutcome::Unknown(SchedulingError::Unknown {
                    cause: "confirmed under the id of another visit",
                    trouble: Trouble::Call,
                }))
            }
            stored => Ok(CallOutcome::of(stored?, None)),
        }
    }

    /// Whether the service is not being called just now; a call that is noted already is made all the
    /// same.
    fn is_not_called(&self, work: &Work) -> bool {
        !work.noted && !self.is_available_for(work.appointment.asked_provider())
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
            visit: visit_of(appointment, slot, names.provider),
            patient_name: names.patient,
        }))
    }

    /// How the service is to have it, without a word of the patient.
    async fn external_visit(
        &self,
        work: &Work,
        slot: TimeSlot,
    ) -> Result<Result<ExternalVisit, &'static str>, StoreError> {
        let appointment = &work.appointment;
        let name = match &work.names {
            Some(names) => names.provider.clone(),
            None => self.name_of_provider(appointment).await?,
        };
        let named = !name.trim().is_empty();
        let visit = named.then(|| visit_of(appointment, slot, name));
        Ok(visit.ok_or("name of the provider"))
    }

    /// The names, or which of them is missing: nobody is told outside without one.
    async fn names(
        &self,
        appointment: &Appointment,
    ) -> Result<Result<Names, &'static str>, StoreError> {
        let provider = self.name_of_provider(appointment).await?;
        let patient = patients::find(self.db().read(), appointment.patient_id).await?;
        Ok(Names::new(provider, patient.map(|row| row.name).unwrap_or_default()))
    }

    async fn name_of_provider(&self, appointment: &Appointment) -> Result<String, StoreError> {
        let directory = self.parts.roster.directory().await?;
        let provider = directory.provider_of_visit(appointment.asked_provider());
        Ok(provider.map(|row| row.name.clone()).unwrap_or_default())
    }
}

/// An appointment as the service has it before it is moved, or given to another provider.
fn as_it_was(appointment: &Appointment) -> ExternalVisit {
    let settled = Appointment { moving_to: None, reassigning: None, ..appointment.clone() };
    visit_of(&settled, settled.slot, String::new())
}

/// An appointment as the service is to have it at `slot`, with whom it is on its way to.
pub(super) fn visit_of(
    appointment: &Appointment,
    slot: TimeSlot,
    provider_name: String,
) -> ExternalVisit {
    ExternalVisit {
        reference: appointment.id.to_string(),
        provider_reference: appointment.asked_provider().to_string(),
        provider_name,
        time: slot.starts_at(),
        duration_minutes: u16::try_from(slot.minutes()).unwrap_or(u16::MAX),
    }
}

/// How a refusal is told of and remembered: a time that is refused is passed over for a while, and
/// other times are tried; a visit that is, is refused at any.
fn late(to: Objection) -> LateRefusal {
    match to {
        Objection::Time => LateRefusal::Refused,
        Objection::Visit => LateRefusal::Unfit,
    }
}
