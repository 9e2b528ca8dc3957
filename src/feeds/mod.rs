//! Visits for calendars: the file of one, and feeds of a provider's visits, which are subscribed to. Who may have which
//! feed is judged when it is made, and again whenever it is read, by what its owner may see then. How a visit is
//! written is `calendar`'s.

pub mod command;
mod keepers;
mod listing;
mod making;
mod owner;
mod reading;
mod repeat;
mod secret;
mod visit;

pub use command::{CreateCalendarFeed, RawFeed, RevokeCalendarFeed};
pub use keepers::FeedKeepers;
pub use listing::FeedShown;
pub use reading::FeedReading;
pub use repeat::FeedOutcome;
pub use secret::FeedSecret;

use std::sync::Arc;

use jiff::Timestamp;

use crate::audit::Trail;
use crate::db::Db;
use crate::domain::Clock;
use crate::records::Records;
use crate::roster::Roster;

/// What calendars are made with.
pub struct FeedParts {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Who works here.
    pub roster: Arc<Roster>,
    /// What is written down, for whoever may read it.
    pub records: Arc<Records>,
    /// Where every attempt is written down.
    pub trail: Arc<Trail>,
    /// Which owners there are that are no person and no token.
    pub keepers: FeedKeepers,
    /// The address that people type, without a slash at its end, where it is set.
    pub public_url: Option<String>,
    /// The address that a visit's organizer has: the one that the clinic's mail is from.
    pub organizer: String,
}

/// Visits for calendars.
pub struct Feeds {
    parts: FeedParts,
}

impl Feeds {
    /// Calendars with their parts.
    pub fn new(parts: FeedParts) -> Self {
        Self { parts }
    }

    /// Where a feed is read by its secret: below the address that people type, or a path where that is not set.
    pub fn url(&self, secret: &FeedSecret) -> String {
        let base = self.parts.public_url.as_deref().unwrap_or_default();
        format!("{base}/calendar/{}.ics", secret.reveal())
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
