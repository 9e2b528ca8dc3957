//! When, and with whom: searching free time, for whoever asks and for bookings.

mod busy_cache;
pub mod busy_index;
mod candidates;
mod each_provider;
mod first;
mod instead;
mod locked_book;
mod offer_list;
mod query;
mod reasons;
mod series;
mod under_lock;
mod waiting;

pub use busy_cache::SearchMoment;
pub use busy_index::BusyIndex;
pub use candidates::{Candidates, ToTreat, may_treat};
pub use first::{TimeOfDay, VisitWish};
pub use offer_list::ListedOffer;
pub use query::AvailabilityQuery;
pub use reasons::{
    ExcludedProvider, MatchCode, MatchQuestion, MatchReason, Matches, TimeExplanation,
    TimeQuestion, TimeReason,
};
pub use series::{PlannedVisit, SeriesPreview, SeriesWish, note_of_start};
pub use under_lock::UnderLock;
pub use waiting::{FreedTime, Glance, WaitingWish};

use std::sync::Arc;

use jiff::Timestamp;

use self::busy_cache::BusyCache;
use crate::db::Db;
use crate::domain::Clock;
use crate::roster::Roster;

/// Searching free time.
pub struct Search {
    db: Db,
    clock: Arc<dyn Clock>,
    roster: Arc<Roster>,
    busy: BusyCache,
}

impl Search {
    /// A search over a database.
    pub fn new(db: Db, clock: Arc<dyn Clock>, roster: Arc<Roster>) -> Self {
        let busy = BusyCache::new(db.clone(), Arc::clone(&clock));
        Self { db, clock, roster, busy }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
