//! When one provider is busy, known under their lock: what is in memory of them, with what has changed
//! since, which is a few rows of the log.
//!
//! What is found free so is free until the transaction ends, and nothing earlier is: nobody else writes with
//! this provider meanwhile. A book of days without a gap is judged as fast as an empty one.

use std::sync::Arc;

use jiff::Timestamp;

use super::Search;
use super::busy_cache::Busy;
use super::busy_index::BusyIndex;
use crate::db::{StoreError, Tx, busy, busy_news, directory};
use crate::domain::{Directory, PatientId, ProviderId, TimeSlot};

/// When one provider is busy, and the patient, as it stays until the transaction ends.
#[derive(Debug, Clone)]
pub(super) struct LockedBook {
    of_provider: Arc<BusyIndex>,
    of_patient: Arc<[TimeSlot]>,
    /// When it was read: what lives then is held.
    now: Timestamp,
}

impl LockedBook {
    /// The book of a provider whose lock `tx` has, and of the patient in `window`, if one is given.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub(super) async fn of(
        tx: &Tx,
        of_provider: Arc<BusyIndex>,
        (patient, window): (Option<PatientId>, TimeSlot),
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let of_patient = busy::find(tx, [], patient, window, (None, now)).await?;
        Ok(Self { of_provider, of_patient: of_patient.into_of_patient().into(), now })
    }

    /// When they are busy in `window`; none where not all of its days are in memory.
    pub(super) fn busy(&self, window: TimeSlot) -> Option<Busy> {
        self.of_provider.missing(window).is_empty().then(|| Busy::Known {
            of_all: Arc::clone(&self.of_provider),
            window,
            now: self.now,
            of_patient: Arc::clone(&self.of_patient),
        })
    }
}

impl Search {
    /// Whether a provider whose lock `tx` has is as in `directory`, and their book as it is now; none where
    /// nothing in memory can be built on. In one statement, so that none is committed against a rule that
    /// was there before it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn look_under_lock(
        &self,
        tx: &Tx,
        provider: ProviderId,
        directory: &Directory,
    ) -> Result<(bool, Option<Arc<BusyIndex>>), StoreError> {
        let Some((known, at)) = self.busy.latest() else {
            let is_as_it_was = directory::is_as_it_was(tx, provider, directory.version).await?;
            return Ok((is_as_it_was, None));
        };
        let known_at = (&at, directory.version);
        let news = busy_news::news_of_provider(tx, provider, known_at, self.now()).await?;
        let book = news.book.map(|news| {
            let mut of_provider = known.of_one(provider);
            for change in &news.changed {
                of_provider.change(change);
            }
            of_provider.refuse(news.refused);
            of_provider.hold(&news.held);
            Arc::new(of_provider)
        });
        Ok((news.is_as_it_was, book))
    }

    /// Whether the first time of one provider can be looked for under the lock without a search before it.
    pub fn has_busy_at_hand(&self) -> bool {
        self.busy.is_at_hand()
    }

    /// What was found free under a lock was refused by the rule of the database: what is in memory is
    /// wrong, as after a failover to a standby that lacked the end of the log, and is read anew.
    pub fn forget_busy(&self) {
        self.busy.forget();
    }
}
