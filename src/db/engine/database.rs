//! A database that is ready for queries.

use std::sync::Arc;

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend,
    IsolationLevel, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::broadcast;

use super::error::StoreError;
use super::shared_commit::Writer;
use super::statement_watch::{DatabaseCommand, StatementWatch};
use super::tx::Tx;

/// The engine behind a [`Db`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The embedded default.
    Sqlite,
    /// Production.
    Postgres,
}

impl Engine {
    pub(in crate::db) fn of(conn: &impl ConnectionTrait) -> Self {
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
    watched: StatementWatch,
    /// On `SQLite`, where transactions share commits.
    writer: Option<Arc<Writer>>,
}

impl Db {
    pub(super) fn of_pools(
        write: DatabaseConnection,
        read: DatabaseConnection,
        watched: StatementWatch,
        writer: Option<Arc<Writer>>,
    ) -> Self {
        Self { write, read, watched, writer }
    }

    /// The connections for reading outside a transaction.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    pub(super) fn write(&self) -> &DatabaseConnection {
        &self.write
    }

    /// The engine behind it.
    pub fn engine(&self) -> Engine {
        Engine::of(&self.write)
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
        let tx = match &self.writer {
            Some(writer) => Tx::member(writer.begin().await?),
            None => Tx::own(self.write.begin().await?, self.watched.clone()),
        };
        self.watched.say(|| DatabaseCommand::Begin);
        Ok(tx)
    }

    /// Opens a transaction that reads: all its statements see one moment.
    pub(in crate::db) async fn snapshot(&self) -> Result<DatabaseTransaction, StoreError> {
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
    pub fn watch(&self) -> broadcast::Receiver<DatabaseCommand> {
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
