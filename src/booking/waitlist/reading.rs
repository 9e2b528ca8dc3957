//! Reading who waits: all of them once, then what has changed.

use tokio::sync::MutexGuard;

use super::memory::{Memory, Waiter};
use crate::booking::Booking;
use crate::db::{StoreError, patients, waitlist};
use crate::domain::{PatientClock, PatientId, WaitlistEntry};

/// How many changes are read at once.
const READ_AT_ONCE: u64 = 500;

impl Booking {
    /// What is known of who waits, with all that was committed before.
    pub(super) async fn who_waits(&self) -> Result<MutexGuard<'_, Memory>, StoreError> {
        let mut memory = self.waiting.memory.lock().await;
        if !memory.is_begun {
            // What is over by now need not be known.
            let read = self.db().read();
            let end = waitlist::last(read).await?;
            let open = waitlist::open(read).await?;
            memory.begin(self.waiters(open).await?, end);
        }
        loop {
            let read = self.db().read();
            let changed = waitlist::changed_after(read, memory.position, READ_AT_ONCE).await?;
            let is_all = changed.len() < usize::try_from(READ_AT_ONCE).unwrap_or(usize::MAX);
            if !changed.is_empty() {
                let changed = self.waiters(changed).await?;
                memory.take_over(changed);
            }
            if is_all {
                return Ok(memory);
            }
        }
    }

    /// These entries, each with the clock that its patient lives by.
    async fn waiters(&self, entries: Vec<WaitlistEntry>) -> Result<Vec<Waiter>, StoreError> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<PatientId> = entries.iter().map(|entry| entry.patient_id).collect();
        let known = patients::find_many(self.db().read(), &ids).await?;
        let waiter = |entry: WaitlistEntry| {
            let patient = known.get(&entry.patient_id);
            let zone = patient.and_then(|patient| patient.time_zone.as_deref());
            Waiter { clock: PatientClock::of(entry.state, zone), entry }
        };
        Ok(entries.into_iter().map(waiter).collect())
    }
}
