//! Cancelling: outside first, then the time is free.

use std::sync::Arc;

use super::error::Resource;
use super::replay::Retry;
use super::settle::Held;
use super::{Actor, BookingError, BookingService, CancelAppointment, Outcome};
use crate::db::idempotency::{self, Claim};
use crate::db::outbox::{self, Unsettled};
use crate::db::{Connection, StoreError, Tx, appointments, retrying};
use crate::domain::{Appointment, AppointmentId, AppointmentStatus};

impl BookingService {
    /// Cancels a visit. One that is cancelled, or on its way there, is answered as it stands.
    ///
    /// # Errors
    ///
    /// [`BookingError::NotFound`]; [`BookingError::IllegalTransition`] for one that ended otherwise.
    pub async fn cancel(
        self: &Arc<Self>,
        actor: &Actor,
        command: &CancelAppointment,
    ) -> Result<Outcome, BookingError> {
        let retry = Retry {
            key: command.idempotency_key.as_ref(),
            fingerprint: command.fingerprint(),
            may_try_another: false,
        };
        let request = || async {
            let begun = retrying(|| self.begin_cancel(actor, command), BookingError::is_contended);
            match begun.await? {
                Begun::Held(held) => self.settle_in_time(*held).await,
                Begun::Nothing(appointment) => {
                    Ok(Outcome { appointment: *appointment, replayed: false })
                }
            }
        };
        self.once(actor, retry, request).await
    }

    async fn begin_cancel(
        &self,
        actor: &Actor,
        command: &CancelAppointment,
    ) -> Result<Begun, BookingError> {
        let tx = self.db.begin().await?;
        let begun = self.begin_cancel_in(&tx, actor, command).await;
        if let Ok(Begun::Held(_)) = begun {
            self.commit_change(tx).await?;
        } else {
            tx.roll_back().await?;
        }
        begun
    }

    async fn begin_cancel_in(
        &self,
        tx: &Tx,
        actor: &Actor,
        command: &CancelAppointment,
    ) -> Result<Begun, BookingError> {
        let now = self.now();
        let before = appointments::find(tx, command.id)
            .await?
            .ok_or(BookingError::NotFound(Resource::Appointment))?;
        if matches!(before.status, AppointmentStatus::Cancelling | AppointmentStatus::Cancelled) {
            return Ok(Begun::Nothing(Box::new(before)));
        }
        if !before.status.can_become(AppointmentStatus::Cancelling) {
            let allowed = before.status.successors();
            return Err(BookingError::IllegalTransition { appointment: Box::new(before), allowed });
        }
        let key = command.idempotency_key.as_ref();
        self.claim_change(tx, actor, key, command.fingerprint(), command.id).await?;
        let after = before.cancelling(AppointmentStatus::Cancelled, command.reason.clone(), now);
        if !appointments::replace(tx, &before, &after).await? {
            return Err(StoreError::Contended("changed meanwhile".to_owned()).into());
        }
        let held = self.take_over(tx, after).await?;
        Ok(Begun::Held(Box::new(held)))
    }

    /// Claims the key of a request that changes an appointment, with the change.
    pub(super) async fn claim_change(
        &self,
        tx: &impl Connection,
        actor: &Actor,
        key: Option<&super::IdempotencyKey>,
        request_hash: String,
        appointment_id: AppointmentId,
    ) -> Result<(), BookingError> {
        let Some(key) = key else { return Ok(()) };
        let claim = Claim { request_hash, appointment_id };
        let claimed = idempotency::claim(tx, &actor.scope, key.as_str(), &claim, self.now()).await;
        match claimed {
            Ok(true) => Ok(()),
            Ok(false) => Err(BookingError::KeyInUse),
            Err(error) if error.is_lock_timeout() => Err(BookingError::KeyInUse),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes over what is to be settled of an appointment, whoever worked on it before: what may
    /// have been sent is read from the row itself, which this transaction has locked.
    pub(super) async fn take_over(
        &self,
        tx: &impl Connection,
        appointment: Appointment,
    ) -> Result<Held, StoreError> {
        let now = self.now();
        let lease = self.scheduling.is_available().then(|| self.new_lease(now));
        let unsettled = Unsettled {
            appointment_id: appointment.id,
            attempts: i32::from(lease.is_some()),
            unanswered_key: None,
            lease,
        };
        outbox::put(tx, &unsettled, now, now).await?;
        let stored = outbox::find(tx, appointment.id).await?;
        let unanswered_key = stored.and_then(|row| row.unanswered_key);
        Ok(Held { appointment, lease, unanswered_key, names: None })
    }
}

/// What the first transaction of a change came to.
pub(super) enum Begun {
    /// To be settled outside.
    Held(Box<Held>),
    /// Nothing to do.
    Nothing(Box<Appointment>),
}
