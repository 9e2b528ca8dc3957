//! Whether anybody's rights have changed: one small number of the database, which many ask for at
//! once and one reads.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use tokio::sync::{Mutex, watch};

use crate::db::{Db, StoreError, access_version};

/// What the last look has found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// The number of the database; none before the first look.
    pub(super) version: Option<i64>,
    /// When it was looked.
    pub(super) at: Timestamp,
}

/// The number, as it was read last.
pub(super) struct AccessVersions {
    /// How many readings have begun.
    begun: AtomicU64,
    /// The number of the last reading, and what it read; held by whoever reads.
    last: Mutex<(u64, i64)>,
    looks: watch::Sender<Look>,
}

impl AccessVersions {
    pub(super) fn new(now: Timestamp) -> Self {
        let looks = watch::Sender::new(Look { version: None, at: now });
        Self { begun: AtomicU64::new(0), last: Mutex::new((0, 0)), looks }
    }

    /// The number as it is stored now: what was committed before this call is in it. Whoever waited for
    /// a reading that began after their own call takes what that has read.
    pub(super) async fn newest(&self, db: &Db) -> Result<i64, StoreError> {
        let begun = self.begun.load(Ordering::SeqCst);
        let mut last = self.last.lock().await;
        if last.0 > begun {
            return Ok(last.1);
        }
        let reading = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let version = access_version::now(db.read()).await?;
        *last = (reading, version);
        Ok(version)
    }

    /// Whether anybody wants to know what they find.
    pub(super) fn is_anybody_here(&self) -> bool {
        self.looks.receiver_count() > 0
    }

    /// Tells what a look has found.
    pub(super) fn found(&self, look: Look) {
        self.looks.send_replace(look);
    }

    /// What the looks find from now on.
    pub(super) fn looks(&self) -> watch::Receiver<Look> {
        self.looks.subscribe()
    }
}
