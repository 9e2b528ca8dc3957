//! What has become free since somebody last looked: by what is known in memory of everybody's time, whatever freed
//! it. Visits that are gone or moved, holds that were released or lapsed, hours that are new, and days that the
//! horizon has reached all show in it, also where another server or another program made the change.

use std::sync::Arc;

use jiff::Timestamp;

use super::Search;
use super::busy_index::BusyIndex;
use crate::db::StoreError;
use crate::domain::busy::HeldTime;
use crate::domain::time_slot::just_after;
use crate::domain::{AppointmentId, Directory, Provider, ProviderId, TimeSlot};

/// The horizon moves on by so many seconds at once.
const A_QUARTER: i64 = 15 * 60;

/// Everybody's time as it was at a moment.
pub struct Glance {
    directory: Arc<Directory>,
    index: Arc<BusyIndex>,
    now: Timestamp,
    /// What was looked at.
    window: TimeSlot,
}

/// Time of a provider's that may be free and was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreedTime {
    /// Whose.
    pub provider_id: ProviderId,
    /// When.
    pub span: TimeSlot,
    /// The visit that was there.
    pub visit: Option<AppointmentId>,
}

impl Search {
    /// Everybody's time up to the start `latest`, as it is now; none where that has passed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn glance(&self, latest: Timestamp) -> Result<Option<Glance>, StoreError> {
        let (now, directory) = (self.now(), self.roster.directory().await?);
        let horizon = directory.horizon_ends_at(now).as_second().div_euclid(A_QUARTER);
        let horizon = Timestamp::from_second(horizon * A_QUARTER).unwrap_or(latest);
        let until = just_after(latest.min(horizon));
        let Ok(window) = TimeSlot::new(now, until) else { return Ok(None) };
        let index = self.busy.snapshot(self.busy.moment(), window).await?;
        Ok(Some(Glance { directory, index, now, window }))
    }
}

impl Glance {
    /// Who works here.
    pub fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// What may be free that was not at an earlier glance.
    pub fn freed_since(&self, before: &Self) -> Vec<FreedTime> {
        let further = TimeSlot::new(before.window.ends_at(), self.window.ends_at()).ok();
        let mut freed = Vec::new();
        for provider in self.directory.providers().filter(|provider| provider.active) {
            let provider_id = provider.id;
            let mut add = |span: TimeSlot, visit| {
                if span.ends_at() > self.now {
                    freed.push(FreedTime { provider_id, span, visit });
                }
            };
            if !is_same(before.directory.provider(provider_id), provider) {
                add(self.window, None);
                continue;
            }
            further.into_iter().for_each(|span| add(span, None));
            for (span, visit) in self.index.gone_since(&before.index, provider_id) {
                add(span, Some(visit));
            }
            for held in self.released_since(before, provider_id) {
                add(held.slot, None);
            }
            let refused = self.index.refused_of(provider_id);
            let passed = before.index.refused_of(provider_id).iter();
            passed.filter(|slot| !refused.contains(slot)).for_each(|slot| add(*slot, None));
        }
        freed
    }

    /// What was held of a provider's time and is not any more.
    fn released_since(&self, before: &Self, id: ProviderId) -> impl Iterator<Item = HeldTime> {
        let held = self.index.held_of(id, self.now);
        let was = before.index.held_of(id, before.now).iter();
        was.filter(|was| !held.iter().any(|held| held.slot.covers(was.slot))).copied()
    }
}

fn is_same(before: Option<&Arc<Provider>>, now: &Arc<Provider>) -> bool {
    before.is_some_and(|before| Arc::ptr_eq(before, now))
}
