//! The transaction that offers a time: under the locks of a booking everything is judged again, and the time is
//! held. Of two servers that offer one time, or one person two times, the database lets one do so.

use super::memory::Waiter;
use crate::audit::{Act, Audited, Touched};
use crate::booking::Booking;
use crate::booking::moving::movable;
use crate::db::{StoreError, Tx, appointments, holds, locks, look_again, patients, waitlist};
use crate::domain::{
    AppointmentId, Directory, Hold, PatientClock, ProviderId, TimeSlot, WaitlistEntry,
    WaitlistOffer, WaitlistStatus,
};
use crate::request::{Refusal, When};
use crate::search::may_treat;

/// What came of offering a time.
pub(super) enum Offering {
    /// It is held for them.
    Made,
    /// The time can't be had any more.
    Gone,
    /// They don't wait any more.
    Over,
}

impl Booking {
    /// Holds a time for one who waits.
    pub(super) async fn offer(
        &self,
        directory: &Directory,
        waiter: &Waiter,
        time: (ProviderId, TimeSlot),
    ) -> Result<Offering, Refusal> {
        let (act, entry) = (&Act::of_the_system("offerTime", None), &waiter.entry);
        let work = |tx| async move {
            let offered = match self.offer_in(&tx, directory, entry, time).await? {
                Ok(offered) => offered,
                Err(none) => return Ok::<_, Refusal>(Audited::RollBack((none, 0))),
            };
            let version = offered.version;
            Ok(Audited::Commit(
                (Offering::Made, version),
                touched(&offered, vec!["offers", "status"]),
            ))
        };
        let proof = |(made, version): (Offering, i32)| async move {
            let found = look_again(|| waitlist::find(self.db().read(), entry.id)).await;
            let stored = found.ok().flatten().map(|stored| stored.version >= version);
            ((made, version), stored)
        };
        self.db().check_rules()?;
        let _room = self.db().room_for(time.0.uuid()).await?;
        let made = self.parts.trail.transaction("waitlist_offer", act, work, proof).await?;
        if matches!(made.0, Offering::Made) {
            metrics::counter!("clinic_waitlist_offers_total").increment(1);
        }
        Ok(made.0)
    }

    async fn offer_in(
        &self,
        tx: &Tx,
        directory: &Directory,
        entry: &WaitlistEntry,
        (provider_id, slot): (ProviderId, TimeSlot),
    ) -> Result<Result<WaitlistEntry, Offering>, Refusal> {
        let now = self.now();
        locks::wait(tx, entry.patient_id, provider_id).await?;
        let found = waitlist::find(tx, entry.id).await?;
        let before = found.filter(|found| found.status == WaitlistStatus::Waiting);
        let Some(before) = before else { return Ok(Err(Offering::Over)) };
        let when = When::At(slot.starts_at());
        let search = &self.parts.search;
        let found = search.provider_under_lock(tx, directory, (provider_id, when)).await?;
        let Some((provider, _)) = found else { return Ok(Err(Offering::Gone)) };
        let (on, kind) = (slot.starts_at(), before.shape.kind);
        let eligible = may_treat(&provider, before.state, before.payer_id, (on, on)).is_ok();
        if !eligible
            || !provider.offers(kind)
            || !self.still_will_do(tx, directory, &before, slot).await?
        {
            return Ok(Err(Offering::Gone));
        }
        let offered = waitlist::offered_to(tx, before.patient_id, now).await?;
        if offered.into_iter().any(|other| other.overlaps(slot)) {
            return Ok(Err(Offering::Gone));
        }
        let own = match before.instead_of {
            None => AppointmentId::NOBODY,
            Some(id) => match appointments::find(tx, id).await? {
                Some(visit) if movable(visit.clone(), now).is_ok() => visit.id,
                _ => return Ok(Err(Offering::Gone)),
            },
        };
        let visit = (own, before.patient_id);
        let against = search.move_under_lock(tx, &provider, visit, (slot, kind)).await?;
        let ends_at = self.parts.offer_length.ends_at(now, slot, provider.rules.notice);
        let Some(expires_at) = ends_at.filter(|_| against.is_empty()) else {
            return Ok(Err(Offering::Gone));
        };
        let (id, state) = (AppointmentId::generate(now), Some(before.state));
        let hold = Hold { id, provider_id, slot, visit_type_id: kind, state, expires_at };
        let is_held = holds::insert_offered(tx, &hold, now).await?
            || (holds::remove_lapsed(tx, (provider_id, slot), now).await?
                && holds::insert_offered(tx, &hold, now).await?);
        if !is_held {
            return Ok(Err(Offering::Gone));
        }
        let (offered_at, outcome) = (now, None);
        let offer = WaitlistOffer { id, provider_id, slot, offered_at, expires_at, outcome };
        let offered = waitlist::replace(tx, &before, before.offered(offer)).await?;
        Ok(offered.ok_or(Offering::Over))
    }

    /// Whether that start will do, on the clock that the patient lives by now.
    async fn still_will_do(
        &self,
        tx: &Tx,
        directory: &Directory,
        entry: &WaitlistEntry,
        slot: TimeSlot,
    ) -> Result<bool, StoreError> {
        let patient = patients::find(tx, entry.patient_id).await?;
        let zone = patient.as_ref().and_then(|patient| patient.time_zone.as_deref());
        let clock = PatientClock::of(entry.state, zone);
        let hours = directory.rules().patient_hours;
        Ok(!entry
            .window
            .starts(&clock, hours, slot)
            .iter()
            .all(|span| span.starts_at() > slot.starts_at()))
    }
}

/// What the audit trail tells of a change of an entry.
pub(super) fn touched(entry: &WaitlistEntry, fields: Vec<&'static str>) -> Touched {
    Touched { patients: [entry.patient_id].into(), ..Touched::object(&entry.id, fields) }
}
