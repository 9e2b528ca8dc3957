//! What all providers hold, in memory, as fresh as the database: a search reads what was committed
//! since the last reading, which is a few rows of the event log, and each day only once.
//!
//! What was found so is judged again where it matters: under the lock of the provider, and by the
//! rule of the database.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::BookingService;
use crate::db::StoreError;
use crate::db::held;
use crate::domain::held_time::InWindow;
use crate::domain::{EventPosition, HeldTime, TimeSlot};

/// So many spans are kept at most, about 50 MB; more only while one search needs them.
const MOST: usize = 1_000_000;
/// For how long what is over is kept: a search looks at the whole local day of the present moment,
/// and at what began a day before it.
const KEPT: SignedDuration = SignedDuration::from_hours(4 * 24);
/// After so long everything is read anew: a log that went back, as after a failover to a standby that
/// lacked the last of it, says nothing about what it told before.
const TRUSTED: SignedDuration = SignedDuration::from_mins(10);

/// What was read so far.
#[derive(Default)]
pub(super) struct Remembered {
    known: RwLock<Known>,
    /// Held by whoever reads: one reading serves all who have asked before it began.
    reading: Mutex<()>,
    /// How many readings have begun.
    begun: AtomicU64,
}

#[derive(Default)]
struct Known {
    held: HeldTime,
    /// All changes that have a position up to here are in it.
    position: EventPosition,
    /// The version of the provider directory that this was read after: with another one, something
    /// may have changed that the log does not tell.
    version: i64,
    /// The number of the last reading.
    reading: u64,
    /// When it was last read anew.
    begun_at: Timestamp,
}

/// A moment, as the number of readings that had begun: what begins later reads all that was
/// committed before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked(u64);

/// What a search needs to know.
struct Needed {
    /// At least this version of the directory.
    version: i64,
    asked: Asked,
    window: TimeSlot,
}

impl Known {
    fn is_current(&self, needed: &Needed) -> bool {
        self.reading > needed.asked.0 && self.version >= needed.version
    }

    fn has(&self, needed: &Needed) -> bool {
        self.is_current(needed) && self.held.missing(needed.window).is_empty()
    }

    fn take_over(&mut self, news: held::News, now: Timestamp) {
        self.held.forget_before(now.saturating_sub(KEPT).unwrap_or(now));
        for change in &news.changed {
            self.held.change(change);
        }
        for (days, held) in news.loaded {
            self.held.load(days, held);
        }
        self.position = news.position;
    }
}

impl BookingService {
    /// This moment, for [`Self::judge_in_memory`].
    pub(super) fn asked_now(&self) -> Asked {
        Asked(self.remembered.begun.load(Ordering::SeqCst))
    }

    /// What `judge` makes of all that is held in `window`, with all that was committed before it was
    /// `asked`. `version` is that of the directory that its providers are from.
    pub(super) async fn judge_in_memory<T>(
        &self,
        version: i64,
        asked: Asked,
        window: TimeSlot,
        judge: impl Fn(&InWindow<'_>) -> T + Send + Sync,
    ) -> Result<T, StoreError> {
        let memory = &self.remembered;
        let needed = Needed { version, asked, window };
        loop {
            if let Some(judged) = memory.look(&needed, &judge) {
                return Ok(judged);
            }
            let _one_at_a_time = memory.reading.lock().await;
            // Somebody may have read it meanwhile.
            if !memory.read().has(&needed) {
                self.read_news(&needed).await?;
            }
        }
    }

    async fn read_news(&self, needed: &Needed) -> Result<(), StoreError> {
        let memory = &self.remembered;
        let reading = memory.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let (follows, since, missing) = {
            let known = memory.read();
            let follows = known.reading > 0
                && known.version >= needed.version
                && known.held.len() <= MOST
                && self.now().duration_since(known.begun_at).abs() <= TRUSTED;
            (follows, known.position, known.held.missing(needed.window))
        };
        let mut news = None;
        if follows {
            news = held::news(&self.db, since, &missing).await?;
        }
        let fresh = news.is_none();
        let news = match news {
            Some(news) => news,
            None => held::all(&self.db, &HeldTime::default().missing(needed.window)).await?,
        };
        let mut known = memory.known.write().unwrap_or_else(PoisonError::into_inner);
        if fresh {
            let version = needed.version.max(known.version);
            *known = Known { version, begun_at: self.now(), ..Known::default() };
        }
        known.take_over(news, self.now());
        known.reading = reading;
        Ok(())
    }
}

impl Remembered {
    fn read(&self) -> std::sync::RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is made of what is known, if that is enough. Nothing is waited for meanwhile.
    fn look<T>(&self, needed: &Needed, judge: impl Fn(&InWindow<'_>) -> T) -> Option<T> {
        let known = self.read();
        known.has(needed).then(|| judge(&known.held.within(needed.window)))
    }
}
