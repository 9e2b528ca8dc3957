//! Whether what keeps the book right is in force, as it was last seen. Clones share it.
//!
//! Reading the whole of it is for the start, for each minute and for `/readyz`
//! ([`integrity`](super::integrity)). In between each transaction that claims time asks whether they are
//! still those that were read: by the statement that takes its locks on `PostgreSQL`, by the number of the
//! schema on `SQLite`. And whoever writes there looks whether the file is still the one that is open.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::database_file::DatabaseFile;
use super::error::{FILE_LOST, StoreError};

/// What is known of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    seen: Mutex<Seen>,
    changed: Notify,
    /// On `SQLite`, unless it is in memory.
    file: Option<DatabaseFile>,
}

#[derive(Debug, Default)]
struct Seen {
    wrong: Vec<String>,
    /// What tells the constraints that were read from any others; not known before the first look.
    mark: Option<String>,
    /// What has become of the file, where it is not in its place.
    file_lost: Option<String>,
}

impl Rules {
    /// Those of a database in that file.
    pub(super) fn in_file(path: &Path) -> Self {
        Self(Arc::new(Shared { file: Some(DatabaseFile::new(path)), ..Shared::default() }))
    }

    /// The file they are in.
    pub(super) fn file(&self) -> Option<&DatabaseFile> {
        self.0.file.as_ref()
    }

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
        seen.wrong = wrong.to_vec();
        seen.mark = mark;
        seen.measure();
    }

    /// Whether they are in force, as far as is known.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.check_file()?;
        if self.lock().wrong.is_empty() { Ok(()) } else { Err(not_in_force()) }
    }

    /// Whether the file is still the one that is open; says so in the log where it is news that it is
    /// not.
    pub(super) fn check_file(&self) -> Result<(), StoreError> {
        let lost = self.file().and_then(DatabaseFile::lost);
        if lost.is_some() { self.file_seen(lost) } else { Ok(()) }
    }

    /// The same, and whether those beside it are, asked in a transaction of the connection that writes:
    /// only there it is known that all is well again.
    pub(super) fn check_files(&self) -> Result<(), StoreError> {
        self.file_seen(self.file().and_then(DatabaseFile::any_lost))
    }

    fn file_seen(&self, lost: Option<String>) -> Result<(), StoreError> {
        let mut seen = self.lock();
        if lost != seen.file_lost {
            if let Some(lost) = &lost {
                tracing::error!(
                    "Nothing is written any more: {lost} while it is open, so what is written would be \
                     gone with this process. Stop clinic by SIGTERM, and whatever else has the database \
                     open; put the file and its -wal back, or a backup; start again (docs/operating.md)"
                );
            } else {
                tracing::warn!("The file of the database is in its place again: it is written to");
            }
            seen.file_lost = lost;
            seen.measure();
        }
        if seen.file_lost.is_none() { Ok(()) } else { Err(file_lost()) }
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

impl Seen {
    fn measure(&self) {
        let count = self.wrong.len() + usize::from(self.file_lost.is_some());
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        metrics::gauge!("clinic_database_rules_missing").set(f64::from(count));
    }
}

fn file_lost() -> StoreError {
    StoreError::Unavailable(FILE_LOST.to_owned())
}

fn not_in_force() -> StoreError {
    StoreError::Unavailable("what keeps bookings apart is missing or was changed".to_owned())
}
