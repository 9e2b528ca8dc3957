//! The database, and the only place that names SeaORM. Obeys: no rule of the domain is decided
//! here, and no transaction is opened but by `booking` (and by `roster`, which loads one file).

pub mod appointments;
pub mod busy;
mod connect;
pub mod directory;
mod entity;
mod error;
pub mod events;
mod group;
pub mod held;
pub mod idempotency;
pub mod integrity;
mod listener;
pub mod locks;
pub mod migrations;
pub mod outbox;
pub mod patients;
pub mod roster;
mod sent;
pub mod settled;
mod time;
mod tx;

pub use connect::ConnectError;
pub use error::StoreError;
pub use listener::Listener;
pub use sea_orm::ConnectionTrait as Connection;
pub use sent::Sent;
pub use tx::Tx;

use std::sync::Arc;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend,
    IsolationLevel, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::broadcast;

/// The engine behind a [`Db`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The embedded default.
    Sqlite,
    /// Production.
    Postgres,
}

impl Engine {
    fn of(conn: &impl ConnectionTrait) -> Self {
        match conn.get_database_backend() {
            DbBackend::Postgres => Self::Postgres,
            _ => Self::Sqlite,
        }
    }
}

/// A database that is ready for queries.
///
/// `SQLite` has one writing connection, so that writers queue instead of failing, and several
/// reading ones; `PostgreSQL` has one pool for both.
#[derive(Debug, Clone)]
pub struct Db {
    write: DatabaseConnection,
    read: DatabaseConnection,
    watched: sent::Watched,
    /// On `SQLite`, where transactions share commits.
    writer: Option<Arc<group::Writer>>,
}

impl Db {
    /// The connections for reading outside a transaction.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// The engine behind it.
    pub fn engine(&self) -> Engine {
        Engine::of(&self.write)
    }

    /// Opens a transaction that may write. On `SQLite` it holds the write lock from the start
    /// (`BEGIN IMMEDIATE`): one that reads first and writes later fails at once under load. It may
    /// share that with others, of which it sees what they wrote, and their COMMIT (ADR 0014).
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when no connection can be had in time.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let tx = match &self.writer {
            Some(writer) => Tx::member(writer.begin().await?),
            None => Tx::own(self.write.begin().await?, self.watched.clone()),
        };
        self.watched.say(|| Sent::Begin);
        Ok(tx)
    }

    /// Opens a transaction that reads: all its statements see one moment.
    async fn snapshot(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = match self.engine() {
            Engine::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
                ..Default::default()
            },
            Engine::Postgres => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..Default::default()
            },
        };
        Ok(self.read.begin_with_options(options).await?)
    }

    /// Everything that is sent to the database from now on, by anybody through this [`Db`].
    pub fn watch(&self) -> broadcast::Receiver<Sent> {
        self.watched.subscribe()
    }

    /// Closes the connections, waiting for those in use.
    pub async fn close(&self) {
        for pool in [&self.read, &self.write] {
            if let Err(error) = pool.close_by_ref().await {
                tracing::warn!(error = %StoreError::from(error), "Could not close a database pool");
            }
        }
    }
}

/// One page of a list that is ordered by a key, counted from one end of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Page<K> {
    /// Only what comes after this key.
    pub after: Option<K>,
    /// Only what comes before this key.
    pub before: Option<K>,
    /// How many at most.
    pub limit: u64,
    /// Count from the end of the list instead of from its start; the order stays.
    pub backward: bool,
}

impl<K> Page<K> {
    /// The first `limit` of all.
    pub fn first(limit: u64) -> Self {
        Self { after: None, before: None, limit, backward: false }
    }
}

impl<K: Ord> Page<K> {
    /// This page of a list that is in memory, in the order of its keys.
    pub fn of<T>(
        &self,
        items: impl DoubleEndedIterator<Item = T>,
        key: impl Fn(&T) -> K,
    ) -> Vec<T> {
        let within = |item: &T| {
            self.after.as_ref().is_none_or(|after| key(item) > *after)
                && self.before.as_ref().is_none_or(|before| key(item) < *before)
        };
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let items = items.filter(within);
        if self.backward {
            let mut last: Vec<T> = items.rev().take(limit).collect();
            last.reverse();
            last
        } else {
            items.take(limit).collect()
        }
    }
}

/// Commits.
///
/// # Errors
///
/// [`StoreError::CommitUnknown`] when the connection was lost on the way: the transaction may or
/// may not have taken effect, and only reading back on another connection tells.
pub async fn commit(tx: Tx) -> Result<(), StoreError> {
    tx.commit().await
}

/// Runs a whole transaction again, up to three times, when it merely lost a race.
///
/// `operation` starts from scratch each time: nothing that a lost try has read may be kept.
///
/// # Errors
///
/// Those of `operation`.
pub async fn retrying<T, E, F, Fut>(operation: F, lost_a_race: fn(&E) -> bool) -> Result<T, E>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    let pauses = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(5))
        .with_max_delay(Duration::from_millis(50))
        .with_jitter()
        .with_max_times(3);
    operation.retry(pauses).when(lost_a_race).await
}
