//! A database that is ready for queries.

use std::sync::Arc;

use sea_orm::{
    AccessMode, DatabaseConnection, DatabaseTransaction, IsolationLevel, SqliteTransactionMode,
    TransactionOptions,
};
use tokio::sync::{OnceCell, broadcast};
use tokio::time::Instant;
use uuid::Uuid;

use super::ahead::Ahead;
use super::bulkhead::{Bulkhead, Room};
use super::error::StoreError;
use super::integrity::Definitions;
use super::kind::Engine;
use super::pool::Pool;
use super::rules::Rules;
use super::shared_commit::Writer;
use super::signs::Signs;
use super::statement_watch::{DatabaseCommand, StatementWatch};
use super::tx::{Own, Tx};

/// A database that is ready for queries.
///
/// `SQLite` has one writing connection, so that writers queue instead of failing, and several
/// reading ones; `PostgreSQL` has one pool for both. Apart from those one is kept for those who ask
/// how the database is, however busy it is.
#[derive(Debug, Clone)]
pub struct Db {
    pub(super) write: Pool,
    pub(super) read: Pool,
    pub(super) apart: Pool,
    pub(super) watched: StatementWatch,
    pub(super) signs: Signs,
    pub(super) rules: Rules,
    pub(super) ahead: Ahead,
    /// On `SQLite`, where transactions share commits.
    pub(super) writer: Option<Arc<Writer>>,
    /// On `PostgreSQL`, where writers may wait for one another on their connections.
    pub(super) bulkhead: Option<Arc<Bulkhead>>,
    /// What the migrations make, as this engine writes it: asked once, if at all.
    pub(super) reference: Arc<OnceCell<Definitions>>,
}

impl Db {
    /// The connections for reading outside a transaction.
    pub fn read(&self) -> &Pool {
        &self.read
    }

    /// The connection for those who ask how the database is.
    pub(super) fn apart(&self) -> &Pool {
        &self.apart
    }

    pub(super) fn write(&self) -> &DatabaseConnection {
        self.write.raw()
    }

    /// The engine behind it.
    pub fn engine(&self) -> Engine {
        Engine::of(&self.write)
    }

    /// The file of a database of `SQLite`, unless it is in memory.
    pub fn file(&self) -> Option<&std::path::Path> {
        self.rules.file().map(super::database_file::DatabaseFile::path)
    }

    /// Whether what keeps the book right was in force when it was looked last.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when it was not: no time may be claimed.
    pub fn check_rules(&self) -> Result<(), StoreError> {
        self.rules.check()
    }

    /// Whether the file of `SQLite` is still the one that is open.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when it was deleted or replaced: then nothing is written.
    pub fn check_file(&self) -> Result<(), StoreError> {
        self.rules.check_file()
    }

    /// Resolves when it is worth looking again whether they are in force: a transaction has seen that
    /// they changed.
    pub async fn rules_changed(&self) {
        self.rules.changed().await;
    }

    /// The right to wait on a connection for what belongs to one owner: at most a quarter of the
    /// connections may be in use for that, and others queue here, in memory.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when too many wait for too long.
    pub async fn room_for(&self, owner: Uuid) -> Result<Room, StoreError> {
        match &self.bulkhead {
            Some(bulkhead) => bulkhead.room(owner).await,
            None => Ok(Room::UNLIMITED),
        }
    }

    /// Opens a transaction that may write, for whoever ends it themselves; use cases call
    /// [`transaction`](Self::transaction).
    ///
    /// On `SQLite` it holds the write lock from the start (`BEGIN IMMEDIATE`): one that reads first
    /// and writes later fails at once under load. It may share that with others, of which it sees
    /// what they wrote, and their COMMIT (ADR 0014).
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when no connection can be had in time.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let tx = waited("write", self.begin_writing()).await?;
        self.watched.say(|| DatabaseCommand::Begin);
        Ok(tx)
    }

    async fn begin_writing(&self) -> Result<Tx, StoreError> {
        Ok(match &self.writer {
            Some(writer) => Tx::member(writer.begin().await?),
            None => {
                let permit = match &self.bulkhead {
                    Some(bulkhead) => Some(bulkhead.writer().await?),
                    None => None,
                };
                Tx::own(Own {
                    tx: self.write.begin(TransactionOptions::default()).await?,
                    watched: self.watched.clone(),
                    signs: self.signs.clone(),
                    rules: self.rules.clone(),
                    _permit: permit,
                })
            }
        })
    }

    /// Opens a transaction that reads: all its statements see one moment.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, StoreError> {
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
        waited("read", self.read.begin(options)).await
    }

    /// Everything that is sent to the database from now on, by anybody through this [`Db`].
    pub fn watch(&self) -> broadcast::Receiver<DatabaseCommand> {
        self.watched.subscribe()
    }

    /// Closes the connections, waiting for those in use.
    ///
    /// The one that writes goes last. On `SQLite` the last to close copies the write-ahead log into the
    /// file, and only the oldest connection surely has the log that everybody wrote to: one that was
    /// opened after somebody had deleted it has another, which is empty.
    pub async fn close(&self) {
        for pool in [&self.read, &self.apart, &self.write] {
            if let Err(error) = pool.raw().close_by_ref().await {
                tracing::warn!(error = %StoreError::from(error), "Could not close a database pool");
            }
        }
    }
}

/// Measures how long it takes until a transaction has begun, or could not in time.
async fn waited<T>(to: &'static str, begun: impl Future<Output = T>) -> T {
    let asked_at = Instant::now();
    let begun = begun.await;
    metrics::histogram!("clinic_database_begin_seconds", "to" => to).record(asked_at.elapsed());
    begun
}
