//! Schema migrations, under a lock: of two servers that start at once one migrates, one waits.

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use super::database::{Db, Engine};
use super::error::StoreError;
use super::tx::Tx;

/// What the library says of the migrations themselves, such as one that is applied and not known
/// here, is for the operator; it has read no rows but those of its own table.
fn told(error: DbErr) -> StoreError {
    match error {
        DbErr::Custom(text) | DbErr::Migration(text) => StoreError::Internal(text),
        other => other.into(),
    }
}

/// Names the lock among `PostgreSQL`'s advisory locks ("clinic" in ASCII).
const LOCK: i64 = 0x636c_696e_6963;

/// One migration and whether it is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its name.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

/// Opens a transaction that no other process can set up the database in at the same time.
///
/// On `SQLite` the write lock of the transaction is enough.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn begin_setup(db: &Db) -> Result<Tx, StoreError> {
    let tx = db.begin().await?;
    if db.engine() == Engine::Postgres {
        // Whoever waits here waits for a migration, which may take longer than a booking may.
        tx.execute_unprepared("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")
            .await?;
        let lock = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT pg_advisory_xact_lock($1)",
            [LOCK.into()],
        );
        tx.query_one_raw(lock).await?;
    }
    Ok(tx)
}

/// Applies the migrations that are pending; says how many there were.
///
/// # Errors
///
/// [`StoreError`] when the database fails or refuses.
pub async fn up(db: &Db) -> Result<usize, StoreError> {
    // Nearly every start finds nothing to do, and needs no lock for that.
    if Migrator::get_pending_migrations_read_only(db.read()).await.map_err(told)?.is_empty() {
        return Ok(0);
    }
    let tx = begin_setup(db).await?;
    let pending = Migrator::get_pending_migrations(tx.conn()?).await.map_err(told)?.len();
    Migrator::up(tx.conn()?, None).await.map_err(told)?;
    tx.commit().await?;
    Ok(pending)
}

/// Takes back the latest `steps` migrations, or as many as there are; says how many.
///
/// # Errors
///
/// [`StoreError`] when the database fails or refuses.
pub async fn down(db: &Db, steps: u32) -> Result<usize, StoreError> {
    let tx = begin_setup(db).await?;
    let before = Migrator::get_applied_migrations(tx.conn()?).await.map_err(told)?.len();
    Migrator::down(tx.conn()?, Some(steps)).await.map_err(told)?;
    let after = Migrator::get_applied_migrations(tx.conn()?).await.map_err(told)?.len();
    tx.commit().await?;
    Ok(before - after)
}

/// Takes back every migration and applies them all: an empty database.
///
/// # Errors
///
/// [`StoreError`] when the database fails or refuses.
pub async fn fresh(db: &Db) -> Result<(), StoreError> {
    let tx = begin_setup(db).await?;
    Migrator::down(tx.conn()?, None).await.map_err(told)?;
    Migrator::up(tx.conn()?, None).await.map_err(told)?;
    tx.commit().await
}

/// Every migration, oldest first.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn status(db: &Db) -> Result<Vec<MigrationStatus>, StoreError> {
    let migrations =
        Migrator::get_migration_with_status_read_only(db.read()).await.map_err(told)?;
    let status = migrations.iter().map(|migration| MigrationStatus {
        name: migration.name().to_owned(),
        applied: migration.status() == sea_orm_migration::MigrationStatus::Applied,
    });
    Ok(status.collect())
}
