//! The use cases: the only place that opens transactions and orders effects. Knows neither of
//! the two doors.

mod book;
mod calls;
mod cancel;
mod check;
pub mod command;
mod directory;
pub mod error;
pub mod events;
mod find_slots;
mod held;
mod hold;
mod matching;
mod offers;
pub mod outbox;
pub mod reconcile;
mod replay;
mod reschedule;
mod settle;
mod under_way;
mod weeks;

pub use command::{
    BookAppointment, CancelAppointment, Field, IdempotencyKey, RescheduleAppointment, Violation,
    When,
};
pub use error::{BookingError, ErrorCode};
pub use find_slots::{Offer, Search, Whose};
pub use matching::payer_named;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::RwLock;
use tracing::Instrument as _;

use crate::db::{Db, StoreError};
use crate::domain::availability::OfferGrid;
use crate::domain::{Appointment, Clock};
use crate::scheduling::SchedulingClient;

/// Who asks. History, the scope of idempotency keys and permissions hang on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Tells one caller from another; never a person's name.
    pub scope: String,
}

impl Actor {
    /// Whoever has not said who they are.
    pub fn anonymous() -> Self {
        Self { scope: "anonymous".to_owned() }
    }

    /// Whoever holds the API token.
    pub fn token_holder() -> Self {
        Self { scope: "token".to_owned() }
    }
}

/// The clinic's own rules, all of them settings.
#[derive(Debug, Clone)]
pub struct BookingRules {
    /// How far ahead a visit may start.
    pub horizon: SignedDuration,
    /// Which times are offered.
    pub grid: OfferGrid,
    /// How long a request waits for the scheduling service.
    pub answer_within: Duration,
    /// How long a time is held for a booking that the scheduling service does not answer.
    pub hold_for: SignedDuration,
    /// How long whoever settles an appointment has it for itself.
    pub lease: SignedDuration,
}

/// What a use case answers: the appointment as it now is.
#[derive(Clone)]
pub struct Outcome {
    /// The appointment.
    pub appointment: Appointment,
    /// Whether this repeats the answer to an earlier request with the same key.
    pub replayed: bool,
}

/// The use cases of booking, over one database and one scheduling service.
pub struct BookingService {
    db: Db,
    scheduling: Arc<dyn SchedulingClient>,
    clock: Arc<dyn Clock>,
    rules: BookingRules,
    /// Read-locked by whatever settles on after its caller's patience has ended.
    settling: Arc<RwLock<()>>,
    changes: events::Changes,
    cached: directory::Cached,
    remembered: held::Remembered,
    under_way: under_way::UnderWay,
}

impl BookingService {
    /// The service over its parts.
    pub fn new(
        db: Db,
        scheduling: Arc<dyn SchedulingClient>,
        clock: Arc<dyn Clock>,
        rules: BookingRules,
    ) -> Self {
        Self {
            db,
            scheduling,
            clock,
            rules,
            settling: Arc::default(),
            changes: events::Changes::default(),
            cached: directory::Cached::default(),
            remembered: held::Remembered::default(),
            under_way: under_way::UnderWay::default(),
        }
    }

    /// The database it works on.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The clinic's rules.
    pub fn rules(&self) -> &BookingRules {
        &self.rules
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Waits until nothing is being settled any more that a request has begun.
    pub async fn all_settled(&self) {
        drop(self.settling.write().await);
    }

    /// The last moment at which a visit may start.
    pub fn horizon_ends_at(&self, now: Timestamp) -> Timestamp {
        now.saturating_add(self.rules.horizon).unwrap_or(Timestamp::MAX)
    }
}

/// Runs a use case on a task of its own, so that a caller who hangs up cannot leave it half done.
///
/// # Errors
///
/// Those of the use case; [`BookingError::Store`] when it panicked.
pub async fn on_its_own_task(
    use_case: impl Future<Output = Result<Outcome, BookingError>> + Send + 'static,
) -> Result<Outcome, BookingError> {
    tokio::spawn(use_case.in_current_span()).await.unwrap_or_else(|_panicked| {
        Err(BookingError::Store(StoreError::Internal("a use case panicked".to_owned())))
    })
}
