//! The mocked service's memory.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::faults::{Dice, Fate, Faults, FaultsError};
use super::ledger::Ledger;

/// Why a mock could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum MockOpenError {
    /// The faults ordered are not possible.
    #[error(transparent)]
    Faults(#[from] FaultsError),
    /// The ledger file could not be read or written, or is not a ledger.
    #[error("the mocked scheduling service's ledger cannot be used")]
    Ledger(#[source] io::Error),
}

/// The mocked service's memory and its present faults.
pub struct MockScheduler {
    ledger: Mutex<Ledger>,
    dice: Mutex<Dice>,
    token: Option<String>,
}

impl MockScheduler {
    /// A mock that keeps its bookings in the `ledger` file, or only in memory without one.
    ///
    /// Several mocks, also of several processes, may share one file: each sees what the others
    /// booked. Reads the whole file before it returns.
    ///
    /// # Errors
    ///
    /// [`MockOpenError`] when the file cannot be opened, read or locked, when one of its whole
    /// lines is not the mock's own, or when a rate is not between 0 and 1.
    pub fn open(ledger: Option<&Path>, faults: Faults) -> Result<Self, MockOpenError> {
        faults.check()?;
        let ledger = Ledger::open(ledger).map_err(MockOpenError::Ledger)?;
        Ok(Self { ledger: Mutex::new(ledger), dice: Mutex::new(Dice::new(faults)), token: None })
    }

    /// Asks every call about appointments for this bearer token.
    #[must_use]
    pub fn asking_for(self, token: Option<String>) -> Self {
        Self { token, ..self }
    }

    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The id of the appointment made first of those that stand, but for `own`.
    pub(super) fn another_than(&self, own: &str) -> Option<String> {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let book = ledger.read().ok()?;
        book.standing_ids().find(|id| *id != own).map(str::to_owned)
    }

    pub(super) fn fate(&self) -> Fate {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner).throw()
    }

    pub(super) fn faults(&self) -> Faults {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner).faults().clone()
    }

    pub(super) fn replace_faults(&self, faults: Faults) {
        *self.dice.lock().unwrap_or_else(PoisonError::into_inner) = Dice::new(faults);
    }

    /// Works on the ledger, one at a time, off the runtime's own threads: the file's lock may be
    /// held by another process. The work is finished even if its caller goes away.
    pub(super) async fn with_ledger<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Ledger) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let mock = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            work(&mut mock.ledger.lock().unwrap_or_else(PoisonError::into_inner))
        });
        done.await.map_err(io::Error::other)?
    }
}
