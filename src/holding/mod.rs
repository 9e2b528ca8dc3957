//! Holding a time for whoever may book it next, and releasing it. What is held is booked by `booking`, whose
//! visit the hold becomes.

mod attempt;
pub mod command;
mod hold;
mod release;
mod repeat;

pub use command::{HoldSlot, RawHold, ReleaseHold};
pub use repeat::{HeldOffer, HoldOutcome, ReleaseOutcome};

use std::sync::Arc;

use jiff::Timestamp;

use crate::access::{Actor, Caller};
use crate::audit::Trail;
use crate::db::Db;
use crate::domain::{Clock, HoldLimits};
use crate::roster::Roster;
use crate::search::Search;

/// What holding works with.
pub struct HoldingParts {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// How many times one caller may hold.
    pub limits: HoldLimits,
    /// Who works here.
    pub roster: Arc<Roster>,
    /// Where free time is found.
    pub search: Arc<Search>,
    /// Where every attempt is written down.
    pub trail: Arc<Trail>,
}

/// Holding and releasing times.
pub struct Holding {
    parts: HoldingParts,
}

impl Holding {
    /// Holding with its parts.
    pub fn new(parts: HoldingParts) -> Self {
        Self { parts }
    }

    fn db(&self) -> &Db {
        &self.parts.db
    }

    fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// How many times the caller may hold at once.
    fn most_of(&self, actor: &Actor) -> u32 {
        let HoldLimits { of_a_person, of_a_token } = self.parts.limits;
        if matches!(actor.caller, Caller::Person { .. }) { of_a_person } else { of_a_token }
    }
}
