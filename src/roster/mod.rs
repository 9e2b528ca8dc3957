//! Who works here: the provider directory, kept in memory, and the clinic's roster file that it comes
//! from.

mod clinic_zone;
mod directory;
pub mod edit;
mod entries;
mod export;
mod failing;
pub mod file;
mod load;
mod news;
mod plan;
mod write;

pub use export::export;
pub use load::{
    DEMO, LoadedRoster, RosterError, RosterMistakes, RosterTally, load, load_demo_if_empty,
};
pub use news::{RosterFollower, RosterNews, RosterNewsItem};
pub use plan::Difference;

use std::collections::HashSet;
use std::sync::Arc;

use jiff::tz::TimeZone;

use self::directory::DirectoryCache;
use self::failing::Failing;
use crate::db::{Db, StoreError, Tx, directory as stored};
use crate::domain::{ClinicRules, Directory, Provider, ProviderId};

/// The provider directory as it is stored now.
pub struct Roster {
    db: Db,
    cache: DirectoryCache,
    /// The clinic's zone, where it is set.
    zone: Option<TimeZone>,
    /// The clinic's rules as the program was started.
    defaults: ClinicRules,
    failing: Failing,
}

impl Roster {
    /// The roster of a database, and of a clinic in that zone, if it is known, that has the rules of
    /// `defaults` where it has not set others.
    pub fn new(db: Db, zone: Option<TimeZone>, defaults: ClinicRules) -> Self {
        Self { db, cache: DirectoryCache::default(), zone, defaults, failing: Failing::default() }
    }

    /// The zone of days that nobody gave another: as it is set, else as the directory suggests.
    pub fn clinic_zone(&self, directory: &Directory) -> TimeZone {
        self.zone.clone().unwrap_or_else(|| clinic_zone::of_directory(directory))
    }

    /// The clinic's rules as the program was started.
    pub(in crate::roster) fn usual_rules(&self) -> &ClinicRules {
        &self.defaults
    }

    /// Providers whose visits the scheduling service keeps failing, as it was seen last.
    pub fn failing_outside(&self) -> Arc<HashSet<ProviderId>> {
        self.failing.now()
    }

    /// Remembers whose visits the scheduling service keeps failing.
    pub fn note_failing_outside(&self, providers: HashSet<ProviderId>) {
        self.failing.are(providers);
    }

    /// The provider as they are stored now, for who has their lock; as in `known`, where nothing was
    /// changed since. None where they can't be scheduled.
    ///
    /// A statement more for each booking and each move, so that none is committed against a rule that was
    /// there before it; and the rows of one provider, where the roster has changed since.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn provider_under_lock(
        &self,
        tx: &Tx,
        known: &Directory,
        id: ProviderId,
    ) -> Result<Option<Arc<Provider>>, StoreError> {
        let is_as_it_was = stored::is_as_it_was(tx, id, known.version).await?;
        self.provider_where(tx, known, (id, is_as_it_was)).await
    }

    /// The same for who knows already whether something was changed since.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn provider_where(
        &self,
        tx: &Tx,
        known: &Directory,
        (id, is_as_it_was): (ProviderId, bool),
    ) -> Result<Option<Arc<Provider>>, StoreError> {
        if is_as_it_was {
            return Ok(known.provider(id).map(Arc::clone));
        }
        Ok(stored::provider(tx, id, &self.defaults).await?.map(Arc::new))
    }

    /// The directory as it is stored now, for use cases that know their caller.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn directory(&self) -> Result<Arc<Directory>, StoreError> {
        self.cache.newest(&self.db, &self.defaults).await
    }
}
