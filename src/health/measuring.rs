//! The gauges that are read when they are asked for.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::timeout;

use super::Health;
use crate::access::Actor;
use crate::db::{StoreError, audit, outbox};

/// How long a database may take to answer. Prometheus waits for ten seconds, and wants the rest too.
const PATIENCE: Duration = Duration::from_secs(4);

/// What is told where nothing is known.
const UNKNOWN: f64 = f64::NAN;

impl Health {
    /// Brings the gauges up to date that are read when they are asked for, for `actor`: whether the server can serve,
    /// what waits to be settled outside or sealed, and who uses the database. What the database does not tell in time
    /// is no number then.
    pub async fn measure(&self, _actor: &Actor) {
        for connections in self.db.connections() {
            let (pool, in_use, limit) = (connections.pool, connections.in_use, connections.limit);
            metrics::gauge!("clinic_database_connections_in_use", "pool" => pool).set(in_use);
            metrics::gauge!("clinic_database_connections_limit", "pool" => pool).set(limit);
        }
        let ((), (), ()) =
            tokio::join!(self.measure_ready(), self.measure_backlog(), self.measure_unsealed());
    }

    async fn measure_ready(&self) {
        if timeout(PATIENCE, self.check()).await.is_err() {
            Self::tell_ready(false);
        }
    }

    async fn measure_backlog(&self) {
        let backlog = in_time(outbox::backlog(self.db.read())).await;
        let backlog = backlog.as_ref();
        tell("clinic_outbox_backlog", backlog.map(|backlog| number(backlog.count)));
        tell("clinic_outbox_failing", backlog.map(|backlog| number(backlog.failing)));
        tell("clinic_unsettled_outside", backlog.map(|backlog| number(backlog.ended)));
        let late = backlog.map(|backlog| self.seconds_since(backlog.oldest_due_at));
        tell("clinic_outbox_oldest_seconds", late);
        let waits = backlog.map(|backlog| self.seconds_since(backlog.waiting_since));
        tell("clinic_outbox_waiting_seconds", waits);
    }

    async fn measure_unsealed(&self) {
        let waiting = in_time(audit::waiting_for_seal(self.db.read())).await;
        tell("clinic_audit_unsealed", waiting.map(|waiting| number(waiting.count)));
        let waits = waiting.map(|waiting| self.seconds_since(waiting.since));
        tell("clinic_audit_unsealed_oldest_seconds", waits);
    }

    /// How long ago that was; no time at all where there is nothing that it could be said of.
    fn seconds_since(&self, since: Option<Timestamp>) -> f64 {
        let age = since.map(|since| self.clock.now().duration_since(since).as_secs_f64());
        age.unwrap_or_default().max(0.0)
    }
}

fn number(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn tell(gauge: &'static str, value: Option<f64>) {
    metrics::gauge!(gauge).set(value.unwrap_or(UNKNOWN));
}

/// What the database tells, if it does in time.
async fn in_time<T>(asked: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
    timeout(PATIENCE, asked).await.ok()?.ok()
}
