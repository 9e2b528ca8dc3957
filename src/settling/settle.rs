//! Settling one appointment: step after step, until both sides agree or it has to wait.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::Instrument as _;

use super::Settling;
use super::asking::is_worth_a_try_at_once;
use super::work::{CallOutcome, Handover, Settlement, Work};
use crate::db::outbox::{self, Lease};
use crate::db::{StoreError, appointments, audit};
use crate::domain::next_step::{NextStep, next_step};
use crate::domain::{Appointment, AppointmentId};
use crate::request::Refusal;
use crate::traces::spans;

impl Settling {
    /// Settles what this request holds, and answers when that is done, or at `deadline`, when the caller
    /// has waited long enough: then the work goes on without it.
    ///
    /// # Errors
    ///
    /// [`Refusal::SchedulingRefused`] when the scheduling service refused.
    pub async fn settle_by(
        self: &Arc<Self>,
        handover: Handover,
        deadline: Instant,
    ) -> Result<Appointment, Refusal> {
        let as_held = Ok(handover.appointment.clone());
        let Some(work) = Work::of(handover, true) else { return as_held };
        let settling = Arc::clone(self);
        let under_way = Arc::clone(&self.under_way).read_owned().await;
        let settle = async move {
            let settled = settling.settle(work).await;
            drop(under_way);
            settled
        };
        let task = tokio::spawn(settle.in_current_span());
        match tokio::time::timeout_at(deadline, task).await {
            Ok(Ok(Ok(Settlement { appointment, refused: None, .. }))) => Ok(appointment),
            Ok(Ok(Ok(Settlement { appointment, refused: Some(why), .. }))) => {
                Err(Refusal::SchedulingRefused {
                    appointment: Box::new(appointment),
                    why,
                    replayed: false,
                })
            }
            Ok(Ok(Err(error))) => {
                tracing::warn!(%error, "Could not store the scheduling service's answer; the outbox will");
                as_held
            }
            Ok(Err(_panicked)) => as_held,
            Err(_elapsed) => as_held,
        }
    }

    /// Settles one appointment of the outbox under `lease`; says whether nothing is left to be settled.
    pub(super) async fn settle_leased(
        &self,
        id: AppointmentId,
        lease: Lease,
    ) -> Result<bool, StoreError> {
        let Some(mut work) = self.take_up(id, lease).await? else { return Ok(true) };
        let span = spans::settling(work.asked_for_by.as_ref());
        let settle = async {
            self.end_if_its_time_has_come(&mut work).await?;
            self.settle(work).await.map(|settlement| settlement.settled)
        };
        settle.instrument(span).await
    }

    /// What is to be settled of an appointment under `lease`; none where nothing is.
    pub(super) async fn take_up(
        &self,
        id: AppointmentId,
        lease: Lease,
    ) -> Result<Option<Work>, StoreError> {
        let appointment = appointments::find(self.db().read(), id).await?;
        let unsettled = outbox::find(self.db().read(), id).await?;
        let (Some(appointment), Some(unsettled)) = (appointment, unsettled) else {
            return Ok(None);
        };
        let by = audit::last_caller(self.db().read(), id).await?;
        Ok(Some(Work {
            appointment,
            by,
            asked_for_by: unsettled.asked_for_by,
            lease,
            unanswered_key: unsettled.unanswered_key,
            late_until: unsettled.late_until,
            failures: unsettled.failures,
            noted: false,
            names: None,
            settled: false,
            quick_retries: 0,
        }))
    }

    pub(super) async fn settle(&self, mut work: Work) -> Result<Settlement, StoreError> {
        loop {
            let outcome = match next_step(&work.appointment, work.unanswered_key.as_deref()) {
                NextStep::Nothing => return self.finish(work).await,
                NextStep::Close => {
                    let closed = work.appointment.closed(self.now());
                    self.record(&mut work, closed, None, None).await?;
                    let settled = work.settled;
                    return Ok(Settlement {
                        appointment: work.appointment,
                        refused: None,
                        settled,
                    });
                }
                NextStep::Reserve { slot, key } => self.reserve(&mut work, slot, key).await?,
                NextStep::Move { external_id, slot, key } => {
                    self.move_outside(&mut work, &external_id, slot, &key).await?
                }
                NextStep::Cancel { external_id, key } => {
                    self.cancel_outside(&mut work, &external_id, &key).await?
                }
            };
            if let CallOutcome::Unknown(error) = &outcome {
                work.late_until = self.late_after(&work, error);
            }
            match outcome {
                CallOutcome::Stored => {}
                CallOutcome::Refused(why) => {
                    let settled = work.settled;
                    return Ok(Settlement {
                        appointment: work.appointment,
                        refused: Some(why),
                        settled,
                    });
                }
                CallOutcome::Lost => return self.as_others_left_it(work).await,
                CallOutcome::Unknown(error)
                    if work.quick_retries > 0 && is_worth_a_try_at_once(&error) =>
                {
                    work.quick_retries -= 1;
                    tokio::time::sleep(Duration::from_millis(rand::random_range(50..150))).await;
                }
                CallOutcome::Unknown(error) => return self.put_off(work, &error).await,
                CallOutcome::Unnamed(missing) => {
                    return self.put_off_unnamed(work, missing).await;
                }
            }
        }
    }

    /// Somebody else changed the appointment meanwhile and settles it now.
    async fn as_others_left_it(&self, work: Work) -> Result<Settlement, StoreError> {
        let stored = appointments::find(self.db().read(), work.appointment.id).await?;
        let appointment = stored.unwrap_or(work.appointment);
        Ok(Settlement { appointment, refused: None, settled: false })
    }
}
