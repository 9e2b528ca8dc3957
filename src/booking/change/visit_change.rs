//! A request to change a visit that is there, and the way that every one of them goes.

use super::own_visit;
use crate::access::{Actor, Permission};
use crate::audit::Act;
use crate::booking::Booking;
use crate::booking::command::WhichVisit;
use crate::booking::outcome::Outcome;
use crate::booking::replay::RequestIdentity;
use crate::db::{Connection, Tx, appointments};
use crate::domain::{Appointment, ProviderId};
use crate::request::{Refusal, fingerprint};

/// A request to change a visit that is there.
pub trait VisitChange: Sync {
    /// What it is called in the schema.
    const OPERATION: &'static str;
    /// What tells it from other requests under one key, with the visit and [`Self::told`].
    const WORD: &'static str;
    /// What its transactions are called in the metrics.
    const TRANSACTION: &'static str;
    /// What it takes to ask for it.
    const PERMISSION: Permission;
    /// Whether a patient may ask for it by the link that opens the visit.
    const BY_LINK: bool = false;

    /// Which visit, and on which terms.
    fn visit(&self) -> &WhichVisit;

    /// What it asks for, as texts.
    fn told(&self) -> Vec<String>;

    /// Whether a caller may ask for it who has the permission, with that provider alone if one is given.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`].
    fn allowed(&self, _actor: &Actor, _own: Option<ProviderId>) -> Result<(), Refusal> {
        Ok(())
    }

    /// Makes the change.
    ///
    /// # Errors
    ///
    /// [`Refusal`] in the order of the contract.
    fn begin(
        &self,
        booking: &Booking,
        by: Changer<'_>,
    ) -> impl Future<Output = Result<Outcome, Refusal>> + Send;
}

/// Who changes a visit.
#[derive(Clone, Copy)]
pub struct Changer<'a> {
    pub(in crate::booking) actor: &'a Actor,
    pub(in crate::booking) act: &'a Act,
    /// The one provider whose visits they may change, if it is one.
    pub(in crate::booking) own: Option<ProviderId>,
}

/// What tells a request from others under one key.
fn fingerprint_of<C: VisitChange>(command: &C) -> String {
    let WhichVisit { id, expected, .. } = command.visit();
    let mut parts = vec![C::WORD.to_owned(), id.to_string()];
    parts.extend(command.told());
    parts.extend(expected.fingerprint());
    fingerprint(&parts)
}

impl Booking {
    /// Changes a visit as it is asked for. One that is so already is answered as it stands.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; then [`Refusal`] in the order of the contract, [`Refusal::NotFound`] also for a
    /// visit that is not the caller's. [`Refusal::SchedulingRefused`] when the scheduling service refuses.
    pub async fn change<C: VisitChange>(
        &self,
        actor: &Actor,
        command: &C,
    ) -> Result<Outcome, Refusal> {
        let act = &Act::on_appointment(actor, C::OPERATION, command.visit().id);
        let request = async {
            let own = if C::BY_LINK {
                actor.book_for_visit(command.visit().id)?
            } else {
                actor.patients_for(C::PERMISSION)?
            };
            command.allowed(actor, own)?;
            let retry = RequestIdentity {
                own,
                key: command.visit().idempotency_key.as_ref(),
                fingerprint: fingerprint_of(command),
                may_try_another: false,
            };
            let by = Changer { actor, act, own };
            self.once(actor, retry, || command.begin(self, by)).await
        };
        self.parts.trail.attempt(act, Box::pin(request)).await
    }

    /// Claims the key of a request, if it has one, with the change of a visit to what it is `after`.
    pub(in crate::booking) async fn claim_change<C: VisitChange>(
        &self,
        tx: &impl Connection,
        by: Changer<'_>,
        command: &C,
        after: &Appointment,
    ) -> Result<(), Refusal> {
        let made = (after.id, after.version);
        let (key, hash) = (command.visit().idempotency_key.as_ref(), fingerprint_of(command));
        let claimed = self.claim_key(tx, by.actor, key, hash, made).await?;
        if claimed { Ok(()) } else { Err(Refusal::KeyInUse) }
    }

    /// The visit that is to be changed, at a version that the caller has seen.
    pub(in crate::booking) async fn to_change<C: VisitChange>(
        &self,
        tx: &Tx,
        by: Changer<'_>,
        command: &C,
    ) -> Result<Appointment, Refusal> {
        let WhichVisit { id, expected, .. } = command.visit();
        let before = own_visit(appointments::find(tx, *id).await?, by.own)?;
        expected.check_appointment(&before)?;
        Ok(before)
    }
}
