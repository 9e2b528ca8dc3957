//! Cancelling: outside first, then the time is free.

use super::Booking;
use super::change::ChangeStart;
use super::command::CancelAppointment;
use super::outcome::Outcome;
use super::replay::RequestIdentity;
use crate::access::Actor;
use crate::changes::Change;
use crate::db::{StoreError, Tx, appointments};
use crate::domain::AppointmentStatus;
use crate::request::{Refusal, Resource};

impl Booking {
    /// Cancels a visit. One that is cancelled, or on its way there, is answered as it stands.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]; [`Refusal::IllegalTransition`] for one that ended otherwise.
    pub async fn cancel(
        &self,
        actor: &Actor,
        command: &CancelAppointment,
    ) -> Result<Outcome, Refusal> {
        let retry = RequestIdentity {
            key: command.idempotency_key.as_ref(),
            fingerprint: command.fingerprint(),
            may_try_another: false,
        };
        let request = || async {
            let work = |tx| async move { self.begin_cancel(&tx, actor, command).await };
            let begun = self.parts.changes.transaction("cancel", work).await?;
            self.settle_change(begun).await
        };
        self.once(actor, retry, request).await
    }

    async fn begin_cancel(
        &self,
        tx: &Tx,
        actor: &Actor,
        command: &CancelAppointment,
    ) -> Result<Change<ChangeStart>, Refusal> {
        let before = appointments::find(tx, command.id)
            .await?
            .ok_or(Refusal::NotFound(Resource::Appointment))?;
        if matches!(before.status, AppointmentStatus::Cancelling | AppointmentStatus::Cancelled) {
            return Ok(Change::None(ChangeStart::AsItStands(Box::new(before))));
        }
        if !before.status.can_become(AppointmentStatus::Cancelling) {
            let allowed = before.status.successors();
            return Err(Refusal::IllegalTransition { appointment: Box::new(before), allowed });
        }
        let (cancelled, reason) = (AppointmentStatus::Cancelled, command.reason.clone());
        let after = before.cancelling(cancelled, reason, self.now());
        let key = command.idempotency_key.as_ref();
        self.claim_change(tx, actor, key, command.fingerprint(), &after).await?;
        if !appointments::replace(tx, &before, &after).await? {
            return Err(StoreError::Contended("changed meanwhile".to_owned()).into());
        }
        self.hand_over(tx, after).await
    }
}
