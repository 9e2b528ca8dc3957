//! Moving a visit, to another time or to another provider: what it has is kept until the new time is
//! confirmed outside; both are held.

mod fit;
mod wish;

use jiff::Timestamp;

pub(super) use self::wish::{MoveWish, NewTime};
use super::Booking;
use super::attempt::accept;
use super::change::visit_change::{Changer, VisitChange};
use super::change::{ChangeStart, not_changed, own_visit};
use super::command::Overrule;
use super::outcome::Outcome;
use crate::access::{Actor, Permission};
use crate::changes::Change;
use crate::db::{StoreError, Tx, appointments, holds, locks};
use crate::domain::judge::Obstacle;
use crate::domain::{
    Appointment, AppointmentStatus, Directory, Reassignment, TimeSlot, WaitlistEntry,
};
use crate::request::{Refusal, Resource};
use crate::search::Candidates;

/// What the transaction of a move came to.
enum MoveStart {
    Begun(ChangeStart),
    /// Somebody else has the new time, or is too near.
    Taken(Box<Appointment>, TimeSlot, Obstacle),
}

/// What was seen before the transaction.
#[derive(Clone, Copy)]
struct Seen<'a> {
    directory: &'a Directory,
    candidates: &'a Candidates,
}

impl Booking {
    /// Moves a visit as is wished.
    pub(super) async fn move_visit<C: VisitChange>(
        &self,
        by: Changer<'_>,
        (command, wish): (&C, MoveWish<'_>),
    ) -> Result<Outcome, Refusal> {
        let read = self.db().read();
        let before = own_visit(appointments::find(read, command.visit().id).await?, by.own)?;
        let directory = self.parts.roster.directory().await?;
        let whom = wish.with_whom(&before);
        // In the order in which it is told: who is not there, what is not to be moved, who may not have it.
        directory.provider(whom).ok_or(Refusal::NotFound(Resource::Provider))?;
        command.visit().expected.check_appointment(&before)?;
        let before = movable(before, self.now())?;
        let candidates = &wish.candidates(&directory, &before, self.now())?;
        self.db().check_rules()?;
        let _room = self.db().room_for(whom.uuid()).await?;
        let seen = Seen { directory: &directory, candidates };
        let work = |tx| async move { self.begin_move(&tx, by, (command, wish), seen).await };
        match self.parts.changes.transaction(C::TRANSACTION, by.act, work).await? {
            MoveStart::Begun(begun) => self.settle_change(begun).await,
            MoveStart::Taken(before, slot, obstacle) => {
                Err(self.taken(&before, (slot, obstacle), candidates).await?)
            }
        }
    }

    async fn begin_move<C: VisitChange>(
        &self,
        tx: &Tx,
        by: Changer<'_>,
        (command, wish): (&C, MoveWish<'_>),
        seen: Seen<'_>,
    ) -> Result<Change<MoveStart>, Refusal> {
        let now = self.now();
        let before = movable(self.to_change(tx, by, command).await?, now)?;
        let Some(asked) = wish.of(&before)? else { return Ok(as_it_stands(before)) };
        let slot = self.new_slot(&before, &asked, seen.candidates, now)?;
        if (asked.provider_id, slot) == (before.provider_id, before.slot) {
            return Ok(as_it_stands(before));
        }
        let to = Reassignment { provider_id: asked.provider_id, slot };
        let after = match wish.accepts {
            // Whatever is against the time by now: it is held for them.
            Some(_) => self.moved(&before, to),
            None => with_what_was_overruled(self.moved(&before, to), wish.overrule),
        };
        self.claim_change(tx, by, command, &after).await?;
        locks::wait(tx, before.patient_id, to.provider_id).await?;
        if let Some(offer) = wish.accepts.and_then(WaitlistEntry::open_offer)
            && !holds::release_live(tx, offer.id, now).await?
        {
            return Err(Refusal::HoldExpired);
        }
        if let Some(obstacle) =
            self.against_move(tx, &before, &asked, (slot, seen.directory)).await?
        {
            return stopped(before, slot, obstacle);
        }
        if let Some(obstacle) = write_move(tx, &before, &after).await? {
            return stopped(before, slot, obstacle);
        }
        if let Some(entry) = wish.accepts {
            accept(tx, entry, now).await?;
        }
        let begun = if after.kept_here {
            Self::done_here(tx, &before, &after).await?
        } else {
            self.hand_over(tx, by.act, &before, after).await?
        };
        Ok(begun.map(MoveStart::Begun))
    }

    /// The visit as it is once it is moved in our book, or is on its way there.
    pub(super) fn moved(&self, before: &Appointment, to: Reassignment) -> Appointment {
        let (now, stays) = (self.now(), to.provider_id == before.provider_id);
        match (self.is_ours_alone(before), stays) {
            (true, true) => before.moved_here(to.slot, now),
            (true, false) => before.reassigned_here(to, now),
            (false, true) => before.moving(to.slot, now),
            (false, false) => before.reassigning(to, now),
        }
    }

    /// Whether the caller may pass those rules, if there are any.
    pub(super) fn may_overrule(actor: &Actor, overrule: &Overrule) -> Result<(), Refusal> {
        if !overrule.rules.is_empty() {
            // With whom it is judged already: those who book with themselves alone pass for themselves.
            actor.patients_for(Permission::Overrule)?;
        }
        Ok(())
    }
}

/// The visit, if it may be moved.
pub(super) fn movable(before: Appointment, now: Timestamp) -> Result<Appointment, Refusal> {
    let settled = before.status == AppointmentStatus::Confirmed && !before.is_on_the_move();
    if settled && !before.has_begun(now) {
        Ok(before)
    } else {
        Err(not_changed(before, settled, now))
    }
}

/// Writes the visit that moves, and what is held for it with another provider; or says what is against it.
pub(super) async fn write_move(
    tx: &Tx,
    before: &Appointment,
    after: &Appointment,
) -> Result<Option<Obstacle>, StoreError> {
    // Refused by it, an UPDATE would end the transaction on PostgreSQL.
    let to = Reassignment { provider_id: after.asked_provider(), slot: after.asked_slot() };
    holds::remove_lapsed(tx, (to.provider_id, to.slot), after.updated_at).await?;
    // What is held for it comes first, as it goes first: in one order nobody waits for each other.
    if let Some(to) = after.reassigning
        && !holds::insert_for(tx, after, to).await?
    {
        return Ok(Some(Obstacle::SlotTaken));
    }
    match appointments::replace(tx, before, after).await {
        Ok(true) => Ok(None),
        Ok(false) => Err(StoreError::Contended("changed meanwhile".to_owned())),
        // With the other provider's time held it can only be the patient's.
        Err(StoreError::Overlap) if after.reassigning.is_some() => {
            Ok(Some(Obstacle::PatientDoubleBooked))
        }
        Err(StoreError::Overlap) => Ok(Some(Obstacle::SlotTaken)),
        Err(error) => Err(error),
    }
}

fn as_it_stands(before: Appointment) -> Change<MoveStart> {
    Change::None(MoveStart::Begun(ChangeStart::AsItStands(Box::new(before))))
}

/// Nothing is done, and other times are told where these help.
fn stopped(
    before: Appointment,
    slot: TimeSlot,
    obstacle: Obstacle,
) -> Result<Change<MoveStart>, Refusal> {
    if obstacle.has_alternatives() {
        Ok(Change::None(MoveStart::Taken(Box::new(before), slot, obstacle)))
    } else {
        Err(Refusal::of(obstacle, Vec::new()))
    }
}

/// The visit with what was overruled for this version of it, if anything.
fn with_what_was_overruled(after: Appointment, overrule: &Overrule) -> Appointment {
    match overrule.noted(after.version) {
        None => after,
        overruled => Appointment { overruled, ..after },
    }
}
