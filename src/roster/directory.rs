//! The provider directory in memory, as fresh as the database: a request reads its version, which
//! is one small row, and the rest only when that has changed.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Mutex;

use crate::db::{Db, StoreError, directory};
use crate::domain::{ClinicRules, Directory};

/// The directory as it was read last.
#[derive(Default)]
pub(super) struct DirectoryCache {
    directory: RwLock<Option<Arc<Directory>>>,
    /// Held by whoever reads it anew, so that the others wait instead of reading as well.
    reading: Mutex<()>,
}

impl DirectoryCache {
    fn of(&self, version: i64) -> Option<Arc<Directory>> {
        let directory = self.directory.read().unwrap_or_else(PoisonError::into_inner);
        directory.as_ref().filter(|directory| directory.version == version).map(Arc::clone)
    }

    fn since(&self, version: i64) -> Option<Arc<Directory>> {
        let directory = self.directory.read().unwrap_or_else(PoisonError::into_inner);
        directory.as_ref().filter(|directory| directory.version >= version).map(Arc::clone)
    }

    fn last(&self) -> Option<Arc<Directory>> {
        let directory = self.directory.read().unwrap_or_else(PoisonError::into_inner);
        directory.as_ref().map(Arc::clone)
    }

    fn replace(&self, directory: &Arc<Directory>) {
        let mut cached = self.directory.write().unwrap_or_else(PoisonError::into_inner);
        *cached = Some(Arc::clone(directory));
    }

    /// The directory as it is stored now; what the clinic has not set is as in `defaults`.
    pub(super) async fn newest(
        &self,
        db: &Db,
        defaults: &ClinicRules,
    ) -> Result<Arc<Directory>, StoreError> {
        let version = directory::version(db.read()).await?;
        if let Some(directory) = self.of(version) {
            return Ok(directory);
        }
        let _one_at_a_time = self.reading.lock().await;
        // What somebody has read meanwhile is at least as new.
        if let Some(directory) = self.since(version) {
            return Ok(directory);
        }
        let known = self.last();
        let followed = match &known {
            Some(known) => directory::follow(db, known).await?,
            None => None,
        };
        let directory = match followed {
            Some(directory) => directory,
            None => directory::load(db, defaults).await?,
        };
        let directory = Arc::new(directory);
        self.replace(&directory);
        Ok(directory)
    }
}
