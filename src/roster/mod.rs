//! Who works here: the provider directory, kept in memory, and the clinic's roster file that it comes
//! from.

mod comparison;
mod directory;
pub mod file;
mod load;

pub use comparison::{RosterDifference, RosterTally};
pub use load::{DEMO, LoadedRoster, RosterError, RosterMistakes, load, load_demo_if_empty};

use std::sync::Arc;

use self::directory::DirectoryCache;
use crate::db::{Db, StoreError};
use crate::domain::Directory;

/// The provider directory as it is stored now.
pub struct Roster {
    db: Db,
    cache: DirectoryCache,
}

impl Roster {
    /// The roster of a database.
    pub fn new(db: Db) -> Self {
        Self { db, cache: DirectoryCache::default() }
    }

    /// The directory as it is stored now, for use cases that know their caller.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn directory(&self) -> Result<Arc<Directory>, StoreError> {
        self.cache.newest(&self.db).await
    }
}
