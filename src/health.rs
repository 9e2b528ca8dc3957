//! How the server itself is: whether it can serve, and what waits. For those who run it.

use std::sync::Arc;

use crate::access::Actor;
use crate::db::{Db, migrations, outbox};
use crate::domain::Clock;
use crate::lifecycle::WorkerHealth;

/// Tells how the server is.
pub struct Health {
    db: Db,
    clock: Arc<dyn Clock>,
    workers: WorkerHealth,
}

/// Why the server should get no requests just now, in words for whoever runs it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unready {
    /// The database does not answer.
    #[error("The database does not answer")]
    Database,
    /// The database has not the schema that this version needs.
    #[error("The database lacks migrations: run clinic migrate up")]
    Migrations,
    /// Something that works in the background has ended, and not begun anew yet.
    #[error("Not at work: {}", .0.join(", "))]
    Workers(Vec<&'static str>),
}

impl Health {
    /// The health of a server over a database, with its workers.
    pub fn new(db: Db, clock: Arc<dyn Clock>, workers: WorkerHealth) -> Self {
        Self { db, clock, workers }
    }

    /// Whether the server can serve.
    ///
    /// # Errors
    ///
    /// [`Unready`].
    pub async fn check(&self) -> Result<(), Unready> {
        let down = self.workers.down();
        if !down.is_empty() {
            return Err(Unready::Workers(down));
        }
        let migrations = migrations::status(&self.db).await.map_err(|error| {
            tracing::warn!(%error, "Not ready: the database does not answer");
            Unready::Database
        })?;
        let complete = migrations.iter().all(|migration| migration.applied);
        if complete { Ok(()) } else { Err(Unready::Migrations) }
    }

    /// Brings the gauges up to date that tell what waits to be settled outside, for `actor`.
    pub async fn measure_backlog(&self, _actor: &Actor) {
        let Ok((count, oldest)) = outbox::backlog(self.db.read()).await else { return };
        let due_for = oldest.map(|oldest| self.clock.now().duration_since(oldest).as_secs_f64());
        metrics::gauge!("clinic_outbox_backlog")
            .set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
        metrics::gauge!("clinic_outbox_oldest_seconds").set(due_for.unwrap_or_default().max(0.0));
    }
}
