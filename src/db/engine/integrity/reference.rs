//! What the migrations make, asked of the engine that is at hand: they are run where nobody sees it.

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, TransactionTrait as _};

use super::definitions::{self, Definitions};
use crate::db::engine::database::Db;
use crate::db::engine::error::StoreError;
use crate::db::engine::kind::Engine;

/// Once a process; none where that can't be, as for a role that may make no schema.
pub(super) async fn made(db: &Db) -> Option<&Definitions> {
    let made = db.reference.get_or_try_init(|| async {
        match db.engine() {
            Engine::Postgres => on_postgres(db).await,
            Engine::Sqlite => on_sqlite().await,
        }
    });
    let unknown = |error: &StoreError| {
        tracing::info!(%error, "Could not ask the database what the migrations would make");
    };
    made.await.inspect_err(unknown).ok()
}

/// In a schema of its own, in a transaction that is rolled back.
async fn on_postgres(db: &Db) -> Result<Definitions, StoreError> {
    let tx = db.write().begin().await?;
    let schema = format!("clinic_reference_{}", std::process::id());
    let begin = format!(
        "SET LOCAL statement_timeout = '60s';
         CREATE SCHEMA {schema};
         SELECT set_config('search_path', '{schema}, ' || current_setting('search_path'), true);"
    );
    tx.execute_unprepared(&begin).await?;
    Migrator::up(&tx, None).await?;
    let made = definitions::read(&tx).await?.definitions;
    tx.rollback().await?;
    Ok(made)
}

/// In memory.
async fn on_sqlite() -> Result<Definitions, StoreError> {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1).sqlx_logging(false);
    let memory = Database::connect(options).await?;
    Migrator::up(&memory, None).await?;
    let made = definitions::read(&memory).await?.definitions;
    memory.close().await?;
    Ok(made)
}
