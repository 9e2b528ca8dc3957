//! The provider directory in memory, as fresh as the database: a request reads its version, which
//! is one small row, and the rest only when that has changed.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Mutex;

use super::BookingService;
use crate::db::{StoreError, directory};
use crate::domain::Directory;

/// What was read last.
#[derive(Default)]
pub(super) struct Cached {
    directory: RwLock<Option<Arc<Directory>>>,
    /// Held by whoever reads it anew, so that the others wait instead of reading as well.
    reading: Mutex<()>,
}

impl Cached {
    fn of(&self, version: i64) -> Option<Arc<Directory>> {
        let directory = self.directory.read().unwrap_or_else(PoisonError::into_inner);
        directory.as_ref().filter(|directory| directory.version == version).map(Arc::clone)
    }

    fn since(&self, version: i64) -> Option<Arc<Directory>> {
        let directory = self.directory.read().unwrap_or_else(PoisonError::into_inner);
        directory.as_ref().filter(|directory| directory.version >= version).map(Arc::clone)
    }

    fn replace(&self, directory: &Arc<Directory>) {
        let mut cached = self.directory.write().unwrap_or_else(PoisonError::into_inner);
        *cached = Some(Arc::clone(directory));
    }
}

impl BookingService {
    /// The directory as it is stored now.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn directory(&self) -> Result<Arc<Directory>, StoreError> {
        let version = directory::version(self.db.read()).await?;
        if let Some(directory) = self.cached.of(version) {
            return Ok(directory);
        }
        let _one_at_a_time = self.cached.reading.lock().await;
        // What somebody has read meanwhile is at least as new.
        if let Some(directory) = self.cached.since(version) {
            return Ok(directory);
        }
        let directory = Arc::new(directory::load(&self.db).await?);
        self.cached.replace(&directory);
        Ok(directory)
    }
}
