//! Cancelling a series from one of its visits on.

use super::outcome::{Once, SeriesAnswer, SeriesRequest, own_visits};
use crate::access::{Actor, Permission};
use crate::audit::Act;
use crate::booking::Booking;
use crate::booking::change::ChangeStart;
use crate::booking::command::CancelSeries;
use crate::changes::{Change, Changed};
use crate::db::{StoreError, Tx, appointments, series};
use crate::domain::Appointment;
use crate::request::{Refusal, Resource};
use crate::settling::{Handover, tell};

/// What the transaction of such a change came to.
#[derive(Default)]
pub(super) struct SeriesChange {
    /// To be settled outside.
    pub(super) to_settle: Vec<Handover>,
    /// Done, in our book alone.
    pub(super) done: Vec<Appointment>,
}

impl SeriesChange {
    pub(super) fn take(&mut self, begun: ChangeStart) {
        match begun {
            ChangeStart::ToSettle(handover) => self.to_settle.push(*handover),
            ChangeStart::Done(visit) => self.done.push(*visit),
            ChangeStart::AsItStands(_) => {}
        }
    }
}

impl Booking {
    /// Cancels the visits of a series that start from a moment on and are still to be, all in one
    /// transaction. Those that have begun, or have ended otherwise, stay as they are.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`], also for a series without a visit of the caller's;
    /// [`Refusal::VersionConflict`].
    pub async fn cancel_series(
        &self,
        actor: &Actor,
        command: &CancelSeries,
    ) -> Result<SeriesAnswer, Refusal> {
        let act = &Act::on_object(actor, "cancelSeries", &command.which.id);
        let attempt = async {
            let own = actor.patients_for(Permission::Book)?;
            let (key, fingerprint) =
                (command.which.idempotency_key.as_ref(), command.fingerprint());
            let request = SeriesRequest { key, fingerprint: &fingerprint, own };
            let work = async {
                let work = |tx| async move {
                    self.begin_cancelling(&tx, (actor, act), (command, request)).await
                };
                let begun = self.parts.changes.transaction("series_cancel", act, work).await?;
                self.settle_series_change(begun).await;
                let now = self.series_as_it_is(command.which.id, own, false).await?;
                Ok(SeriesAnswer::Changed(now))
            };
            match self.once_for_series(actor, request, work).await? {
                Once::Before(before) => Ok(SeriesAnswer::Changed(before)),
                Once::Now(answer) => Ok(answer),
            }
        };
        self.parts.trail.attempt(act, Box::pin(attempt)).await
    }

    async fn begin_cancelling(
        &self,
        tx: &Tx,
        (actor, act): (&Actor, &Act),
        (command, request): (&CancelSeries, SeriesRequest<'_>),
    ) -> Result<Change<SeriesChange>, Refusal> {
        let (id, now) = (command.which.id, self.now());
        let found = series::find_to_change(tx, id).await?;
        let found = found.ok_or(Refusal::NotFound(Resource::Series))?;
        let visits = own_visits(series::visits(tx, id).await?, request.own)?;
        command.which.expected.check(found.version)?;
        let from = command.from.unwrap_or(now);
        let (mut begun, mut changed) = (SeriesChange::default(), Vec::new());
        let is_meant =
            |visit: &&Appointment| visit.slot.starts_at() >= from && visit.may_be_cancelled(now);
        for before in visits.iter().filter(is_meant) {
            let is_ours_alone = self.is_ours_alone(before);
            let reason = command.reason.clone();
            let after = before.cancelled_by_whom_it_concerns(is_ours_alone, reason, now);
            if !appointments::replace(tx, before, &after).await? {
                return Err(StoreError::Contended("changed meanwhile".to_owned()).into());
            }
            changed.push(Changed::from(before, &after).with(id));
            let change = if is_ours_alone {
                Self::done_here(tx, before, &after).await?
            } else {
                self.hand_over_of_many(tx, act, before, after).await?
            };
            begun.take(change.into_value());
        }
        if changed.is_empty() {
            return Ok(Change::None(begun));
        }
        self.claim_for_series(tx, actor, request, id).await?;
        series::replace(tx, &found.changed(now)).await?;
        Ok(Change::Made(begun, changed))
    }

    /// Agrees with the scheduling service about what has begun.
    pub(super) async fn settle_series_change(&self, begun: SeriesChange) {
        begun.done.iter().for_each(tell);
        let settling = &self.parts.settling;
        settling.settle_all(begun.to_settle, settling.deadline()).await;
    }
}
