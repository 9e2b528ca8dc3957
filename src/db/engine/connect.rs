//! Connecting: one set of pools for each engine, with the limits that keep a request short.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{FutureExt, join_all, select_ok};
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sea_orm::sqlx::{ConnectOptions as _, Connection as _};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, RuntimeErr, sqlx};
use tokio::time::timeout;

use super::ahead::Ahead;
use super::bulkhead::Bulkhead;
use super::connect_error::{ConnectError, unreachable};
use super::database::Db;
use super::database_file;
use super::owners_only;
use super::pool::Pool;
use super::postgres_session;
use super::rules::Rules;
#[cfg(unix)]
use super::send_at_once;
use super::shared_commit::Writer;
use super::signs::Signs;
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
impl Db {
    /// Connects to `url` (`sqlite://…` or `postgres://…`) with at most `max_connections`
    /// connections (for reading, on `SQLite`).
    ///
    /// # Errors
    ///
    /// [`ConnectError`], without the URL, which may hold a password.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, ConnectError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::connect_to_postgres(url, max_connections).await
        } else if url.starts_with("sqlite:") {
            Self::connect_to_sqlite(url, max_connections).await
        } else {
            Err(ConnectError::UnknownEngine)
        }
    }
    async fn connect_to_postgres(url: &str, max_connections: u32) -> Result<Self, ConnectError> {
        let (watched, signs) = (StatementWatch::default(), Signs::default());
        let connect = async |connections: u32| {
            let mut options = common(url, connections);
            options.map_sqlx_postgres_opts(postgres_session::set);
            look_at_suspects(&mut options, &signs);
            #[cfg(unix)]
            send_at_once::each_connection(&mut options, url);
            options.connect_lazy(true);
            Database::connect(options).await.map_err(unreachable(url))
        };
        let mut pool = connect(max_connections).await?;
        let apart = connect(1).await?;
        match open(&pool, OPENED_AT_ONCE.min(max_connections)).await {
            Ok(Some(schemas)) => {
                for pool in [&pool, &apart] {
                    postgres_session::stay_in(&schemas, pool);
                }
            }
            Ok(None) => {}
            Err(error) => return Err(unreachable(url)(why_not(&pool).await.unwrap_or(error))),
        }
        watched.watch(&mut pool);
        let pool = Pool::new(pool, signs.clone());
        Ok(Self {
            write: pool.clone(),
            read: pool,
            apart: Pool::new(apart, signs.clone()),
            watched,
            signs,
            rules: Rules::default(),
            ahead: Ahead::default(),
            writer: None,
            bulkhead: Some(Arc::new(Bulkhead::new(max_connections))),
            reference: Arc::default(),
        })
    }

    async fn connect_to_sqlite(url: &str, max_connections: u32) -> Result<Self, ConnectError> {
        let (watched, signs) = (StatementWatch::default(), Signs::default());
        let file = database_file::of_url(url);
        if let Some(file) = &file {
            if url.contains("mode=rwc") {
                owners_only::make(file);
            }
            owners_only::warn_unless_owners_only(file);
        }
        let rules = file.as_deref().map_or_else(Rules::default, Rules::in_file);
        let connect = async |options: ConnectOptions| {
            Database::connect(options).await.map_err(unreachable(url))
        };
        let mut options = sqlite(url, 1, WRITER_CACHE);
        if file.is_some() {
            leave_behind_what_is_in_a_transaction(&mut options);
            tell_of_each_connection(&mut options, &rules);
        }
        let mut write = connect(options).await?;
        watched.watch(&mut write);
        let (read, apart) = if file.is_some() {
            let mut options = sqlite(url, max_connections, READER_CACHE);
            leave_behind_what_is_in_a_transaction(&mut options);
            let mut read = connect(options).await?;
            watched.watch(&mut read);
            let mut options = sqlite(url, 1, READER_CACHE);
            leave_behind_what_is_in_a_transaction(&mut options);
            options.connect_lazy(true);
            (read, connect(options).await?)
        } else {
            // Another connection would see another database.
            (write.clone(), write.clone())
        };
        let (alone, watching, noting) = (file.is_none(), watched.clone(), signs.clone());
        let writer = Writer::new(write.clone(), alone, watching, noting, rules.clone());
        Ok(Self {
            write: Pool::new(write, signs.clone()),
            read: Pool::new(read, signs.clone()),
            apart: Pool::new(apart, signs.clone()),
            watched,
            signs,
            rules,
            ahead: Ahead::default(),
            writer: Some(Arc::new(writer)),
            bulkhead: None,
            reference: Arc::default(),
        })
    }
}

/// What a server says that lets nobody in: the pool keeps that to itself, and tries until its time is
/// up.
async fn why_not(pool: &DatabaseConnection) -> Option<DbErr> {
    let options = pool.get_postgres_connection_pool().connect_options();
    let refused = timeout(ACQUIRE_TIMEOUT, options.connect()).await.ok()?.err()?;
    Some(DbErr::Conn(RuntimeErr::SqlxError(refused.into())))
}

/// Where one connection has died others may have, without a word: those are asked before they are
/// used, and so is whether their triggers fire. A ping before each use would cost a round trip.
fn look_at_suspects(options: &mut ConnectOptions, signs: &Signs) {
    let signs = signs.clone();
    options.map_sqlx_postgres_before_acquire(move |connection, meta| {
        let suspect = signs.is_suspect(meta.age);
        async move {
            if !suspect {
                return Ok(true);
            }
            let fit = "SELECT current_setting('session_replication_role') <> 'replica'";
            let answer = sqlx::query_scalar::<_, bool>(fit).fetch_one(connection).await;
            // Whatever is wrong with it, another one is opened.
            Ok(answer.unwrap_or(false))
        }
        .boxed()
    });
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

/// For as long as the connection lives that writes, what `SQLite` keeps beside the file is the same. So
/// it lives for as long as it can, and whoever looks at those files hears of the next.
fn tell_of_each_connection(options: &mut ConnectOptions, rules: &Rules) {
    let rules = rules.clone();
    options.map_sqlx_sqlite_pool_opts(move |options: SqlitePoolOptions| {
        let rules = rules.clone();
        options.max_lifetime(None).idle_timeout(None).after_connect(move |_connection, _meta| {
            if let Some(file) = rules.file() {
                file.opened_anew();
            }
            async { Ok(()) }.boxed()
        })
    });
}

/// Opens connections, all at the same time; answers where they look for their tables.
///
/// With TLS each takes some 90 ms even on one machine: sqlx 0.9.0 leaves Nagle's algorithm on
/// (mended there, and not released yet), so that two steps of the handshake each wait for an
/// acknowledgement that is delayed by 40 ms. Opened one after the other, whenever somebody needed
/// one more, they were most of a start.
async fn open(pool: &DatabaseConnection, count: u32) -> Result<Option<String>, DbErr> {
    let pool = pool.get_postgres_connection_pool();
    let opening = (0..count).map(|_| pool.acquire().boxed());
    let failed = |error: sqlx::Error| DbErr::Conn(RuntimeErr::SqlxError(error.into()));
    let (mut first, others) = select_ok(opening).await.map_err(failed)?;
    let schemas = postgres_session::schemas(&mut first).await.map_err(failed)?;
    // Whoever needs one that is still on its way opens yet another, and waits for longer. But one
    // is enough: a server that has no more to give is no reason not to start.
    drop(timeout(PATIENCE_FOR_MORE, join_all(others)).await);
    Ok(schemas)
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
            // Made before, for its owner alone: one that goes missing is not made anew.
            .create_if_missing(false)
            .pragma("cache_size", cache)
            // All rows are collected anyway: the thread of the connection need not wait for us to
            // take the first of them.
            .row_buffer_size(ROWS_AHEAD)
    });
    options
}
