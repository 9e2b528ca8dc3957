//! One clock for all replicas: that of their database.
//!
//! Leases, due times and deadlines are instants in rows, written by one replica and judged by
//! another. Where a machine's clock is wrong, the time that its rows would be too far in the future
//! others would have to wait.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sea_orm::{ConnectionTrait, Statement};

use super::ahead::Ahead;
use super::database::Db;
use super::error::StoreError;
use super::kind::Engine;
use crate::domain::Clock;

/// A clock of this machine, put right by the database's.
struct DatabaseClock {
    machine: Arc<dyn Clock>,
    ahead: Ahead,
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_millis(self.ahead.milliseconds());
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
        let theirs = theirs.map_err(|_out_of_range| StoreError::unreadable("clock"))?;
        self.ahead.seen(before, theirs, after);
        Ok(())
    }
}
