//! What a patient's link opens: one visit, or one offer of the waitlist, and what they may do there. A link is made when
//! a mail is sent; of its token a hash is kept. What is done goes through the use cases that everybody else's changes go
//! through, by a caller who may do that and nothing else. Why it is so is in ADR 45.

mod accepting;
mod acting;
mod making;
mod offered;
mod opening;
mod revoking;
mod rules;
mod token;

pub use accepting::Answered;
pub use making::PatientLink;
pub use opening::{Asking, OpenOffer, OpenVisit};
pub use revoking::RevokeVisitLink;
pub use rules::LinkRules;

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use crate::audit::Trail;
use crate::booking::Booking;
use crate::db::Db;
use crate::domain::Clock;
use crate::feeds::Feeds;
use crate::patients::Patients;
use crate::roster::Roster;
use crate::search::Search;

/// What patients' links work with.
pub struct LinkParts {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Cancels, moves, and takes what is offered.
    pub booking: Arc<Booking>,
    /// Says whether a patient is reminded.
    pub patients: Arc<Patients>,
    /// Finds the times that a visit may move to.
    pub search: Arc<Search>,
    /// Writes a visit for a calendar.
    pub feeds: Arc<Feeds>,
    /// Who works here.
    pub roster: Arc<Roster>,
    /// Where every attempt is written down.
    pub trail: Arc<Trail>,
    /// What patients may do, and where they ask.
    pub rules: LinkRules,
    /// The address that people type, without a slash at its end, where it is set.
    pub public_url: Option<String>,
    /// Where the server is to listen.
    pub address: SocketAddr,
}

/// What patients' links open.
pub struct Links {
    parts: LinkParts,
    listens_at: OnceLock<SocketAddr>,
}

impl Links {
    /// Links with their parts.
    pub fn new(parts: LinkParts) -> Self {
        Self { parts, listens_at: OnceLock::new() }
    }

    /// Tells where the server listens, which is known once it does: links lead there where nobody said what people
    /// type.
    pub fn listens_at(&self, address: SocketAddr) {
        self.listens_at.get_or_init(|| address);
    }

    /// What patients may do, and where they ask.
    pub fn rules(&self) -> &LinkRules {
        &self.parts.rules
    }

    fn db(&self) -> &Db {
        &self.parts.db
    }

    /// The present moment in whole seconds, as it is stored.
    fn now(&self) -> Timestamp {
        let now = self.parts.clock.now();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }
}
