//! Safe retry: a request that comes again with its key has the effect of the first.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use super::error::Resource;
use super::{Actor, BookingError, BookingService, IdempotencyKey, Outcome};
use crate::db::outbox::{self, Unsettled};
use crate::db::{appointments, idempotency};
use crate::domain::{Appointment, AppointmentStatus};

const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// What tells a repeat of a request from others.
pub(super) struct Retry<'a> {
    pub(super) key: Option<&'a IdempotencyKey>,
    pub(super) fingerprint: String,
    /// Whether the request goes on with another provider after a refusal.
    pub(super) may_try_another: bool,
}

impl BookingService {
    /// Carries out `request`, unless one with the same key was: then answers how that stands now.
    pub(super) async fn once<F, Fut>(
        &self,
        actor: &Actor,
        retry: Retry<'_>,
        request: F,
    ) -> Result<Outcome, BookingError>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Outcome, BookingError>>,
    {
        let Some(key) = retry.key else { return request().await };
        if let Some(replayed) = self.replay(actor, key, &retry).await? {
            return Ok(replayed);
        }
        match request().await {
            // What failed without committing anything may have been beaten by its own twin.
            Err(error) if !matches!(error, BookingError::SchedulingRefused { .. }) => {
                Ok(self.replay(actor, key, &retry).await?.ok_or(error)?)
            }
            answered => answered,
        }
    }

    async fn replay(
        &self,
        actor: &Actor,
        key: &IdempotencyKey,
        retry: &Retry<'_>,
    ) -> Result<Option<Outcome>, BookingError> {
        let gives_up_at = Instant::now() + self.rules.answer_within;
        loop {
            let claim = idempotency::find(self.db.read(), &actor.scope, key.as_str()).await?;
            let Some(claim) = claim else { return Ok(None) };
            if claim.request_hash != retry.fingerprint {
                return Err(BookingError::KeyReused);
            }
            // Looked at before the appointment: work that has ended by now shows in that.
            let unsettled = outbox::find(self.db.read(), claim.appointment_id).await?;
            let appointment = appointments::find(self.db.read(), claim.appointment_id)
                .await?
                .ok_or(BookingError::NotFound(Resource::Appointment))?;
            if Instant::now() < gives_up_at && self.is_worked_on(&appointment, unsettled, retry) {
                tokio::time::sleep(LOOK_AGAIN_AFTER).await;
                continue;
            }
            if appointment.status == AppointmentStatus::Failed {
                return Err(BookingError::SchedulingRefused {
                    appointment: Box::new(appointment),
                    replayed: true,
                });
            }
            return Ok(Some(Outcome { appointment, replayed: true }));
        }
    }

    /// Whether the first request may still be at it.
    fn is_worked_on(
        &self,
        appointment: &Appointment,
        unsettled: Option<Unsettled>,
        retry: &Retry<'_>,
    ) -> bool {
        let now = self.now();
        if appointment.status == AppointmentStatus::Failed && retry.may_try_another {
            // It may be trying another provider, and then point the key to a new appointment.
            let failed_for = now.duration_since(appointment.updated_at);
            return failed_for.unsigned_abs() < self.rules.answer_within;
        }
        unsettled.and_then(|row| row.lease).is_some_and(|lease| lease.until > now)
    }
}
