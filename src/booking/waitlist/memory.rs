//! Who waits, in memory: read whole once, then what has changed.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use tokio::sync::{Mutex, Notify};

use crate::domain::{
    EventPosition, OfferOutcome, PatientClock, Provider, ProviderId, TimeSlot, WaitlistEntry,
    WaitlistOffer, WaitlistStatus,
};
use crate::search::Glance;

/// Somebody who waits, and the clock they live by.
#[derive(Debug, Clone)]
pub(super) struct Waiter {
    pub(super) entry: WaitlistEntry,
    pub(super) clock: PatientClock,
}

impl Waiter {
    pub(super) fn is_waiting(&self) -> bool {
        self.entry.status == WaitlistStatus::Waiting
    }

    /// Whether any start that will do lies in that span, as far as can be told without a calendar.
    pub(super) fn may_start_in(&self, span: TimeSlot) -> bool {
        let window = self.entry.window;
        self.is_waiting() && window.earliest < span.ends_at() && span.starts_at() <= window.latest
    }

    /// Whether it may be with that provider, as far as can be told without the day.
    pub(super) fn may_be_with(&self, provider: &Provider) -> bool {
        let entry = &self.entry;
        entry.provider_id.is_none_or(|asked| asked == provider.id)
            && provider.accepts(entry.payer_id)
            && provider.offers(entry.shape.kind)
    }
}

/// Those who wait or are offered something, in the order of joining.
pub(super) type Waiters = BTreeMap<EventPosition, Arc<Waiter>>;

/// Who waits, as it was read last, and what wakes who looks for times.
#[derive(Default)]
pub(in crate::booking) struct Waiting {
    pub(super) memory: Mutex<Memory>,
    pub(super) wake: Notify,
}

#[derive(Default)]
pub(super) struct Memory {
    /// Whether all who wait were read.
    pub(super) is_begun: bool,
    /// All changes up to this one are in it.
    pub(super) position: EventPosition,
    pub(super) waiters: Arc<Waiters>,
    /// For whom a time is to be looked for in all of their window.
    pub(super) anew: BTreeSet<EventPosition>,
    /// Times that were offered and came to nothing: others may fit them.
    pub(super) passed_on: Vec<(ProviderId, TimeSlot)>,
    /// Everybody's time when it was last looked at.
    pub(super) glance: Option<Glance>,
}

impl Waiting {
    /// Has a time looked for anew for each who waits.
    pub(super) async fn forget_looks(&self) {
        let mut memory = self.memory.lock().await;
        memory.glance = None;
        memory.look_anew_for(|_| true);
    }

    /// Has what is free by the next look compared with that one.
    pub(super) async fn look_back_to(&self, glance: Glance) {
        self.memory.lock().await.glance = Some(glance);
    }

    /// The last look, if there was one.
    pub(super) async fn take_last_look(&self) -> Option<Glance> {
        self.memory.lock().await.glance.take()
    }

    /// The times that came to nothing, and are to be offered to others.
    pub(super) async fn take_passed_on(&self) -> Vec<(ProviderId, TimeSlot)> {
        std::mem::take(&mut self.memory.lock().await.passed_on)
    }

    /// Has those times offered again.
    pub(super) async fn pass_on_again(&self, times: &[(ProviderId, TimeSlot)]) {
        self.memory.lock().await.passed_on.extend(times);
    }

    /// Has a time looked for again for those.
    pub(super) async fn look_again_for(&self, places: &[EventPosition]) {
        self.memory.lock().await.anew.extend(places);
    }
}

impl Memory {
    /// Takes over all who wait, as of that change.
    pub(super) fn begin(&mut self, all: Vec<Waiter>, end: EventPosition) {
        self.take_over(all);
        // A time is looked for anew for each.
        self.passed_on.clear();
        self.position = self.position.max(end);
        self.is_begun = true;
    }

    /// Takes over what has changed.
    pub(super) fn take_over(&mut self, changed: Vec<Waiter>) {
        let waiters = Arc::make_mut(&mut self.waiters);
        let mut not_claimed = HashSet::new();
        for waiter in changed {
            let place = waiter.entry.joined;
            self.position = self.position.max(waiter.entry.position);
            let came_to_nothing = |offer: &&WaitlistOffer| {
                !matches!(offer.outcome, None | Some(OfferOutcome::Accepted))
            };
            if let Some(offer) = waiter.entry.offers.last().filter(came_to_nothing) {
                self.passed_on.push((offer.provider_id, offer.slot));
                not_claimed.insert(waiter.entry.patient_id);
            }
            if waiter.is_waiting() {
                self.anew.insert(place);
            } else {
                self.anew.remove(&place);
            }
            if waiter.entry.is_over() {
                waiters.remove(&place);
            } else {
                waiters.insert(place, Arc::new(waiter));
            }
        }
        // What was offered to them was in the way of what else they wait for.
        if !not_claimed.is_empty() {
            self.look_anew_for(|waiter| not_claimed.contains(&waiter.entry.patient_id));
        }
    }

    /// Has a time looked for in all of their window for those of whom that is true.
    pub(super) fn look_anew_for(&mut self, whom: impl Fn(&Waiter) -> bool) {
        let waiting = self.waiters.values().filter(|waiter| waiter.is_waiting() && whom(waiter));
        self.anew.extend(waiting.map(|waiter| waiter.entry.joined));
    }

    /// Some of those for whom a time is to be looked for, who are then taken to be looked after.
    pub(super) fn take_some(&mut self, most: usize) -> Vec<EventPosition> {
        std::iter::from_fn(|| self.anew.pop_first()).take(most).collect()
    }
}
