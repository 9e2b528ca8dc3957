//! How the server itself is: whether it can serve, and what waits. For those who run it.

mod measuring;

use std::sync::{Arc, Mutex as SyncMutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::db::{Db, StoreError, integrity, migrations, unwatched};
use crate::domain::Clock;
use crate::lifecycle::{Stop, WorkerHealth};

/// Tells how the server is.
pub struct Health {
    db: Db,
    clock: Arc<dyn Clock>,
    workers: WorkerHealth,
    /// What the last look at the database came to, and when it began.
    latest: Mutex<Option<(Instant, Result<(), Unready>)>>,
    /// Why it is not ready, and when the log was told.
    told: SyncMutex<Option<(Unready, Instant)>>,
}

/// How often the log is told the same: whoever asks may ask each second.
const TOLD_EVERY: Duration = Duration::from_mins(1);

/// Why the server should get no requests just now, in words for whoever runs it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unready {
    /// The database does not answer.
    #[error("The database does not answer")]
    Database,
    /// The file of the database is not the one that is open.
    #[error("The file of the database was deleted or replaced; the log says what to do")]
    File,
    /// The database has not the schema that this version needs.
    #[error("The database lacks migrations: run clinic migrate up")]
    Migrations,
    /// The database answers, and would not take a write.
    #[error("The database would take no writes; the log says why")]
    TakesNoWrites,
    /// What keeps the book right is missing, switched off or changed.
    #[error("The database lacks what keeps bookings apart: {}", .0.join("; "))]
    Rules(Vec<String>),
    /// Something that works in the background has ended, and not begun anew yet.
    #[error("Not at work: {}", .0.join(", "))]
    Workers(Vec<&'static str>),
}

impl Health {
    /// The health of a server over a database, with its workers.
    pub fn new(db: Db, clock: Arc<dyn Clock>, workers: WorkerHealth) -> Self {
        Self { db, clock, workers, latest: Mutex::default(), told: SyncMutex::default() }
    }

    /// Whether the server can serve.
    ///
    /// # Errors
    ///
    /// [`Unready`].
    pub async fn check(&self) -> Result<(), Unready> {
        let answer = self.checked().await;
        Self::tell_ready(answer.is_ok());
        answer
    }

    fn tell_ready(is_ready: bool) {
        metrics::gauge!("clinic_ready").set(f64::from(u8::from(is_ready)));
    }

    async fn checked(&self) -> Result<(), Unready> {
        let down = self.workers.down();
        if !down.is_empty() {
            return Err(Unready::Workers(down));
        }
        let asked_at = Instant::now();
        // One looks at a time, and for all who asked before it began.
        let mut latest = self.latest.lock().await;
        if let Some((began, answer)) = latest.as_ref()
            && *began >= asked_at
        {
            return answer.clone();
        }
        let began = Instant::now();
        let answer = self.look(self.db.takes_writes()).await;
        *latest = Some((began, answer.clone()));
        answer
    }

    async fn look(
        &self,
        takes_writes: impl Future<Output = Result<(), StoreError>>,
    ) -> Result<(), Unready> {
        // What is found says itself what it is, where it is the file.
        self.db.check_file().map_err(|_told| Unready::File)?;
        let migrations = migrations::status(&self.db).await;
        let migrations = migrations.map_err(|error| self.tell(Unready::Database, &error))?;
        if !migrations.iter().all(|migration| migration.applied) {
            return Err(Unready::Migrations);
        }
        takes_writes.await.map_err(|error| {
            if error.is_file_lost() {
                return Unready::File;
            }
            self.tell(Unready::TakesNoWrites, &error)
        })?;
        let missing = integrity::check_apart(&self.db).await;
        let missing = missing.map_err(|error| self.tell(Unready::Database, &error))?;
        if !missing.is_empty() {
            return Err(Unready::Rules(missing));
        }
        *self.told() = None;
        Ok(())
    }

    /// Tells the log why the server is not ready, once and then each minute.
    fn tell(&self, unready: Unready, error: &StoreError) -> Unready {
        let mut told = self.told();
        let known = told.as_ref();
        if !known.is_some_and(|(it, at)| *it == unready && at.elapsed() < TOLD_EVERY) {
            tracing::error!(%error, "Not ready: {unready}");
            *told = Some((unready.clone(), Instant::now()));
        }
        unready
    }

    fn told(&self) -> MutexGuard<'_, Option<(Unready, Instant)>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at the database again and again, whether or not anybody asks, until `stop` turns true or
/// nobody is left to turn it: `every` so often, at once when a transaction has seen that something
/// changed, and sooner while something is wrong. Compares this `machine`'s clock with its own, too.
pub async fn watch(health: Arc<Health>, machine: Arc<dyn Clock>, every: Duration, mut stop: Stop) {
    let mut pause = every;
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = health.db.rules_changed() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        // Without an answer what was known stays; what is wrong is told by what follows.
        let look = async {
            drop(health.db.compare_clocks(machine.as_ref()).await);
            health.look(health.db.proves_to_take_writes()).await.is_ok()
        };
        let well = Box::pin(unwatched(look)).await;
        pause = if well { every } else { every / 20 };
    }
}
