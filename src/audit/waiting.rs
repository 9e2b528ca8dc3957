//! A row on its way to the task that writes it.

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::db::StoreError;
use crate::domain::audit::AuditEntry;

/// How many rows may wait. With more nothing is answered that needs one.
pub(super) const LONGEST_QUEUE: usize = 10_000;
/// How many of them may be of events that are told to followers: as many as are written together, twice. They
/// wait longer than others, and must not keep those waiting.
pub(super) const PLACES_OF_FOLLOWERS: usize = 512;
/// Tells whoever waits for a row what came of it.
pub(super) type Done = oneshot::Sender<Result<(), StoreError>>;

/// A row that waits, and who waits for it.
pub(super) struct Waiting {
    pub(super) entry: AuditEntry,
    pub(super) done: Option<Done>,
    /// That it waits with so many others and no more, where it is an event's.
    pub(super) place: Option<OwnedSemaphorePermit>,
}

/// A row that is on its way.
pub struct Receipt(pub(super) Promise);

impl Receipt {
    /// For what shows nothing of anybody.
    pub fn none() -> Self {
        Self(Promise::None)
    }
}

/// When it is written.
pub(super) enum Promise {
    /// Nobody has to wait for it.
    None,
    /// When this is told.
    Told(oneshot::Receiver<Result<(), StoreError>>),
    /// Whoever waits writes it, for there is no task that would.
    ToWrite(Box<AuditEntry>),
}

/// Whatever kept a row from being written: what it should tell can't be done just now.
pub(super) fn not_written(error: StoreError) -> StoreError {
    match error {
        StoreError::Internal(cause) => {
            StoreError::Unavailable(format!("the audit trail can't be written: {cause}"))
        }
        error => error,
    }
}
