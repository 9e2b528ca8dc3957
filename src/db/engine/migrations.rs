//! Schema migrations, under a lock: of two servers that start at once one migrates, one waits.

mod library;
mod loss;
mod plan;

pub use loss::Loss;
pub use plan::{Plan, PlannedMigration};

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use self::library::told;
use super::database::Db;
use super::error::StoreError;
use super::kind::Engine;
use super::rights;
use super::tx::Tx;

/// Names the lock among `PostgreSQL`'s advisory locks ("clinic" in ASCII).
const LOCK: i64 = 0x636c_696e_6963;

/// How often a change of the schema that keeps losing races is tried again: nobody waits for an
/// answer as a patient does, and whoever upgrades under load must get through.
const MOST_RETRIES: usize = 20;

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

/// Sets up by `work`, and again where that lost a race: the locks that it needs on whole tables can
/// close a circle with those of a server that is at work, and of the two the database may end this one.
async fn despite_servers<T, Fut>(work: impl FnMut() -> Fut) -> Result<T, StoreError>
where
    Fut: Future<Output = Result<T, StoreError>>,
{
    let pauses = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(50))
        .with_max_delay(Duration::from_secs(1))
        .with_jitter()
        .with_max_times(MOST_RETRIES);
    let told = |error: &StoreError, _: Duration| {
        tracing::warn!(%error, "A server that is at work was in the way; trying again");
    };
    work.retry(pauses).when(StoreError::is_contended).notify(told).await
}

/// The names of all migrations that this version knows, oldest first.
fn known() -> Vec<String> {
    Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect()
}

/// The names of those that are applied, oldest first. A database without their table has none.
async fn applied(conn: &impl ConnectionTrait) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT version FROM seaql_migrations ORDER BY version";
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    match conn.query_all_raw(statement).await.map_err(StoreError::from) {
        Ok(rows) => rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect(),
        Err(error) if error.is_missing_table() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Those that are applied and that this version does not know: a newer one has been here.
pub(super) async fn unknown(conn: &impl ConnectionTrait) -> Result<Vec<String>, StoreError> {
    let known = known();
    Ok(applied(conn).await?.into_iter().filter(|name| !known.contains(name)).collect())
}

fn of_a_newer_version(unknown: &[String]) -> StoreError {
    let (count, latest) = (unknown.len(), unknown.last().cloned().unwrap_or_default());
    StoreError::NotSetUp(format!(
        "it was set up by a newer version of clinic: it has {count} migrations that this one ({}) does \
         not know, the latest {latest}. Run the newer version; or, to go back, take them back with \
         that one first: clinic migrate down -n {count}",
        env!("CARGO_PKG_VERSION"),
    ))
}

/// Applies the migrations that are pending; says how many there were.
///
/// # Errors
///
/// [`StoreError`] when the database fails or refuses; [`StoreError::NotSetUp`] when a newer version
/// has been here, or a right is lacking.
pub async fn up(db: &Db) -> Result<usize, StoreError> {
    // Nearly every start finds nothing to do, and needs no lock for that.
    let (known, applied) = (known(), applied(db.read()).await?);
    let unknown: Vec<String> =
        applied.iter().filter(|name| !known.contains(name)).cloned().collect();
    if !unknown.is_empty() {
        return Err(of_a_newer_version(&unknown));
    }
    if known.len() == applied.len() {
        return Ok(0);
    }
    if db.engine() == Engine::Postgres {
        rights::check(db.read()).await?;
    }
    despite_servers(|| apply(db)).await
}

async fn apply(db: &Db) -> Result<usize, StoreError> {
    let tx = begin_setup(db).await?;
    let pending = Migrator::get_pending_migrations(tx.conn()?).await.map_err(told)?.len();
    Migrator::up(tx.conn()?, None).await.map_err(told)?;
    tx.commit().await?;
    Ok(pending)
}

/// What [`up`] would do; it does nothing.
///
/// # Errors
///
/// [`StoreError`] when the database fails; [`StoreError::NotSetUp`] when a newer version has been here.
pub async fn plan(db: &Db) -> Result<Plan, StoreError> {
    is_not_newer(db).await?;
    Ok(Plan::after(db.engine(), &applied(db.apart()).await?))
}

/// Fails where a newer version has set up the database: this one does not know what is in it.
///
/// # Errors
///
/// [`StoreError::NotSetUp`]; [`StoreError`] when the database fails.
pub async fn is_not_newer(db: &Db) -> Result<(), StoreError> {
    let unknown = unknown(db.apart()).await?;
    if unknown.is_empty() { Ok(()) } else { Err(of_a_newer_version(&unknown)) }
}

/// What came of taking migrations back.
#[derive(Debug, PartialEq, Eq)]
pub enum TakenBack {
    /// It is done: so many.
    Done(usize),
    /// Nothing was changed, for so many rows would have gone, and another number was agreed to.
    Refused(Loss),
}

/// Takes back the latest `steps` migrations, or as many as there are. Where rows go by that, only if
/// exactly so many are `agreed` to.
///
/// # Errors
///
/// [`StoreError`] when the database fails or refuses.
pub async fn down(db: &Db, steps: u32, agreed: Option<u64>) -> Result<TakenBack, StoreError> {
    despite_servers(|| take_back(db, Some(steps), agreed)).await
}

/// Takes back every migration and applies them all: an empty database. Where rows go by that, only
/// if exactly so many are `agreed` to.
///
/// # Errors
///
/// [`StoreError`] when the database fails or refuses.
pub async fn fresh(db: &Db, agreed: Option<u64>) -> Result<TakenBack, StoreError> {
    despite_servers(|| take_back(db, None, agreed)).await
}

async fn take_back(
    db: &Db,
    steps: Option<u32>,
    agreed: Option<u64>,
) -> Result<TakenBack, StoreError> {
    is_not_newer(db).await?;
    let tx = begin_setup(db).await?;
    let before = Migrator::get_applied_migrations(tx.conn()?).await.map_err(told)?.len();
    let loss = loss::measure(&tx, steps).await?;
    if loss.rows() > 0 && agreed != Some(loss.rows()) {
        tx.roll_back().await?;
        return Ok(TakenBack::Refused(loss));
    }
    Migrator::down(tx.conn()?, steps).await.map_err(told)?;
    if steps.is_none() {
        Migrator::up(tx.conn()?, None).await.map_err(told)?;
    }
    let after = Migrator::get_applied_migrations(tx.conn()?).await.map_err(told)?.len();
    tx.commit().await?;
    Ok(TakenBack::Done(if steps.is_none() { before } else { before - after }))
}

/// Every migration, oldest first: those of this version, and those of a newer one that are applied.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn status(db: &Db) -> Result<Vec<MigrationStatus>, StoreError> {
    let applied = applied(db.apart()).await?;
    let known = known();
    let of_known = known
        .iter()
        .map(|name| MigrationStatus { name: name.clone(), applied: applied.contains(name) });
    let newer = applied.iter().filter(|name| !known.contains(name));
    let newer = newer.map(|name| MigrationStatus { name: name.clone(), applied: true });
    Ok(of_known.chain(newer).collect())
}
