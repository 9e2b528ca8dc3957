//! What became of a visit, as staff say it. The scheduling service is not told.

use super::{ChangeStart, own_visit};
use crate::access::{Actor, Permission};
use crate::audit::Act;
use crate::booking::Booking;
use crate::booking::command::SetVisitStatus;
use crate::booking::outcome::Outcome;
use crate::booking::replay::RequestIdentity;
use crate::changes::Change;
use crate::db::{StoreError, Tx, appointments};
use crate::domain::{Appointment, AppointmentStatus, Directory, ProviderId};
use crate::request::{Refusal, TransitionBar};

impl Booking {
    /// Says that the patient has come, was seen or never came, or corrects it. One that is so already is
    /// answered as it stands.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`], also for one that is not the caller's;
    /// [`Refusal::VersionConflict`]; [`Refusal::IllegalTransition`], naming what is allowed.
    pub async fn set_status(
        &self,
        actor: &Actor,
        command: &SetVisitStatus,
    ) -> Result<Outcome, Refusal> {
        let act = &Act::on_appointment(actor, "setVisitStatus", command.id);
        let request = async {
            let own = actor.patients_for(Permission::SetVisitStatus)?;
            let retry = RequestIdentity {
                own,
                key: command.idempotency_key.as_ref(),
                fingerprint: command.fingerprint(),
                may_try_another: false,
            };
            let begin = || async move {
                let directory = self.parts.roster.directory().await?;
                let directory = &directory;
                let work = |tx| async move {
                    self.write_status(&tx, (actor, own), command, directory).await
                };
                let begun = self.parts.changes.transaction("set_status", act, work).await?;
                self.settle_change(begun).await
            };
            self.once(actor, retry, begin).await
        };
        self.parts.trail.attempt(act, Box::pin(request)).await
    }

    async fn write_status(
        &self,
        tx: &Tx,
        (actor, own): (&Actor, Option<ProviderId>),
        command: &SetVisitStatus,
        directory: &Directory,
    ) -> Result<Change<ChangeStart>, Refusal> {
        let before = own_visit(appointments::find(tx, command.id).await?, own)?;
        command.expected.check_appointment(&before)?;
        if before.status == command.status {
            return Ok(Change::None(ChangeStart::AsItStands(Box::new(before))));
        }
        let now = self.now();
        let provider = directory.provider_of_visit(before.provider_id);
        // Nobody is checked in the day before, on the clock of whom they come to.
        let day_has_come = provider.is_some_and(|provider| {
            provider.day_of(before.slot.starts_at()) <= provider.day_of(now)
        });
        let allowed = before.may_become(now, day_has_come);
        if !before.is_scheduled() || !allowed.contains(&command.status) {
            return Err(not_yet_or_never(before, command, allowed));
        }
        let after = before.with_status(command.status, now);
        let key = command.idempotency_key.as_ref();
        self.claim_change(tx, actor, key, command.fingerprint(), &after).await?;
        if !appointments::replace(tx, &before, &after).await? {
            return Err(StoreError::Contended("changed meanwhile".to_owned()).into());
        }
        Ok(Change::from(ChangeStart::Done(Box::new(after.clone())), &before, &after))
    }
}

fn not_yet_or_never(
    before: Appointment,
    command: &SetVisitStatus,
    allowed: Vec<AppointmentStatus>,
) -> Refusal {
    let later = before.status.can_become(command.status)
        && before.is_scheduled()
        && !before.is_on_the_move();
    let bar = if later { TransitionBar::Early } else { TransitionBar::Status };
    Refusal::IllegalTransition { appointment: Box::new(before), allowed, bar }
}
