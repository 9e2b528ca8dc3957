//! Booking: check, hold, confirm or release.

use std::sync::Arc;

use jiff::Timestamp;

use super::hold::Visit;
use super::matching::{Candidates, payer_named};
use super::replay::Retry;
use super::{Actor, BookAppointment, BookingError, BookingService, Outcome, When};
use crate::domain::{TimeSlot, VisitLength};

impl BookingService {
    /// Books one visit, or says why it cannot be booked.
    ///
    /// Once the time is held the answer is an appointment: `CONFIRMED` when the scheduling service
    /// has confirmed in time, else `PENDING`, and the outbox settles it.
    ///
    /// # Errors
    ///
    /// [`BookingError`], in the order of the contract; [`BookingError::SchedulingRefused`] carries
    /// the appointment that failed.
    pub async fn book(
        self: &Arc<Self>,
        actor: &Actor,
        command: &BookAppointment,
    ) -> Result<Outcome, BookingError> {
        let retry = Retry {
            key: command.idempotency_key.as_ref(),
            fingerprint: command.fingerprint(),
            may_try_another: command.provider_id.is_none(),
        };
        self.once(actor, retry, || self.book_anew(actor, command)).await
    }

    async fn book_anew(
        self: &Arc<Self>,
        actor: &Actor,
        command: &BookAppointment,
    ) -> Result<Outcome, BookingError> {
        let mut visit = self.visit(actor, command).await?;
        let held = self.hold(&visit).await?;
        let (refused_by, refused) = (held.appointment.provider_id, held.appointment.id);
        match self.settle_in_time(*held).await {
            Err(refusal @ BookingError::SchedulingRefused { .. })
                if command.provider_id.is_none() =>
            {
                // Any provider will do, so one other is tried.
                visit.candidates.providers.retain(|provider| provider.id != refused_by);
                visit.instead_of = Some(refused);
                if visit.candidates.providers.is_empty() {
                    return Err(refusal);
                }
                match self.hold(&visit).await {
                    Ok(held) => self.settle_in_time(*held).await,
                    // What is not known to have failed must not be told as a refusal.
                    Err(error @ BookingError::Store(_)) => Err(error),
                    Err(_nothing_else) => Err(refusal),
                }
            }
            settled => settled,
        }
    }

    /// Who may treat this patient at that time.
    async fn visit<'a>(
        &self,
        actor: &'a Actor,
        command: &'a BookAppointment,
    ) -> Result<Visit<'a>, BookingError> {
        let directory = self.directory().await?;
        let payer = payer_named(&directory, &command.insurance)?;
        let now = self.now();
        let horizon = self.horizon_ends_at(now);
        let period = match command.when {
            // A time that can't be booked is judged on the nearest day that can.
            When::At(starts_at) => (starts_at.clamp(now, horizon), starts_at.clamp(now, horizon)),
            When::From(after) => (after.unwrap_or(now).clamp(now, horizon), horizon),
        };
        let candidates = match command.provider_id {
            Some(id) => Candidates::asked_provider(&directory, id, command.state, payer, period)?,
            None => Candidates::who_may_treat(&directory, command.state, payer, period)?,
        };
        if let When::From(Some(after)) = command.when
            && after > horizon
        {
            return Err(BookingError::BeyondHorizon { ends_at: horizon });
        }
        Ok(Visit { actor, command, payer, candidates, instead_of: None })
    }

    /// The visit at exactly that time, if such a time may be booked at all.
    pub(super) fn bookable_slot(
        &self,
        starts_at: Timestamp,
        length: VisitLength,
        now: Timestamp,
    ) -> Result<TimeSlot, BookingError> {
        let horizon = self.horizon_ends_at(now);
        if starts_at < now {
            return Err(BookingError::TimeInPast);
        }
        TimeSlot::starting(starts_at, length)
            .filter(|_| starts_at <= horizon)
            .ok_or(BookingError::BeyondHorizon { ends_at: horizon })
    }
}
