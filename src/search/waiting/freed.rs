//! What has become free since somebody last looked: by what is known in memory of everybody's time, whatever freed
//! it. Visits that are gone or moved, holds that were released or lapsed, hours that are new, and days that the
//! horizon has reached all show in it, also where another server or another program made the change.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::db::StoreError;
use crate::domain::busy::HeldTime;
use crate::domain::search_step::with_local_days;
use crate::domain::time_slot::just_after;
use crate::domain::{AppointmentId, Directory, Provider, ProviderId, TimeSlot};
use crate::search::Search;
use crate::search::busy_cache::SearchMoment;
use crate::search::busy_index::BusyIndex;

/// The horizon moves on by so many seconds at once.
const A_QUARTER: i64 = 15 * 60;

/// Everybody's time as it was at a moment.
pub struct Glance {
    directory: Arc<Directory>,
    index: Arc<BusyIndex>,
    moment: SearchMoment,
    now: Timestamp,
    /// What was looked at.
    window: TimeSlot,
}

/// What may be free and was not.
#[derive(Debug, Default)]
pub struct FreedTime {
    /// Whose, and in which spans visits may start by that: on the days around what is gone, for a limit of the day may
    /// have been in the way.
    pub starts: Vec<(ProviderId, TimeSlot)>,
    /// The visits that are gone: their patients may be elsewhere then.
    pub visits: Vec<AppointmentId>,
    /// Who works otherwise, or by other rules.
    pub changed: HashSet<ProviderId>,
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
        let moment = self.busy.moment();
        let index = self.busy.snapshot(moment, window).await?;
        Ok(Some(Glance { directory, index, moment, now, window }))
    }

    /// This moment: what is looked for as of it is found with all that was committed before.
    pub fn moment(&self) -> SearchMoment {
        self.busy.moment()
    }
}

impl Glance {
    /// Who works here.
    pub fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// The moment of it.
    pub fn moment(&self) -> SearchMoment {
        self.moment
    }

    /// What may be free that was not at an earlier glance.
    pub fn freed_since(&self, before: &Self) -> FreedTime {
        let further = TimeSlot::new(before.window.ends_at(), self.window.ends_at()).ok();
        let mut freed = FreedTime::default();
        for provider in self.directory.providers() {
            let id = provider.id;
            // Whoever they were with, their patients may be elsewhere then.
            let gone = self.index.gone_since(&before.index, id);
            freed.visits.extend(gone.iter().map(|(_, visit)| *visit));
            if !provider.active {
                continue;
            }
            if !is_same(before.directory.provider(id), provider) {
                freed.changed.insert(id);
                continue;
            }
            freed.starts.extend(further.map(|starts| (id, starts)));
            let gone = gone.into_iter().map(|(slot, _)| slot);
            let released = self.released_since(before, id).map(|held| held.slot);
            let refused = self.index.refused_of(id);
            let was_refused = before.index.refused_of(id).iter().copied();
            let forgiven = was_refused.filter(|slot| !refused.contains(slot));
            let spans = gone.chain(released).chain(forgiven);
            let to_come = spans.filter(|span| span.ends_at() > self.now);
            freed.starts.extend(to_come.map(|span| (id, with_local_days(span))));
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
