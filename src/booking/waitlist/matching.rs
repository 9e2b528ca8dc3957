//! Who fits which time: by the one engine that judges bookings. What is found so is judged again under the locks.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::memory::{Waiter, Waiters};
use super::offer::Offering;
use crate::booking::Booking;
use crate::booking::moving::movable;
use crate::db::{StoreError, appointments, waitlist};
use crate::domain::time_slot::{just_after, merge, without};
use crate::domain::{
    Appointment, Directory, EventPosition, OfferLength, ProviderId, TimeSlot, WaitlistEntryId,
};
use crate::request::Refusal;
use crate::search::{Candidates, SearchMoment, ToTreat, WaitingWish};

/// How many times are tried for one who waits where somebody was faster.
const ROUNDS: usize = 5;
/// No visit that is asked for is longer.
const LONGEST_VISIT: SignedDuration = SignedDuration::from_hours(8);

/// By what times are looked for.
pub(super) struct Lookout {
    pub(super) directory: Arc<Directory>,
    /// As of when everybody's time is known.
    pub(super) moment: SearchMoment,
}

/// What came of looking for a time.
enum Found {
    /// With whom, and when.
    Time(ProviderId, TimeSlot),
    /// There is none now.
    Nothing,
    /// The visit that is to move is on its way somewhere: nobody knows yet where it will be.
    Later,
    /// It is not to be moved any more, so there is nothing to wait for.
    NoVisit,
}

impl Booking {
    /// What to look for times by now.
    pub(super) async fn lookout(&self) -> Result<Lookout, StoreError> {
        // In this order: who is known to work otherwise is looked at as they are.
        let moment = self.parts.search.moment();
        Ok(Lookout { directory: self.parts.roster.directory().await?, moment })
    }

    /// Offers times of a provider's in a span to whoever fits, in the order of joining; of those up to one of them,
    /// if one is given.
    pub(super) async fn fill(
        &self,
        lookout: &mut Lookout,
        (provider_id, span): (ProviderId, TimeSlot),
        (waiters, last): (&Waiters, Option<EventPosition>),
    ) -> Result<(), StoreError> {
        let provider = lookout.directory.provider(provider_id).map(Arc::clone);
        let Some(provider) = provider.filter(|provider| provider.active) else { return Ok(()) };
        let mut served = BTreeSet::new();
        // What becomes free meanwhile may be for one who was asked before: after each offer from the first on.
        'again: loop {
            let up_to = last.map_or_else(|| waiters.range(..), |last| waiters.range(..=last));
            let fits = |waiter: &Waiter| waiter.may_start_in(span) && waiter.may_be_with(&provider);
            for (place, waiter) in up_to.filter(|(_, waiter)| fits(waiter)) {
                if !served.contains(place)
                    && self.try_to_offer(lookout, waiter, (Some(provider_id), span)).await?
                {
                    served.insert(*place);
                    continue 'again;
                }
            }
            return Ok(());
        }
    }

    /// Offers one who waits the first time that fits in a span, with a provider if one is given. Whether there was
    /// one; then the lookout is of after it.
    async fn try_to_offer(
        &self,
        lookout: &mut Lookout,
        waiter: &Waiter,
        time: (Option<ProviderId>, TimeSlot),
    ) -> Result<bool, StoreError> {
        let (mut gone, mut last) = (Vec::new(), None);
        for _round in 0..ROUNDS {
            let Some(found) = self.first_time(lookout, waiter, (time, &gone)).await? else { break };
            let offered = self.offer(&lookout.directory, waiter, found).await;
            let offering = of_one(waiter.entry.id, offered)?;
            // What is held by now is nobody else's.
            *lookout = self.lookout().await?;
            // Found twice, there is something against it that only the transaction sees.
            if last.replace(found) == Some(found) {
                gone.extend(its_start(found.1));
            }
            if !matches!(offering, Some(Offering::Gone)) {
                break;
            }
        }
        Ok(last.is_some())
    }

    /// The first time that fits one who waits, if there is any. Where their visit is on its way it is looked for
    /// again; where that is not to be moved any more they wait no more.
    async fn first_time(
        &self,
        lookout: &Lookout,
        waiter: &Waiter,
        time: ((Option<ProviderId>, TimeSlot), &[TimeSlot]),
    ) -> Result<Option<(ProviderId, TimeSlot)>, StoreError> {
        match self.first_for(lookout, waiter, time).await? {
            Found::Time(provider_id, slot) => return Ok(Some((provider_id, slot))),
            Found::Nothing => {}
            Found::Later => self.waiting.look_again_for(&[waiter.entry.joined]).await,
            Found::NoVisit => {
                let id = waiter.entry.id;
                of_one(id, self.leave_without_visit(id).await)?;
            }
        }
        Ok(None)
    }

    /// The first time that fits one who waits.
    async fn first_for(
        &self,
        Lookout { directory, moment }: &Lookout,
        Waiter { entry, clock }: &Waiter,
        ((provider_id, span), gone): ((Option<ProviderId>, TimeSlot), &[TimeSlot]),
    ) -> Result<Found, StoreError> {
        // Whoever is offered it has a while to answer, and can book it then.
        let now = self.now();
        let asked_at = now.saturating_add(OfferLength::SHORTEST).unwrap_or(now);
        let Ok(to_come) = TimeSlot::new(asked_at.max(span.starts_at()), span.ends_at()) else {
            return Ok(Found::Nothing);
        };
        let hours = directory.rules().patient_hours;
        let starts = entry.window.starts(clock, hours, to_come);
        if starts.is_empty() {
            return Ok(Found::Nothing);
        }
        let period = (to_come.starts_at(), to_come.ends_at().min(just_after(entry.window.latest)));
        let patient = ToTreat { state: entry.state, payer: entry.payer_id, kind: entry.shape.kind };
        let candidates = match provider_id.or(entry.provider_id) {
            Some(id) => Candidates::asked_provider(directory, id, patient, period),
            None => Candidates::who_may_treat(directory, patient, period),
        };
        let Ok(mut candidates) = candidates else { return Ok(Found::Nothing) };
        let length = entry.shape.length.duration();
        let unwanted = entry.unwanted().filter_map(|slot| overlapping_starts(slot, length));
        let mut passed_over: Vec<TimeSlot> = unwanted.chain(gone.iter().copied()).collect();
        if let Some(id) = entry.instead_of {
            let visit = appointments::find(self.db().read(), id).await?;
            let Some(visit) = visit.filter(|visit| !is_not_to_move(visit, now)) else {
                return Ok(Found::NoVisit);
            };
            passed_over.extend(its_start(visit.slot));
            let Ok(visit) = movable(visit, now) else { return Ok(Found::Later) };
            candidates = candidates.but_for_the_patient(&visit);
        }
        let mut starts = without(starts, &merge(passed_over));
        // What they have otherwise that is in the way is read only for those for whom there is anything.
        for patient in [None, Some(entry.patient_id)] {
            if let Some(id) = patient {
                let offered = waitlist::offered_to(self.db().read(), id, now).await?;
                let offered = offered.into_iter();
                let claimed = offered.filter_map(|slot| overlapping_starts(slot, length));
                starts = without(starts, &merge(claimed.collect()));
            }
            let wish = WaitingWish { patient, shape: entry.shape, starts: &starts, asked_at };
            let found = self.parts.search.first_for_waiting(&candidates, wish, *moment).await?;
            match found.first() {
                None => return Ok(Found::Nothing),
                Some(first) if patient.is_some() => {
                    return Ok(Found::Time(first.provider_id, first.slot));
                }
                Some(_) => {}
            }
        }
        Ok(Found::Nothing)
    }

    /// Offers one who waits the first time that is free in all of their window; where others who joined before fit
    /// it, these come first.
    pub(super) async fn offer_at_once(&self, place: EventPosition) -> Result<(), StoreError> {
        for _round in 0..ROUNDS {
            let waiters = Arc::clone(&self.who_waits().await?.waiters);
            let Some(waiter) = waiters.get(&place).filter(|waiter| waiter.is_waiting()) else {
                return Ok(());
            };
            let mut lookout = self.lookout().await?;
            let Some(all) = self.all_to_come(&lookout.directory) else { return Ok(()) };
            let found = self.first_time(&lookout, waiter, ((None, all), &[])).await?;
            let Some((provider_id, slot)) = found else { return Ok(()) };
            let time = (provider_id, around(slot));
            self.fill(&mut lookout, time, (&waiters, Some(place))).await?;
        }
        Ok(())
    }

    /// All starts that can be booked now.
    pub(super) fn all_to_come(&self, directory: &Directory) -> Option<TimeSlot> {
        let now = self.now();
        TimeSlot::new(now, just_after(directory.horizon_ends_at(now))).ok()
    }
}

/// What was done for one of those who wait. What is wrong with them alone is logged, and keeps nobody else from what is
/// free.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub(super) fn of_one<T>(
    id: WaitlistEntryId,
    done: Result<T, Refusal>,
) -> Result<Option<T>, StoreError> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(Refusal::Store(error)) if !matches!(error, StoreError::Internal(_)) => Err(error),
        Err(refusal) => {
            let code = refusal.code().as_str();
            tracing::error!(waitlist.entry = %id, code, "Could not look after {id}, who waits");
            Ok(None)
        }
    }
}

/// The starts of visits of that length that would overlap the slot.
fn overlapping_starts(slot: TimeSlot, length: SignedDuration) -> Option<TimeSlot> {
    let touching = slot.starts_at().checked_sub(length).ok()?;
    TimeSlot::new(just_after(touching), slot.ends_at()).ok()
}

/// The one start of a slot.
fn its_start(slot: TimeSlot) -> Option<TimeSlot> {
    TimeSlot::new(slot.starts_at(), just_after(slot.starts_at())).ok()
}

/// Whether a visit is none any more that could move: it has ended otherwise, or has begun.
pub(super) fn is_not_to_move(visit: &Appointment, now: Timestamp) -> bool {
    visit.status.is_final() || visit.has_begun(now)
}

/// The starts of all visits that may be in the way of each other with one in that slot.
pub(super) fn around(slot: TimeSlot) -> TimeSlot {
    let from = slot.starts_at().saturating_sub(LONGEST_VISIT).unwrap_or(Timestamp::MIN);
    TimeSlot::new(from, slot.ends_at()).unwrap_or(slot)
}
