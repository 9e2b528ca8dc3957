//! Who waits, in memory: read whole once, then what has changed.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard, Notify};

use crate::booking::Booking;
use crate::db::{StoreError, patients, waitlist};
use crate::domain::{
    EventPosition, PatientClock, PatientId, TimeSlot, WaitlistEntry, WaitlistEntryId,
    WaitlistStatus,
};
use crate::search::Glance;

/// How many changes are read at once.
const READ_AT_ONCE: u64 = 500;

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
        window.earliest < span.ends_at() && span.starts_at() <= window.latest
    }
}

/// Those who wait or are offered something, in the order of joining.
pub(super) type Waiters = BTreeMap<WaitlistEntryId, Arc<Waiter>>;

/// Who waits, as it was read last, and what wakes who looks for times.
#[derive(Default)]
pub(in crate::booking) struct Waiting {
    memory: Mutex<Memory>,
    pub(super) wake: Notify,
}

#[derive(Default)]
pub(super) struct Memory {
    /// All changes up to this one are in it.
    position: EventPosition,
    pub(super) waiters: Arc<Waiters>,
    /// For whom a time is to be looked for in all of their window.
    pub(super) anew: BTreeSet<WaitlistEntryId>,
    /// Everybody's time when it was last looked at.
    pub(super) glance: Option<Glance>,
}

impl Booking {
    /// What is known of who waits, with all that was committed before.
    pub(super) async fn who_waits(&self) -> Result<MutexGuard<'_, Memory>, StoreError> {
        let mut memory = self.waiting.memory.lock().await;
        loop {
            let read = self.db().read();
            let changed = waitlist::changed_after(read, memory.position, READ_AT_ONCE).await?;
            let is_all = changed.len() < usize::try_from(READ_AT_ONCE).unwrap_or(usize::MAX);
            if !changed.is_empty() {
                let ids: Vec<PatientId> = changed.iter().map(|entry| entry.patient_id).collect();
                let known = patients::find_many(read, &ids).await?;
                let waiter = |entry: WaitlistEntry| {
                    let patient = known.get(&entry.patient_id);
                    let zone = patient.and_then(|patient| patient.time_zone.as_deref());
                    Waiter { clock: PatientClock::of(entry.state, zone), entry }
                };
                memory.take_over(changed.into_iter().map(waiter));
            }
            if is_all {
                return Ok(memory);
            }
        }
    }
}

impl Memory {
    fn take_over(&mut self, changed: impl Iterator<Item = Waiter>) {
        let waiters = Arc::make_mut(&mut self.waiters);
        for waiter in changed {
            let id = waiter.entry.id;
            self.position = self.position.max(waiter.entry.position);
            if waiter.is_waiting() {
                self.anew.insert(id);
            } else {
                self.anew.remove(&id);
            }
            if waiter.entry.is_over() {
                waiters.remove(&id);
            } else {
                waiters.insert(id, Arc::new(waiter));
            }
        }
    }

    /// Has a time looked for in all of their window for these patients, one of whose visits is gone.
    pub(super) fn look_anew_for(&mut self, patients: &HashSet<PatientId>) {
        let theirs = self
            .waiters
            .values()
            .filter(|waiter| waiter.is_waiting() && patients.contains(&waiter.entry.patient_id));
        self.anew.extend(theirs.map(|waiter| waiter.entry.id));
    }
}
