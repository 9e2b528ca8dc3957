//! A raw connection: sqlx alone, with prepared statements, set up as the server sets up its own.

use std::str::FromStr as _;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous,
};
use sea_orm::sqlx::{ConnectOptions as _, raw_sql};

use crate::Trouble;
use crate::database::{Engine, Store};

/// A connection to either engine.
pub(crate) enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// The same for both engines, written once: `$conn` is the connection of that engine.
macro_rules! on {
    ($raw:expr, $conn:ident => $work:expr) => {
        match $raw {
            Raw::Sqlite($conn) => $work,
            Raw::Postgres($conn) => $work,
        }
    };
}
pub(crate) use on;

impl Raw {
    pub(crate) async fn open(store: &Store) -> Result<Self, Trouble> {
        Ok(match store.engine {
            Engine::Sqlite => Self::Sqlite(
                SqliteConnectOptions::from_str(&store.url)?
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .foreign_keys(true)
                    .disable_statement_logging()
                    .connect()
                    .await?,
            ),
            Engine::Postgres => Self::Postgres(
                PgConnectOptions::from_str(&store.url)?
                    .disable_statement_logging()
                    .connect()
                    .await?,
            ),
        })
    }

    pub(crate) async fn begin(&mut self) -> Result<(), Trouble> {
        match self {
            Self::Sqlite(conn) => raw_sql("BEGIN IMMEDIATE").execute(conn).await.map(drop)?,
            Self::Postgres(conn) => raw_sql("BEGIN").execute(conn).await.map(drop)?,
        }
        Ok(())
    }

    pub(crate) async fn commit(&mut self) -> Result<(), Trouble> {
        on!(self, conn => raw_sql("COMMIT").execute(conn).await.map(drop)?);
        Ok(())
    }

    pub(crate) async fn rollback(&mut self) -> Result<(), Trouble> {
        on!(self, conn => raw_sql("ROLLBACK").execute(conn).await.map(drop)?);
        Ok(())
    }
}
