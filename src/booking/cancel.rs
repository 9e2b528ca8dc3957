//! Cancelling: outside first, where somebody has it there, then the time is free.

use super::Booking;
use super::change::{ChangeStart, not_changed, own_visit};
use super::command::CancelAppointment;
use super::outcome::Outcome;
use super::replay::RequestIdentity;
use crate::access::{Actor, Permission};
use crate::audit::Act;
use crate::changes::Change;
use crate::db::{StoreError, Tx, appointments};
use crate::domain::{AppointmentStatus, ProviderId};
use crate::request::Refusal;

impl Booking {
    /// Cancels a visit. One that is cancelled, or on its way there, is answered as it stands.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`], also for one that is not the caller's;
    /// [`Refusal::VersionConflict`]; [`Refusal::IllegalTransition`] for one that ended otherwise, or has
    /// begun.
    pub async fn cancel(
        &self,
        actor: &Actor,
        command: &CancelAppointment,
    ) -> Result<Outcome, Refusal> {
        let act = &Act::on_appointment(actor, "cancelAppointment", command.id);
        let request = async {
            let own = actor.patients_for(Permission::Book)?;
            let retry = RequestIdentity {
                own,
                key: command.idempotency_key.as_ref(),
                fingerprint: command.fingerprint(),
                may_try_another: false,
            };
            let begin = || async move {
                let work =
                    |tx| async move { self.begin_cancel(&tx, (actor, act), own, command).await };
                let begun = self.parts.changes.transaction("cancel", act, work).await?;
                self.settle_change(begun).await
            };
            self.once(actor, retry, begin).await
        };
        self.parts.trail.attempt(act, Box::pin(request)).await
    }

    async fn begin_cancel(
        &self,
        tx: &Tx,
        (actor, act): (&Actor, &Act),
        own: Option<ProviderId>,
        command: &CancelAppointment,
    ) -> Result<Change<ChangeStart>, Refusal> {
        let before = own_visit(appointments::find(tx, command.id).await?, own)?;
        command.expected.check_appointment(&before)?;
        if matches!(before.status, AppointmentStatus::Cancelling | AppointmentStatus::Cancelled) {
            return Ok(Change::None(ChangeStart::AsItStands(Box::new(before))));
        }
        let (now, can_become) =
            (self.now(), before.status.can_become(AppointmentStatus::Cancelling));
        if !can_become || before.has_begun(now) {
            return Err(not_changed(before, can_become, now));
        }
        let (cancelled, reason) = (AppointmentStatus::Cancelled, command.reason.clone());
        let ours_alone = self.is_ours_alone(&before);
        let after = if ours_alone {
            before.cancelled_here(reason, now)
        } else {
            before.cancelling(cancelled, reason, now)
        };
        let key = command.idempotency_key.as_ref();
        self.claim_change(tx, actor, key, command.fingerprint(), &after).await?;
        if !appointments::replace(tx, &before, &after).await? {
            return Err(StoreError::Contended("changed meanwhile".to_owned()).into());
        }
        if ours_alone {
            return Ok(Self::done_here(tx, &before, &after).await?);
        }
        self.hand_over(tx, act, &before, after).await
    }
}
