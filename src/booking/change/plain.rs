//! Changes that ask for no time: what becomes of the visit follows from the visit.

use super::ChangeStart;
use super::visit_change::{Changer, VisitChange};
use crate::booking::Booking;
use crate::booking::outcome::Outcome;
use crate::changes::Change;
use crate::db::{StoreError, Tx, appointments};
use crate::domain::Appointment;
use crate::request::Refusal;

/// What becomes of a visit.
pub(super) struct Becomes {
    pub(super) after: Appointment,
    pub(super) whose: Whose,
}

/// Whom it concerns what becomes of a visit.
pub(super) enum Whose {
    /// Nobody outside: they know nothing of it.
    Ours,
    /// Our book, which alone has the visit from now on.
    OursAlone,
    /// The scheduling service, which is to be told.
    TheService,
}

/// A change that asks for no time.
pub(super) trait PlainChange: VisitChange {
    /// What is looked up before the transaction.
    type Seen: Sync;

    /// Looks that up.
    fn look(&self, booking: &Booking) -> impl Future<Output = Result<Self::Seen, Refusal>> + Send;

    /// What becomes of the visit; none where it is so already.
    fn becomes(
        &self,
        booking: &Booking,
        tx: &Tx,
        before: &Appointment,
        seen: &Self::Seen,
    ) -> impl Future<Output = Result<Option<Becomes>, Refusal>> + Send;
}

impl Booking {
    /// Makes such a change.
    pub(super) async fn change_plainly<C: PlainChange>(
        &self,
        by: Changer<'_>,
        command: &C,
    ) -> Result<Outcome, Refusal> {
        let seen = &command.look(self).await?;
        let work = |tx| async move { self.write_plainly(&tx, by, command, seen).await };
        let begun = self.parts.changes.transaction(C::TRANSACTION, by.act, work).await?;
        self.settle_change(begun).await
    }

    async fn write_plainly<C: PlainChange>(
        &self,
        tx: &Tx,
        by: Changer<'_>,
        command: &C,
        seen: &C::Seen,
    ) -> Result<Change<ChangeStart>, Refusal> {
        let before = self.to_change(tx, by, command).await?;
        let Some(Becomes { after, whose }) = command.becomes(self, tx, &before, seen).await? else {
            return Ok(Change::None(ChangeStart::AsItStands(Box::new(before))));
        };
        self.claim_change(tx, by, command, &after).await?;
        if !appointments::replace(tx, &before, &after).await? {
            return Err(StoreError::Contended("changed meanwhile".to_owned()).into());
        }
        match whose {
            Whose::TheService => self.hand_over(tx, by.act, &before, after).await,
            Whose::OursAlone => Ok(Self::done_here(tx, &before, &after).await?),
            Whose::Ours => {
                let done = ChangeStart::Done(Box::new(after.clone()));
                Ok(Change::from(done, &before, &after))
            }
        }
    }
}
