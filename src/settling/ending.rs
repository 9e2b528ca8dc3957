//! Ending what the scheduling service has not answered in time; no call is made for it.

use tracing::Instrument as _;

use super::Settling;
use super::work::Work;
use crate::db::StoreError;
use crate::db::outbox::Lease;
use crate::domain::next_step::{NextStep, given_up, next_step};
use crate::domain::{AppointmentId, AppointmentStatus, LateRefusal};
use crate::traces::spans;

impl Settling {
    /// Ends one appointment of the outbox under `lease`; what is to be undone outside stays there, and
    /// is due. Says whether nothing is left to be settled.
    pub(super) async fn end_leased(
        &self,
        id: AppointmentId,
        lease: Lease,
    ) -> Result<bool, StoreError> {
        let Some(work) = self.take_up(id, lease).await? else { return Ok(true) };
        let span = spans::settling(work.asked_for_by.as_ref());
        self.end(work).instrument(span).await
    }

    async fn end(&self, mut work: Work) -> Result<bool, StoreError> {
        self.end_if_its_time_has_come(&mut work).await?;
        let next = next_step(&work.appointment, work.unanswered_key.as_deref());
        if work.settled || next == NextStep::Nothing {
            return self.finish(work).await.map(|settlement| settlement.settled);
        }
        let now = self.now();
        self.give_back(work, now, None).await.map(|settlement| settlement.settled)
    }

    /// Ends what has waited for too long, unless it was changed meanwhile.
    pub(super) async fn end_if_its_time_has_come(&self, work: &mut Work) -> Result<(), StoreError> {
        let (key, hold_for) = (work.unanswered_key.clone(), self.parts.rules.hold_for);
        let Some(after) = given_up(&work.appointment, key.as_deref(), hold_for, self.now()) else {
            return Ok(());
        };
        let (was, failures) = (work.appointment.status, work.failures);
        // Whoever asked to cancel is not told that it was refused: it has ended as asked.
        let refusal = (was != AppointmentStatus::Cancelling).then_some(LateRefusal::Unanswered);
        if !self.record(work, after, key, refusal).await? {
            return Ok(());
        }
        work.failures = failures;
        let ended = &work.appointment;
        if ended.unsettled_outside {
            let status = ended.status.as_str();
            metrics::counter!("clinic_ended_unsettled_total", "status" => status).increment(1);
            tracing::error!(
                appointment.id = %ended.id,
                status,
                "The time of {} has come, and the scheduling service has not answered: it is {status} here and may \
                 stand there otherwise; see clinic outbox",
                ended.id
            );
        }
        Ok(())
    }
}
