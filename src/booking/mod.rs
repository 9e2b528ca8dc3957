//! Booking, cancelling and moving visits: the use cases that write. Each checks, holds, and hands
//! over to `settling`, which agrees with the scheduling service.

mod attempt;
mod book;
mod change;
pub mod command;
mod hold;
mod moving;
mod outcome;
mod patient;
mod plan;
mod replay;
mod series;
mod turns;
mod waitlist;

pub use change::visit_change::{Changer, VisitChange};
pub use command::{
    BookAppointment, BookSeries, CancelAppointment, CancelSeries, JoinWaitlist,
    ReassignAppointment, RescheduleAppointment, RescheduleSeries, SetVisitStatus,
    UpdateAppointment, WhichEntry,
};
pub use outcome::{Outcome, on_its_own_task};
pub use series::{SeriesAnswer, SeriesOutcome};
pub use waitlist::{WaitlistOutcome, keep_waitlist};

use std::sync::Arc;

use jiff::Timestamp;

use self::turns::ProviderTurns;
use self::waitlist::Waiting;
use crate::audit::Trail;
use crate::changes::Changes;
use crate::db::Db;
use crate::domain::{ClinicRules, Clock, OfferLength};
use crate::roster::Roster;
use crate::search::Search;
use crate::settling::Settling;

/// What booking works with.
pub struct BookingParts {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The clinic's rules.
    pub rules: ClinicRules,
    /// Who works here.
    pub roster: Arc<Roster>,
    /// Where free time is found.
    pub search: Arc<Search>,
    /// What agrees with the scheduling service.
    pub settling: Arc<Settling>,
    /// The log that every change goes through.
    pub changes: Arc<Changes>,
    /// Where every attempt is written down.
    pub trail: Arc<Trail>,
    /// For how long a time is offered to one who waits.
    pub offer_length: OfferLength,
    /// Whether there is no scheduling service, so that our book is the truth.
    pub nobody_outside: bool,
}

/// Booking, cancelling and moving visits.
pub struct Booking {
    parts: BookingParts,
    turns: ProviderTurns,
    waiting: Waiting,
}

impl Booking {
    /// Booking with its parts.
    pub fn new(parts: BookingParts) -> Self {
        Self { parts, turns: ProviderTurns::default(), waiting: Waiting::default() }
    }

    fn db(&self) -> &Db {
        &self.parts.db
    }

    fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }
}
