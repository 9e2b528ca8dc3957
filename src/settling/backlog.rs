//! What is not settled, for whoever runs the server: listing it, and having it tried at once.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use crate::access::{Actor, Forbidden};
use crate::db::outbox::{self, Waiting};
use crate::db::{Db, Ending, StoreError};
use crate::domain::next_step::{NextStep, next_step};
use crate::domain::time_slot::rfc3339;
use crate::domain::{AppointmentId, Clock};

/// What waits to be settled. Nobody has to be asked for it, the scheduling service neither.
pub struct Backlog {
    db: Db,
    clock: Arc<dyn Clock>,
}

/// What waits could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum BacklogError {
    /// It is for whoever runs the server.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An appointment that is not settled. Tells nobody's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsettled {
    /// Which.
    pub appointment_id: AppointmentId,
    /// Where it stands here.
    pub status: &'static str,
    /// What the scheduling service is owed.
    pub owed: &'static str,
    /// Calls that may have reached the service.
    pub attempts: i32,
    /// Since when it waits.
    pub since: Timestamp,
    /// When it is tried next; none while somebody is at it.
    pub next_try: Option<Timestamp>,
    /// What the last try came to.
    pub last_error: Option<String>,
}

impl fmt::Display for Unsettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { appointment_id, status, owed, attempts, .. } = self;
        let since = rfc3339(self.since);
        write!(f, "{appointment_id}  {status}  to {owed}  {attempts} attempts  since {since}")?;
        match self.next_try {
            Some(next_try) => write!(f, "  next try {}", rfc3339(next_try))?,
            None => write!(f, "  being tried")?,
        }
        self.last_error.iter().try_for_each(|error| write!(f, "  last: {error}"))
    }
}

impl Backlog {
    /// What waits in a database.
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Everything that waits, the oldest first, for `actor`.
    ///
    /// # Errors
    ///
    /// [`BacklogError`].
    pub async fn list(&self, actor: &Actor) -> Result<Vec<Unsettled>, BacklogError> {
        actor.require_machine()?;
        let now = self.clock.now();
        let waiting = outbox::list(self.db.read()).await?;
        Ok(waiting.into_iter().map(|waiting| unsettled(waiting, now)).collect())
    }

    /// Has one appointment tried at once, or everything that waits, for `actor`; says how many there
    /// were.
    ///
    /// # Errors
    ///
    /// [`BacklogError`].
    pub async fn release(
        &self,
        actor: &Actor,
        id: Option<AppointmentId>,
    ) -> Result<u64, BacklogError> {
        actor.require_machine()?;
        let now = self.clock.now();
        let release = |tx| async move { outbox::release(&tx, id, now).await.map(Ending::Commit) };
        Ok(self.db.transaction("outbox_release", release).await?)
    }
}

fn unsettled(waiting: Waiting, now: Timestamp) -> Unsettled {
    let Waiting { appointment, entry, since, due_at, last_error } = waiting;
    let owed = match next_step(&appointment, entry.unanswered_key.as_deref()) {
        NextStep::Reserve { .. } if appointment.is_undone_outside() => "ask what was booked",
        NextStep::Reserve { .. } => "book",
        NextStep::Move { .. } => "move",
        NextStep::Cancel { .. } => "cancel",
        NextStep::Close | NextStep::Nothing => "close",
    };
    let is_worked_on = entry.lease.is_some_and(|lease| lease.until > now);
    Unsettled {
        appointment_id: appointment.id,
        status: appointment.status.as_str(),
        owed,
        attempts: entry.attempts,
        since,
        next_try: (!is_worked_on).then_some(due_at),
        last_error,
    }
}
