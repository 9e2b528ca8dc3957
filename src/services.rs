//! What the doors have in hand: the use cases they may call and a clock, and nothing below them.

use std::sync::Arc;

use jiff::Timestamp;

use crate::audit::Trail;
use crate::booking::Booking;
use crate::changes::Changes;
use crate::domain::Clock;
use crate::feeds::Feeds;
use crate::holding::Holding;
use crate::links::Links;
use crate::mail::Mailing;
use crate::patients::Patients;
use crate::people::People;
use crate::records::{Records, WaitlistNews};
use crate::roster::RosterNews;
use crate::roster::edit::RosterEdits;
use crate::search::Search;
use crate::webhooks::Webhooks;

/// The use cases, as both doors see them. Cheap to clone; clones share them.
#[derive(Clone)]
pub struct Services {
    /// Books, cancels and moves.
    pub booking: Arc<Booking>,
    /// Holds times and releases them.
    pub holding: Arc<Holding>,
    /// Writes visits for calendars.
    pub feeds: Arc<Feeds>,
    /// What patients' links open.
    pub links: Arc<Links>,
    /// Finds free time.
    pub search: Arc<Search>,
    /// Corrects, merges and compares patients.
    pub patients: Arc<Patients>,
    /// Who may come in.
    pub people: Arc<People>,
    /// Reads what is written down.
    pub records: Arc<Records>,
    /// Changes the roster.
    pub roster: Arc<RosterEdits>,
    /// Tells other programs what happens.
    pub webhooks: Arc<Webhooks>,
    /// Tells patients.
    pub mail: Arc<Mailing>,
    /// Tells how the waitlist changes.
    pub waitlist_news: Arc<WaitlistNews>,
    /// Tells what happens to the roster.
    pub roster_news: Arc<RosterNews>,
    /// Tells what happens.
    pub changes: Arc<Changes>,
    /// Writes down who did what with whose data.
    pub trail: Arc<Trail>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl Services {
    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
