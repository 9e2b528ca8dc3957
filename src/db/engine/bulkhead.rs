//! Bulkheads: who waits for a lock of the database waits on a connection, and however many do,
//! others have some left.
//!
//! Of the connections of `PostgreSQL` a quarter is kept for reading, and at most a quarter may be
//! in use for one provider's time; whoever else wants that queues here, in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use uuid::Uuid;

use super::error::StoreError;

/// As long as for a free connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who may use how many connections.
#[derive(Debug)]
pub(super) struct Bulkhead {
    writers: Arc<Semaphore>,
    a_quarter: usize,
    owners: Mutex<HashMap<Uuid, Arc<Semaphore>>>,
}

/// The right to wait on a connection for what belongs to one owner, until it is dropped.
#[derive(Debug)]
pub struct Room {
    _held: Option<OwnersRoom>,
}

#[derive(Debug)]
struct OwnersRoom {
    bulkhead: Arc<Bulkhead>,
    owner: Uuid,
    permit: Option<OwnedSemaphorePermit>,
}

impl Room {
    /// Where nobody waits on a connection: on `SQLite`.
    pub(super) const UNLIMITED: Self = Self { _held: None };
}

impl Bulkhead {
    pub(super) fn new(connections: u32) -> Self {
        let connections = usize::try_from(connections).unwrap_or(Semaphore::MAX_PERMITS);
        let a_quarter = connections / 4;
        Self {
            writers: Arc::new(Semaphore::new((connections - a_quarter).max(1))),
            a_quarter: a_quarter.max(1),
            owners: Mutex::default(),
        }
    }

    /// The right to write on a connection.
    pub(super) async fn writer(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        permit(&self.writers, "too many write at once").await
    }

    /// The right to wait for what belongs to `owner`.
    pub(super) async fn room(self: &Arc<Self>, owner: Uuid) -> Result<Room, StoreError> {
        // From here on it is in the list for as long as anybody waits or works.
        let mut room = OwnersRoom { bulkhead: Arc::clone(self), owner, permit: None };
        let places = {
            let mut owners = self.owners();
            let places = owners.entry(owner);
            Arc::clone(places.or_insert_with(|| Arc::new(Semaphore::new(self.a_quarter))))
        };
        room.permit = Some(permit(&places, "too many wait for one provider").await?);
        Ok(Room { _held: Some(room) })
    }

    fn owners(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<Semaphore>>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OwnersRoom {
    fn drop(&mut self) {
        drop(self.permit.take());
        let mut owners = self.bulkhead.owners();
        // Who waits or works has a clone.
        if owners.get(&self.owner).is_some_and(|places| Arc::strong_count(places) == 1) {
            owners.remove(&self.owner);
        }
    }
}

async fn permit(
    places: &Arc<Semaphore>,
    too_many: &str,
) -> Result<OwnedSemaphorePermit, StoreError> {
    let unavailable = || StoreError::Unavailable(too_many.to_owned());
    match timeout(PATIENCE, Arc::clone(places).acquire_owned()).await {
        Ok(Ok(permit)) => Ok(permit),
        Ok(Err(_closed)) => Err(unavailable()),
        Err(_elapsed) => Err(unavailable()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::{Bulkhead, StoreError};

    #[tokio::test(start_paused = true)]
    async fn a_quarter_may_wait_for_one_and_others_are_not_in_the_way() {
        let bulkhead = Arc::new(Bulkhead::new(8));
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let first = bulkhead.room(one).await.unwrap();
        let _second = bulkhead.room(one).await.unwrap();
        let third = bulkhead.room(one).await;
        assert!(matches!(third, Err(StoreError::Unavailable(_))), "{third:?}");
        let _other = bulkhead.room(other).await.unwrap();
        drop(first);
        bulkhead.room(one).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_gone_is_forgotten() {
        let bulkhead = Arc::new(Bulkhead::new(4));
        let room = bulkhead.room(Uuid::from_u128(1)).await.unwrap();
        assert!(bulkhead.room(Uuid::from_u128(1)).await.is_err());
        drop(room);
        assert!(bulkhead.owners().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn readers_keep_a_quarter() {
        let bulkhead = Bulkhead::new(8);
        let mut writers = Vec::new();
        for _ in 0..6 {
            writers.push(bulkhead.writer().await.unwrap());
        }
        assert!(bulkhead.writer().await.is_err());
        assert!(Bulkhead::new(1).writer().await.is_ok());
    }
}
