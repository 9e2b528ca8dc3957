//! Reading who waits: all of them once, then what has changed.

use tokio::sync::MutexGuard;

use super::memory::{Memory, Waiter};
use crate::booking::Booking;
use crate::db::{StoreError, patients, waitlist};
use crate::domain::{EventPosition, PatientClock, PatientId, WaitlistEntry};

/// How many changes are read at once.
const READ_AT_ONCE: u64 = 500;

impl Booking {
    /// What is known of who waits, with all that was committed before.
    pub(super) async fn who_waits(&self) -> Result<MutexGuard<'_, Memory>, StoreError> {
        let mut memory = self.waiting.memory.lock().await;
        let is_first = memory.position == EventPosition(0);
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
                if is_first {
                    // A time is looked for anew for each.
                    memory.passed_on.clear();
                }
                return Ok(memory);
            }
        }
    }
}
