//! Connecting: one set of pools for each engine, with the limits that keep a request short.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{FutureExt, join_all, select_ok};
use sea_orm::sqlx::Connection as _;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, RuntimeErr};
use tokio::time::timeout;

use super::database::Db;
use super::error::StoreError;
use super::shared_commit::Writer;
use super::statement_watch::StatementWatch;

const ROWS_AHEAD: usize = 1000;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const PING_IF_IDLE_FOR: Duration = Duration::from_secs(30);
/// How many connections a start opens on `PostgreSQL`: those of the two workers that look at once
/// what there is to do, and that of the first request.
const OPENED_AT_ONCE: u32 = 3;
/// How long a start waits for the others once one is open.
const PATIENCE_FOR_MORE: Duration = Duration::from_millis(250);
/// `PRAGMA cache_size` of the writing connection on `SQLite`: what `SQLite` comes with, 2 MiB.
const WRITER_CACHE: &str = "-2000";
/// That of a reading one: 256 KiB. There are many, each keeps its pages for as long as it is open,
/// and the operating system keeps the file in memory anyway.
const READER_CACHE: &str = "-256";
/// What a statement, a lock and an idle transaction may take on `PostgreSQL`.
const POSTGRES_LIMITS: [(&str, &str); 3] = [
    ("lock_timeout", "2s"),
    ("statement_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "10s"),
];

/// The database can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Neither of the two engines.
    #[error("DATABASE_URL must begin with sqlite: or postgres:")]
    UnknownEngine,
    /// It could not be reached.
    #[error("cannot reach the database at {place}: {cause}; see DATABASE_URL")]
    Unreachable {
        /// Where it was looked for, without user and password.
        place: String,
        /// What was seen.
        cause: StoreError,
    },
}

impl Db {
    /// Connects to `url` (`sqlite://…` or `postgres://…`) with at most `max_connections`
    /// connections (for reading, on `SQLite`).
    ///
    /// # Errors
    ///
    /// [`ConnectError`], without the URL, which may hold a password.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, ConnectError> {
        let watched = StatementWatch::default();
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let mut options = common(url, max_connections);
            options.map_sqlx_postgres_opts(|options: PgConnectOptions| {
                options.options(POSTGRES_LIMITS)
            });
            options.connect_lazy(true);
            let mut pool = Database::connect(options).await.map_err(unreachable(url))?;
            let count = OPENED_AT_ONCE.min(max_connections);
            open(&pool, count).await.map_err(unreachable(url))?;
            watched.watch(&mut pool);
            Ok(Self::of_pools(pool.clone(), pool, watched, None))
        } else if url.starts_with("sqlite:") {
            let in_memory = url.contains(":memory:") || url.contains("mode=memory");
            let mut options = sqlite(url, 1, WRITER_CACHE);
            if !in_memory {
                leave_behind_what_is_in_a_transaction(&mut options);
            }
            let mut write = Database::connect(options).await.map_err(unreachable(url))?;
            watched.watch(&mut write);
            let read = if in_memory {
                // Another connection would see another database.
                write.clone()
            } else {
                let mut options = sqlite(url, max_connections, READER_CACHE);
                leave_behind_what_is_in_a_transaction(&mut options);
                let pool = Database::connect(options).await;
                let mut read = pool.map_err(unreachable(url))?;
                watched.watch(&mut read);
                read
            };
            let writer = Writer::new(write.clone(), in_memory, watched.clone());
            Ok(Self::of_pools(write, read, watched, Some(Arc::new(writer))))
        } else {
            Err(ConnectError::UnknownEngine)
        }
    }
}

/// After a full disk or the like `SQLite` rolls back by itself, and the driver goes on counting a
/// transaction as open: the next would begin inside it, and one that reads would see its moment for
/// ever. So such a connection is closed.
fn leave_behind_what_is_in_a_transaction(options: &mut ConnectOptions) {
    options.map_sqlx_sqlite_before_acquire(|connection, _idle| {
        let usable = !connection.is_in_transaction();
        Box::pin(async move { Ok(usable) })
    });
}

/// Opens connections, all at the same time.
///
/// With TLS each takes some 90 ms even on one machine: sqlx 0.9.0 leaves Nagle's algorithm on
/// (mended there, and not released yet), so that two steps of the handshake each wait for an
/// acknowledgement that is delayed by 40 ms. Opened one after the other, whenever somebody needed
/// one more, they were most of a start.
async fn open(pool: &DatabaseConnection, count: u32) -> Result<(), DbErr> {
    let pool = pool.get_postgres_connection_pool();
    let opening = (0..count).map(|_| pool.acquire().boxed());
    let opened = select_ok(opening).await;
    let (_first, others) =
        opened.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
    // Whoever needs one that is still on its way opens yet another, and waits for longer. But one
    // is enough: a server that has no more to give is no reason not to start.
    drop(timeout(PATIENCE_FOR_MORE, join_all(others)).await);
    Ok(())
}

fn unreachable(url: &str) -> impl Fn(sea_orm::DbErr) -> ConnectError {
    move |error| ConnectError::Unreachable {
        place: place(url),
        cause: match StoreError::from(error) {
            StoreError::Internal(code) if code.contains("3D000") => {
                StoreError::Unavailable("there is no database of this name".to_owned())
            }
            StoreError::Internal(code) if code.contains("28P01") || code.contains("28000") => {
                StoreError::Unavailable("user or password is not accepted".to_owned())
            }
            StoreError::Internal(code) if code == "configuration" => {
                StoreError::Internal("the URL or one of its parameters can't be read".to_owned())
            }
            StoreError::Unavailable(code) if code == "14" => {
                StoreError::Unavailable("the file can't be opened".to_owned())
            }
            cause => cause,
        },
    }
}

/// The URL without what is secret: user, password and parameters.
fn place(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    rest.split('?').next().unwrap_or_default().to_owned()
}

fn common(url: &str, max_connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(max_connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_timeout(ACQUIRE_TIMEOUT)
        // A ping before each query would cost a round trip; an idle connection may have died.
        .test_before_acquire_if_idle_for(PING_IF_IDLE_FOR)
        // Statements and their parameters hold patients' data.
        .sqlx_logging(false);
    options
}

fn sqlite(url: &str, max_connections: u32, cache: &'static str) -> ConnectOptions {
    let mut options = common(url, max_connections);
    options.map_sqlx_sqlite_opts(move |options: SqliteConnectOptions| {
        options
            .journal_mode(SqliteJournalMode::Wal)
            // An answer that was given survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
            .pragma("cache_size", cache)
            // All rows are collected anyway: the thread of the connection need not wait for us to
            // take the first of them.
            .row_buffer_size(ROWS_AHEAD)
    });
    options
}
