//! Whether anybody's rights have changed: one small number of the database, which many ask for at
//! once and one reads.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

use crate::db::{Db, StoreError, access_version};

/// How old a reading may be that somebody else has begun, though it is new enough for what is told.
const OLDEST: Duration = Duration::from_millis(50);

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
    /// When the last reading began, and what it read; held by whoever reads.
    last: Mutex<Option<(Instant, i64)>>,
    looks: watch::Sender<Look>,
}

impl AccessVersions {
    pub(super) fn new(now: Timestamp) -> Self {
        let looks = watch::Sender::new(Look { version: None, at: now });
        Self { last: Mutex::default(), looks }
    }

    /// The number as it is stored now: what was committed before this call is in it.
    pub(super) async fn newest(&self, db: &Db) -> Result<i64, StoreError> {
        self.read_since(db, Instant::now()).await
    }

    /// The number as it was stored at that moment or later: what was committed before is in it. A reading
    /// that began after it serves all who ask.
    pub(super) async fn read_since(&self, db: &Db, moment: Instant) -> Result<i64, StoreError> {
        let asked = Instant::now();
        let mut last = self.last.lock().await;
        if let Some((begun, version)) = *last
            && begun > moment
            && (begun > asked || begun.elapsed() < OLDEST)
        {
            return Ok(version);
        }
        let begun = Instant::now();
        let version = access_version::now(db.read()).await?;
        *last = Some((begun, version));
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
