//! What ends without anybody's act: offers that nobody has answered, waits whose time is over, and what was accepted
//! once the scheduling service has answered.

use std::collections::HashSet;

use jiff::Timestamp;

use super::matching::{is_not_to_move, of_one};
use super::memory::Waiters;
use crate::audit::Act;
use crate::booking::Booking;
use crate::db::{StoreError, appointments};
use crate::domain::{
    Appointment, AppointmentId, AppointmentStatus, OfferOutcome, WaitlistEntry, WaitlistEntryId,
    WaitlistOffer, WaitlistStatus,
};
use crate::request::Refusal;

/// What became of what was accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Booked,
    Refused,
    /// It was cancelled before it was confirmed.
    Cancelled,
    UnderWay,
}

impl Booking {
    /// Ends what is over by now.
    pub(super) async fn end_what_is_over(&self, waiters: &Waiters) -> Result<(), StoreError> {
        let now = self.now();
        let without_visit = self.without_visit(waiters, now).await?;
        for waiter in waiters.values() {
            let entry = &waiter.entry;
            let ended = if entry.instead_of.is_some_and(|visit| without_visit.contains(&visit)) {
                self.leave_without_visit(entry.id).await
            } else if entry.accepted_offer().is_some() {
                self.conclude(entry.id).await
            } else if is_over(entry, now) {
                let act = &Act::of_the_system("waitlistLapse", None);
                let step = |entry: &WaitlistEntry, now| {
                    Ok(is_over(entry, now).then(|| match entry.open_offer() {
                        Some(_) => entry.waits_again(OfferOutcome::Lapsed, now),
                        None => entry.lapsed(now),
                    }))
                };
                self.change_entry((act, None), entry.id, &step).await.map(drop)
            } else {
                continue;
            };
            of_one(entry.id, ended)?;
        }
        Ok(())
    }

    /// Notes what became of what was accepted, if that is known.
    pub(super) async fn conclude(&self, id: WaitlistEntryId) -> Result<(), Refusal> {
        let entry = self.own_entry(id, None).await?;
        let Some(offer) = entry.accepted_offer() else { return Ok(()) };
        let visit = entry.instead_of.unwrap_or(offer.id);
        let visit = appointments::find(self.db().read(), visit).await?;
        let fate = match entry.instead_of {
            Some(_) => fate_of_move(visit.as_ref(), offer),
            None => fate_of_booking(visit.as_ref()),
        };
        let accepted = offer.id;
        let step = |entry: &WaitlistEntry, now| {
            let is_it = entry.accepted_offer().is_some_and(|offer| offer.id == accepted);
            Ok(match fate {
                _ if !is_it => None,
                Fate::UnderWay => None,
                Fate::Booked => Some(entry.booked(now)),
                Fate::Refused => Some(entry.waits_again(OfferOutcome::Refused, now)),
                Fate::Cancelled => Some(entry.left(now)),
            })
        };
        if fate != Fate::UnderWay {
            let act = &Act::of_the_system("waitlistConclude", None);
            self.change_entry((act, None), id, &step).await?;
        }
        Ok(())
    }

    /// The visits that were to move to what is offered now, and are not to move any more.
    async fn without_visit(
        &self,
        waiters: &Waiters,
        now: Timestamp,
    ) -> Result<HashSet<AppointmentId>, StoreError> {
        let offered = waiters.values().filter(|waiter| waiter.entry.open_offer().is_some());
        let ids: Vec<_> = offered.filter_map(|waiter| waiter.entry.instead_of).collect();
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let visits = appointments::find_many(self.db().read(), &ids).await?;
        let still = visits.iter().filter(|visit| !is_not_to_move(visit, now)).map(|visit| visit.id);
        let still: HashSet<_> = still.collect();
        Ok(ids.into_iter().filter(|id| !still.contains(id)).collect())
    }

    /// Lets one wait no more whose visit is not to be moved any more.
    pub(super) async fn leave_without_visit(&self, id: WaitlistEntryId) -> Result<(), Refusal> {
        let act = &Act::of_the_system("waitlistLapse", None);
        let step = |entry: &WaitlistEntry, now| {
            let is_open = !entry.is_over() && entry.accepted_offer().is_none();
            Ok(is_open.then(|| entry.left(now)))
        };
        self.change_entry((act, None), id, &step).await.map(drop)
    }
}

/// Whether what is open of it has ended by itself.
fn is_over(entry: &WaitlistEntry, now: Timestamp) -> bool {
    match (entry.status, entry.open_offer()) {
        (WaitlistStatus::Offered, Some(offer)) => !offer.is_live(now),
        (WaitlistStatus::Waiting, _) => now > entry.window.latest,
        _ => false,
    }
}

fn fate_of_booking(visit: Option<&Appointment>) -> Fate {
    let has_been_confirmed =
        visit.is_some_and(|visit| visit.kept_here || visit.external_id.is_some());
    match visit.map(|visit| visit.ends_as.unwrap_or(visit.status)) {
        Some(AppointmentStatus::Pending | AppointmentStatus::Cancelling) => Fate::UnderWay,
        Some(AppointmentStatus::Cancelled) if !has_been_confirmed => Fate::Cancelled,
        Some(AppointmentStatus::Failed | AppointmentStatus::Expired) | None => Fate::Refused,
        Some(_confirmed) => Fate::Booked,
    }
}

fn fate_of_move(visit: Option<&Appointment>, offer: &WaitlistOffer) -> Fate {
    match visit {
        Some(visit) if visit.is_on_the_move() => Fate::UnderWay,
        Some(visit) if (visit.provider_id, visit.slot) == (offer.provider_id, offer.slot) => {
            Fate::Booked
        }
        Some(visit) if !visit.is_scheduled() => Fate::Cancelled,
        _ => Fate::Refused,
    }
}
