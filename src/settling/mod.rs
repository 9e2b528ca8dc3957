//! Agreeing with the outside: bringing each appointment and the scheduling service's book to say the
//! same, and comparing the two books.

mod asking;
mod backlog;
mod calls;
mod comparing;
mod ending;
mod record;
mod series;
mod settle;
mod work;
mod worker;

pub use backlog::{Backlog, BacklogError, Unsettled};
pub use comparing::{
    ComparisonError, ComparisonWalk, Difference, Finding, Mended, OurVisit, Remedy, Report, compare,
};
pub use work::{Handover, Names, tell};
pub use worker::settle_what_is_due;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::RwLock;
use tokio::time::Instant;

use crate::changes::Changes;
use crate::db::Db;
use crate::db::outbox::Lease;
use crate::domain::ids::uuid_at;
use crate::domain::next_step::ends_at;
use crate::domain::{Appointment, Clock, ProviderId};
use crate::roster::Roster;
use crate::scheduling::SchedulingClient;

/// How patient we are with the scheduling service; all of it settings.
#[derive(Debug, Clone)]
pub struct SettlingRules {
    /// How long a request waits for the scheduling service.
    pub answer_within: Duration,
    /// How long a time is held for a booking that the scheduling service does not answer.
    pub hold_for: SignedDuration,
    /// For how long after a call that was not answered the service may still act on it.
    pub late_for: SignedDuration,
    /// How long whoever settles an appointment has it for itself.
    pub lease: SignedDuration,
}

/// What settling works with.
pub struct SettlingParts {
    /// The database.
    pub db: Db,
    /// The scheduling service.
    pub scheduling: Arc<dyn SchedulingClient>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The log that every change goes through.
    pub changes: Arc<Changes>,
    /// Who works here: the service is told their names.
    pub roster: Arc<Roster>,
    /// How patient we are.
    pub rules: SettlingRules,
}

/// Agreeing with the scheduling service.
pub struct Settling {
    parts: SettlingParts,
    /// Read-locked by whatever settles on after its caller's patience has ended.
    under_way: Arc<RwLock<()>>,
}

impl Settling {
    /// Settling with its parts.
    pub fn new(parts: SettlingParts) -> Self {
        Self { parts, under_way: Arc::default() }
    }

    /// Whether a call about a visit with that provider would be made just now.
    pub fn is_available_for(&self, provider_id: ProviderId) -> bool {
        self.parts.scheduling.is_available_for(&provider_id.to_string())
    }

    /// Until when an appointment may wait for the scheduling service; `unanswered_key` is that of a call
    /// that may have made one outside.
    pub fn ends_at(
        &self,
        appointment: &Appointment,
        unanswered_key: Option<&str>,
    ) -> Option<Timestamp> {
        ends_at(appointment, unanswered_key, self.parts.rules.hold_for)
    }

    /// Until when the service may act on a call that is made now.
    pub fn late_until(&self) -> Timestamp {
        let now = self.now();
        now.saturating_add(self.parts.rules.late_for).unwrap_or(now)
    }

    /// How long a request waits for the scheduling service.
    pub fn answer_within(&self) -> Duration {
        self.parts.rules.answer_within
    }

    /// Until when a request waits that asks the scheduling service from now on.
    pub fn deadline(&self) -> Instant {
        Instant::now() + self.answer_within()
    }

    /// A lease for whoever begins to settle at `now`.
    pub fn new_lease(&self, now: Timestamp) -> Lease {
        let until = now.saturating_add(self.parts.rules.lease).unwrap_or(now);
        Lease { token: uuid_at(now), until }
    }

    /// Waits until nothing is being settled any more that a request has begun.
    pub async fn all_settled(&self) {
        drop(self.under_way.write().await);
    }

    fn db(&self) -> &Db {
        &self.parts.db
    }

    fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }
}
