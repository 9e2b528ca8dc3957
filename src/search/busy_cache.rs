//! When all providers are busy, in memory, as fresh as the database: a search reads what was
//! committed since the last reading, which is a few rows of the event log, and each day only once.
//!
//! What was found so is judged again where it matters: under the lock of the provider, and by the
//! rule of the database.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::busy_index::BusyIndex;
use crate::db::busy_news::{self, BookMoment, BusyNews};
use crate::db::{Db, StoreError};
use crate::domain::busy::{BusyByProvider, BusyTime, HeldTime};
use crate::domain::{Clock, ProviderId, TimeSlot, VisitTypeId};

/// So many spans are kept at most, about 65 MB; more only while one search needs them.
const MOST: usize = 1_000_000;
/// For how long what is over is kept: a search looks at the whole local day of the present moment,
/// and at what began a day before it.
const KEPT: SignedDuration = SignedDuration::from_hours(4 * 24);
/// After so long everything is read anew: a log that went back, as after a failover to a standby that
/// lacked the last of it, says nothing about what it told before.
const TRUSTED: SignedDuration = SignedDuration::from_mins(10);

/// When the providers of a search are busy, and its patient: what was fetched to be judged.
pub(super) enum Busy {
    /// Read from the database.
    Read(BusyTime),
    /// Known in memory of all providers, in a window, with what is held then; read of the patient.
    Known { of_all: Arc<BusyIndex>, window: TimeSlot, now: Timestamp, of_patient: Arc<[TimeSlot]> },
}

impl Busy {
    /// When the patient is busy, with any provider.
    pub(super) fn of_patient(&self) -> &[TimeSlot] {
        match self {
            Self::Read(busy) => busy.of_patient(),
            Self::Known { of_patient, .. } => of_patient,
        }
    }
}

impl BusyByProvider for Busy {
    fn of_provider(&self, provider_id: ProviderId) -> &[TimeSlot] {
        match self {
            Self::Read(busy) => busy.of_provider(provider_id),
            Self::Known { of_all, window, .. } => of_all.of_provider(provider_id, *window),
        }
    }

    fn runs_of(&self, provider_id: ProviderId) -> &[TimeSlot] {
        match self {
            Self::Read(busy) => busy.runs_of(provider_id),
            Self::Known { of_all, window, .. } => of_all.runs_of(provider_id, *window),
        }
    }

    fn count_starts(&self, provider_id: ProviderId, period: &Range<Timestamp>) -> usize {
        match self {
            Self::Read(busy) => busy.count_starts(provider_id, period),
            Self::Known { of_all, .. } => of_all.count_starts(provider_id, period),
        }
    }

    fn kinds_of(&self, provider_id: ProviderId) -> &[Option<VisitTypeId>] {
        match self {
            Self::Read(busy) => busy.kinds_of(provider_id),
            Self::Known { of_all, window, .. } => of_all.kinds_of(provider_id, *window),
        }
    }

    fn refused_of(&self, provider_id: ProviderId) -> &[TimeSlot] {
        match self {
            Self::Read(busy) => busy.refused_of(provider_id),
            Self::Known { of_all, .. } => of_all.refused_of(provider_id),
        }
    }

    fn held_of(&self, provider_id: ProviderId) -> &[HeldTime] {
        match self {
            Self::Read(busy) => busy.held_of(provider_id),
            Self::Known { of_all, now, .. } => of_all.held_of(provider_id, *now),
        }
    }
}

/// A moment, as the number of readings that had begun: what begins later reads all that was
/// committed before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchMoment(u64);

/// For so long after a reading there is little that it does not tell of one provider.
const FRESH: SignedDuration = SignedDuration::from_millis(250);

/// What was read so far.
pub(super) struct BusyCache {
    db: Db,
    clock: Arc<dyn Clock>,
    known: RwLock<KnownBook>,
    /// Held by whoever reads: one reading serves all who have asked before it began.
    reading: Mutex<()>,
    /// How many readings have begun.
    begun: AtomicU64,
    /// Whether somebody has asked for days that are not in memory, and did not wait for them.
    has_missed: AtomicBool,
}

#[derive(Default)]
struct KnownBook {
    /// Whoever judges by it has a share of it, and is in nobody's way.
    index: Arc<BusyIndex>,
    /// All changes up to this moment are in it.
    at: BookMoment,
    /// The number of the last reading.
    reading: u64,
    /// When it was last read anew.
    begun_at: Timestamp,
    /// When anything of it was last read.
    read_at: Timestamp,
}

impl KnownBook {
    /// What is known, if that is enough.
    fn snapshot(&self, moment: SearchMoment, window: TimeSlot) -> Option<Arc<BusyIndex>> {
        let enough = self.reading > moment.0 && self.index.missing(window).is_empty();
        enough.then(|| Arc::clone(&self.index))
    }

    /// Whether what is told from now on can be laid over it.
    fn is_trusted(&self, now: Timestamp) -> bool {
        self.reading > 0 && now.duration_since(self.begun_at).abs() <= TRUSTED
    }

    fn take_over(&mut self, news: BusyNews, now: Timestamp) {
        let index = Arc::make_mut(&mut self.index);
        index.forget_before(now.saturating_sub(KEPT).unwrap_or(now));
        for change in &news.changed {
            index.change(change);
        }
        for (days, busy) in news.loaded {
            index.load(days, busy);
        }
        index.refuse(news.refused);
        index.hold(&news.held);
        self.at = news.at;
    }
}

impl BusyCache {
    pub(super) fn new(db: Db, clock: Arc<dyn Clock>) -> Self {
        let known = RwLock::default();
        let (begun, has_missed) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { db, clock, known, reading: Mutex::default(), begun, has_missed }
    }

    /// This moment, for [`Self::snapshot`].
    pub(super) fn moment(&self) -> SearchMoment {
        SearchMoment(self.begun.load(Ordering::SeqCst))
    }

    /// When everybody is busy in `window`, with all that was committed before `moment`.
    pub(super) async fn snapshot(
        &self,
        moment: SearchMoment,
        window: TimeSlot,
    ) -> Result<Arc<BusyIndex>, StoreError> {
        loop {
            if let Some(index) = self.known().snapshot(moment, window) {
                return Ok(index);
            }
            let _one_at_a_time = self.reading.lock().await;
            // Somebody may have read it meanwhile.
            if self.known().snapshot(moment, window).is_none() {
                self.read_news(window).await?;
            }
        }
    }

    /// What is in memory, and as of when it is; none where there is nothing to build on.
    pub(super) fn latest(&self) -> Option<(Arc<BusyIndex>, BookMoment)> {
        let known = self.known();
        known.is_trusted(self.clock.now()).then(|| (Arc::clone(&known.index), known.at.clone()))
    }

    /// Whether that is enough for one provider whose lock is held: fresh, and of all days that were asked for.
    pub(super) fn is_at_hand(&self) -> bool {
        let (known, now) = (self.known(), self.clock.now());
        known.is_trusted(now)
            && now.duration_since(known.read_at).abs() <= FRESH
            && !self.has_missed.load(Ordering::Relaxed)
    }

    /// Somebody has asked for days that are not in memory.
    pub(super) fn missed(&self) {
        self.has_missed.store(true, Ordering::Relaxed);
    }

    /// Has everything read anew: what is in memory was seen to be wrong.
    pub(super) fn forget(&self) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = KnownBook::default();
    }

    async fn read_news(&self, window: TimeSlot) -> Result<(), StoreError> {
        let reading = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let (follows, since, missing) = {
            let known = self.known();
            let follows = known.index.len() <= MOST && known.is_trusted(self.clock.now());
            (follows, known.at.clone(), known.index.missing(window))
        };
        let (mut news, now) = (None, self.clock.now());
        if follows {
            news = busy_news::news(&self.db, &since, &missing, now).await?;
        }
        let fresh = news.is_none();
        let news = match news {
            Some(news) => news,
            None => busy_news::all(&self.db, &BusyIndex::default().missing(window), now).await?,
        };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if fresh {
            *known = KnownBook { begun_at: now, ..KnownBook::default() };
        }
        known.take_over(news, now);
        (known.reading, known.read_at) = (reading, now);
        self.has_missed.store(false, Ordering::Relaxed);
        Ok(())
    }

    fn known(&self) -> std::sync::RwLockReadGuard<'_, KnownBook> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }
}
