//! Whether what keeps the book right is in force, as it was last seen. Clones share it.
//!
//! Reading the whole of it is for the start, for each minute and for `/readyz`
//! ([`integrity`](super::integrity)). In between each transaction that claims time asks, in the
//! statement by which it takes its locks, whether the constraints are still those that were read.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::error::StoreError;

/// What is known of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    seen: Mutex<Seen>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Seen {
    wrong: Vec<String>,
    /// What tells the constraints that were read from any others; not known before the first look.
    mark: Option<String>,
}

impl Rules {
    /// Notes what a look has come to; says so in the log where that is news.
    pub(super) fn seen(&self, wrong: &[String], mark: Option<String>) {
        let mut seen = self.lock();
        if wrong == seen.wrong {
            // As it was.
        } else if !wrong.is_empty() {
            tracing::error!(
                "No booking is taken: the database lacks what keeps bookings apart: {}. Restore it \
                 as the migrations make it; bookings are taken again within seconds after that",
                wrong.join("; ")
            );
        } else {
            tracing::warn!("The database has again what keeps bookings apart: bookings are taken");
        }
        let count = u32::try_from(wrong.len()).unwrap_or(u32::MAX);
        metrics::gauge!("clinic_database_rules_missing").set(f64::from(count));
        *seen = Seen { wrong: wrong.to_vec(), mark };
    }

    /// Whether they are in force, as far as is known.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        if self.lock().wrong.is_empty() { Ok(()) } else { Err(not_in_force()) }
    }

    /// Whether the constraints are still those that were read, in the session that asks.
    pub(super) fn check_mark(&self, mark: Option<&str>) -> Result<(), StoreError> {
        let seen = self.lock();
        match &seen.mark {
            // Found since the transaction began.
            _ if !seen.wrong.is_empty() => Err(not_in_force()),
            Some(read) if mark != Some(read) => {
                self.0.changed.notify_one();
                Err(not_in_force())
            }
            _ => Ok(()),
        }
    }

    /// Resolves when a transaction has seen that they changed.
    pub(super) async fn changed(&self) {
        self.0.changed.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_in_force() -> StoreError {
    StoreError::Unavailable("what keeps bookings apart is missing or was changed".to_owned())
}
