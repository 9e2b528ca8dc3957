//! One clock for all replicas: that of their database.
//!
//! Leases, due times and deadlines are instants in rows, written by one replica and judged by
//! another. Where a machine's clock is wrong, the time that its rows would be too far in the future
//! others would have to wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use sea_orm::{ConnectionTrait, Statement};

use super::database::{Db, Engine};
use super::error::StoreError;
use crate::domain::Clock;

/// Less than this may be the way there and back; rows hold whole seconds.
const NOTICED_MS: i64 = 1000;
/// More than this is worth a line in the log.
const WORTH_TELLING_MS: i64 = 5000;

/// By how much the database's clock is ahead of this machine's, in milliseconds. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Ahead(Arc<AtomicI64>);

impl Ahead {
    /// Notes what the database's clock said between two looks at this machine's.
    pub(super) fn seen(&self, before: Timestamp, theirs: Timestamp, after: Timestamp) {
        let (before, after) = (before.as_millisecond(), after.as_millisecond());
        if after - before >= NOTICED_MS {
            // It was waited for, and nobody knows when within that time it was said.
            return;
        }
        let ours = before.midpoint(after);
        let (ahead, known) = (theirs.as_millisecond() - ours, self.0.load(Ordering::Relaxed));
        if (ahead - known).abs() < NOTICED_MS {
            return;
        }
        self.0.store(ahead, Ordering::Relaxed);
        if (ahead - known).abs() >= WORTH_TELLING_MS {
            let seconds = ahead / 1000;
            tracing::warn!(
                "The database's clock is {seconds} s ahead of this machine's, and counts: set \
                 whichever is wrong"
            );
        }
    }
}

/// A clock of this machine, put right by the database's.
struct DatabaseClock {
    machine: Arc<dyn Clock>,
    ahead: Ahead,
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_millis(self.ahead.0.load(Ordering::Relaxed));
        let now = self.machine.now();
        now.checked_add(ahead).unwrap_or(now)
    }

    fn tells_the_worlds_time(&self) -> bool {
        true
    }
}

impl Db {
    /// The clock to work by: the database's, on `PostgreSQL`, where replicas on several machines
    /// share it and `clock` is meant to tell the same time; else `clock` itself.
    pub fn clock(&self, clock: Arc<dyn Clock>) -> Arc<dyn Clock> {
        if self.engine() == Engine::Postgres && clock.tells_the_worlds_time() {
            Arc::new(DatabaseClock { machine: clock, ahead: self.ahead.clone() })
        } else {
            clock
        }
    }

    /// Asks the database's clock, and notes by how much `machine` differs from it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails: then what was known stays.
    pub async fn compare_clocks(&self, machine: &dyn Clock) -> Result<(), StoreError> {
        if self.engine() != Engine::Postgres || !machine.tells_the_worlds_time() {
            return Ok(());
        }
        let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
        let statement = Statement::from_string(self.read.get_database_backend(), sql);
        let before = machine.now();
        let row = self.read.query_one_raw(statement).await?;
        let after = machine.now();
        let row = row.ok_or_else(|| StoreError::unreadable("clock"))?;
        let theirs = Timestamp::from_millisecond(row.try_get_by_index(0)?);
        let theirs = theirs.map_err(|_| StoreError::unreadable("clock"))?;
        self.ahead.seen(before, theirs, after);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{Ahead, Ordering};

    #[test]
    fn what_the_way_takes_is_not_taken_for_a_difference() {
        let (ahead, now) = (Ahead::default(), Timestamp::UNIX_EPOCH);
        let known = || ahead.0.load(Ordering::Relaxed);
        ahead.seen(now, now + SignedDuration::from_millis(900), now);
        assert_eq!(known(), 0);
        let later = now + SignedDuration::from_millis(400);
        ahead.seen(now, now + SignedDuration::from_millis(288_200), later);
        assert_eq!(known(), 288_000);
        ahead.seen(now, now, now + SignedDuration::from_secs(5));
        assert_eq!(known(), 288_000, "an answer that was waited for tells nothing");
        // One that is slow is behind.
        ahead.seen(now, now - SignedDuration::from_secs(60), now);
        assert_eq!(known(), -60_000);
    }
}
