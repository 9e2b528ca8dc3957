//! The life of a server: one list of what works in the background, and one deadline for its end.
//!
//! A worker never ends by itself. One that does, or panics, is seen at once: it is logged, counted
//! (`clinic_worker_failures_total`), told by `/readyz` while it is away, and begun anew (ADR 17).

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

/// Until a worker that has ended begins anew, the first time; twice as long each time after.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A worker that was at work for so long has recovered: its next end is a first one again.
const RECOVERED_AFTER: Duration = Duration::from_mins(1);

/// Tells when to stop: it turns true, or whoever would turn it is gone.
pub type Stop = watch::Receiver<bool>;

/// Everything that works in the background of a server.
pub struct Workers {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    health: WorkerHealth,
}

/// Which workers are not at work. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct WorkerHealth(Arc<Mutex<BTreeSet<&'static str>>>);

impl WorkerHealth {
    /// The names of those that have ended and not begun anew yet, in order.
    pub fn down(&self) -> Vec<&'static str> {
        self.names().iter().copied().collect()
    }

    fn set(&self, name: &'static str, at_work: bool) {
        let mut down = self.names();
        if at_work {
            down.remove(name);
        } else {
            down.insert(name);
        }
    }

    fn names(&self) -> MutexGuard<'_, BTreeSet<&'static str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Workers {
    fn default() -> Self {
        let stop = watch::Sender::new(false);
        Self { stop, tasks: JoinSet::new(), health: WorkerHealth::default() }
    }
}

impl Workers {
    /// More of them, which are told to stop apart from the others and share their health.
    pub fn beside(others: &Self) -> Self {
        Self { health: others.health(), ..Self::default() }
    }

    /// Which of them are not at work.
    pub fn health(&self) -> WorkerHealth {
        self.health.clone()
    }

    /// Starts a worker, which works until it is told to stop. `begin` begins it, also anew.
    pub fn start<Work>(&mut self, name: &'static str, begin: impl Fn(Stop) -> Work + Send + 'static)
    where
        Work: Future<Output = ()> + Send + 'static,
    {
        metrics::counter!("clinic_worker_failures_total", "worker" => name).increment(0);
        let (health, stop) = (self.health.clone(), self.stop.subscribe());
        self.tasks.spawn(keep_at_work(name, begin, health, stop));
    }

    /// Tells all of them to stop, and waits until they have, or until `deadline`: what is at work
    /// then is cut off.
    pub async fn stop(mut self, deadline: Instant) {
        self.stop.send_replace(true);
        let all_ended = async { while self.tasks.join_next().await.is_some() {} };
        if timeout_at(deadline, all_ended).await.is_err() {
            tracing::warn!("Some workers did not stop in time");
        }
    }
}

async fn keep_at_work<Work>(
    name: &'static str,
    begin: impl Fn(Stop) -> Work,
    health: WorkerHealth,
    mut stop: Stop,
) where
    Work: Future<Output = ()>,
{
    let mut pause = FIRST_PAUSE;
    loop {
        let begun_at = Instant::now();
        let ended = AssertUnwindSafe(begin(stop.clone())).catch_unwind().await;
        if is_told(&stop) {
            return;
        }
        health.set(name, false);
        metrics::counter!("clinic_worker_failures_total", "worker" => name).increment(1);
        if begun_at.elapsed() >= RECOVERED_AFTER {
            pause = FIRST_PAUSE;
        }
        let how = if ended.is_err() { "panicked" } else { "ended" };
        tracing::error!(worker = name, "The worker {name} {how}; it begins anew in {pause:?}");
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
        health.set(name, true);
    }
}

fn is_told(stop: &Stop) -> bool {
    *stop.borrow() || stop.has_changed().is_err()
}

#[cfg(test)]
mod tests;
