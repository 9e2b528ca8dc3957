//! What every change of an appointment that is there has in common.

mod cancel;
mod plain;
mod set_status;
mod update;
pub(super) mod visit_change;

use jiff::Timestamp;

use super::Booking;
use super::outcome::Outcome;
use crate::access::Actor;
use crate::audit::Act;
use crate::changes::Change;
use crate::db::given_up;
use crate::db::idempotency::{self, Claim, Made};
use crate::db::outbox::{self, OutboxEntry};
use crate::db::{Connection, StoreError};
use crate::domain::{Appointment, AppointmentId, ProviderId};
use crate::request::{IdempotencyKey, Refusal, Resource, TransitionBar};
use crate::settling::{Handover, tell};

/// What the transaction of a change came to.
pub(super) enum ChangeStart {
    /// To be settled outside.
    ToSettle(Box<Handover>),
    /// Done, in our book alone.
    Done(Box<Appointment>),
    /// Nothing to do.
    AsItStands(Box<Appointment>),
}

/// The visit that was found, for a caller who may change those with that provider alone, if one is given:
/// another's is not there.
pub(super) fn own_visit(
    found: Option<Appointment>,
    own: Option<ProviderId>,
) -> Result<Appointment, Refusal> {
    found
        .filter(|visit| own.is_none_or(|own| own == visit.provider_id))
        .ok_or(Refusal::NotFound(Resource::Appointment))
}

/// Why an appointment is not changed: its status does not allow it, or else it has begun.
pub(super) fn not_changed(before: Appointment, status_allows: bool, now: Timestamp) -> Refusal {
    // Whoever is confirmed, and can't be moved or cancelled, has begun or is being moved.
    let allowed = before.may_become(now, before.has_begun(now));
    let bar = if status_allows { TransitionBar::Begun } else { TransitionBar::Status };
    Refusal::IllegalTransition { appointment: Box::new(before), allowed, bar }
}

impl Booking {
    /// Claims the key of a request, if it has one, with the version of the appointment that it makes.
    /// False when a request with the same key has committed.
    pub(super) async fn claim_key(
        &self,
        tx: &impl Connection,
        actor: &Actor,
        key: Option<&IdempotencyKey>,
        request_hash: String,
        (appointment_id, version): (AppointmentId, i32),
    ) -> Result<bool, Refusal> {
        let Some(key) = key else { return Ok(true) };
        let made = Made::Appointment(appointment_id, Some(version));
        let claim = Claim { request_hash, made, refusal: None };
        let claimed =
            idempotency::claim(tx, &actor.scope(), key.as_str(), &claim, self.now()).await;
        claimed.map_err(|error| match error {
            error if error.is_lock_timeout() => Refusal::KeyInUse,
            error => error.into(),
        })
    }

    /// Whether what becomes of this visit concerns our book alone: nobody outside has it, or nobody
    /// outside can be told and nothing is under way there.
    pub(super) fn is_ours_alone(&self, before: &Appointment) -> bool {
        let settled = before.is_scheduled() && !before.is_on_the_move();
        before.kept_here || (self.parts.nobody_outside && settled)
    }

    /// A change in our book alone, which is complete with its transaction.
    pub(super) async fn done_here(
        tx: &impl Connection,
        before: &Appointment,
        after: &Appointment,
    ) -> Result<Change<ChangeStart>, StoreError> {
        if let Some(external_id) = &before.external_id {
            let id = before.id;
            given_up::note(tx, id, external_id, after.updated_at).await?;
            tracing::warn!(
                appointment.id = %id, external_id,
                "{id} is kept here alone from now on; a scheduling service has it as it was"
            );
        }
        Ok(Change::from(ChangeStart::Done(Box::new(after.clone())), before, after))
    }

    /// Takes over what is to be settled of a changed appointment, whoever worked on it before: what
    /// may have been sent is read from the row itself, which this transaction has locked.
    pub(super) async fn hand_over(
        &self,
        tx: &impl Connection,
        act: &Act,
        before: &Appointment,
        after: Appointment,
    ) -> Result<Change<ChangeStart>, Refusal> {
        let settling = &self.parts.settling;
        let unsettled = self.untold(&after);
        // The call follows, and is noted with that.
        let unsettled = OutboxEntry {
            attempts: i32::from(unsettled.lease.is_some()),
            late_until: unsettled.lease.map(|_lease| settling.late_until()),
            ..unsettled
        };
        self.put_and_hand_over(tx, act, before, (after, unsettled)).await
    }

    /// The same of one of many, whose call is noted once its turn has come.
    pub(super) async fn hand_over_of_many(
        &self,
        tx: &impl Connection,
        act: &Act,
        before: &Appointment,
        after: Appointment,
    ) -> Result<Change<ChangeStart>, Refusal> {
        let unsettled = self.untold(&after);
        self.put_and_hand_over(tx, act, before, (after, unsettled)).await
    }

    /// The outbox row of a change of which the service is yet to be told, leased to this request if it is called.
    fn untold(&self, after: &Appointment) -> OutboxEntry {
        let settling = &self.parts.settling;
        let is_called = settling.is_available_for(after.asked_provider());
        settling.untold(after, is_called.then(|| settling.new_lease(self.now())))
    }

    async fn put_and_hand_over(
        &self,
        tx: &impl Connection,
        act: &Act,
        before: &Appointment,
        (after, unsettled): (Appointment, OutboxEntry),
    ) -> Result<Change<ChangeStart>, Refusal> {
        let (now, lease) = (self.now(), unsettled.lease);
        outbox::put(tx, &unsettled, now, now).await?;
        // Only such a row was there before.
        let stored = outbox::find(tx, after.id).await?.filter(|row| row.unanswered_key.is_some());
        let late_until = stored.as_ref().and_then(|row| row.late_until);
        let unanswered_key = stored.and_then(|row| row.unanswered_key);
        let (appointment, by, names) = (after.clone(), act.principal(), None);
        let handover = Handover { appointment, by, lease, unanswered_key, late_until, names };
        Ok(Change::from(ChangeStart::ToSettle(Box::new(handover)), before, &after))
    }

    /// Agrees with the scheduling service about a change that has begun.
    pub(super) async fn settle_change(&self, begun: ChangeStart) -> Result<Outcome, Refusal> {
        let appointment = match begun {
            ChangeStart::ToSettle(handover) => {
                let deadline = self.parts.settling.deadline();
                self.parts.settling.settle_by(*handover, deadline).await?
            }
            ChangeStart::Done(appointment) => {
                tell(&appointment);
                *appointment
            }
            ChangeStart::AsItStands(appointment) => *appointment,
        };
        Ok(Outcome::first(appointment))
    }
}
