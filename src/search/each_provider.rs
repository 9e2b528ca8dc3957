//! The offered times of many providers at once, each provider's for itself. Who may be treated by
//! whom is not asked here.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::Search;
use crate::access::{Actor, Permission};
use crate::db::busy;
use crate::domain::busy::BusyTime;
use crate::domain::openings::{Openings, Sought};
use crate::domain::search_step::{stretches, with_local_days};
use crate::domain::time_slot::{ceil_to_minute, just_after};
use crate::domain::{Provider, ProviderId, TimeSlot, VisitShape};
use crate::request::Refusal;

/// How far the first of the two steps reaches in which each provider's first time is looked for.
/// Most have one in a week; the rest of the horizon is read only for those who have none.
const FIRST_STEP: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Search {
    /// The first free time at or after `after` (now, when not given) of each of those providers
    /// who has one, for `actor`. Reads when they are busy at most twice, whatever is booked.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn first_available_of_each(
        &self,
        actor: &Actor,
        mut providers: Vec<Arc<Provider>>,
        after: Option<Timestamp>,
        shape: VisitShape,
    ) -> Result<HashMap<ProviderId, TimeSlot>, Refusal> {
        actor.require(Permission::ReadSchedule)?;
        let now = self.now();
        let from = ceil_to_minute(after.unwrap_or(now).max(now));
        providers.retain(|provider| provider.active && provider.offers(shape.kind));
        let mut found = HashMap::new();
        for starts in stretches(from, &[FIRST_STEP], just_after(furthest(&providers, now))) {
            let sought = Sought { shape, starts, state: None, of_patient: &[], now };
            let busy = self.busy_of(&providers, sought.window()).await?;
            providers.retain(|provider| {
                let first = Openings::of(provider, &sought, &busy).offers().next();
                found.extend(first.map(|slot| (provider.id, slot)));
                first.is_none()
            });
            if providers.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    /// Every offered time of each of those providers that lies wholly inside `window`, in order,
    /// for `actor`. The window is cut at now and at the booking horizon, and no more of it is read.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn offers_within(
        &self,
        actor: &Actor,
        providers: &[Arc<Provider>],
        window: TimeSlot,
        shape: VisitShape,
    ) -> Result<HashMap<ProviderId, Vec<TimeSlot>>, Refusal> {
        actor.require(Permission::ReadSchedule)?;
        let now = self.now();
        let end = just_after(furthest(providers, now));
        let bookable = TimeSlot::new(ceil_to_minute(now), end).ok();
        let Some(starts) = bookable.and_then(|bookable| bookable.intersection(window)) else {
            return Ok(HashMap::new());
        };
        let sought = Sought { shape, starts, state: None, of_patient: &[], now };
        let busy = self.busy_of(providers, sought.window()).await?;
        let offering =
            providers.iter().filter(|provider| provider.active && provider.offers(shape.kind));
        let offers = offering.map(|provider| {
            let openings = Openings::of(provider, &sought, &busy);
            let inside = openings.offers().filter(|offer| offer.ends_at() <= window.ends_at());
            (provider.id, inside.collect())
        });
        Ok(offers.collect())
    }

    async fn busy_of(
        &self,
        providers: &[Arc<Provider>],
        window: TimeSlot,
    ) -> Result<BusyTime, Refusal> {
        let ids = providers.iter().map(|provider| provider.id);
        let (window, now) = (with_local_days(window), self.now());
        Ok(busy::find_to_offer(self.db.read(), ids, None, window, (None, now)).await?)
    }
}

/// The last moment at which a visit may start with any of them.
fn furthest(providers: &[Arc<Provider>], now: Timestamp) -> Timestamp {
    providers.iter().map(|provider| provider.rules.horizon_ends_at(now)).max().unwrap_or(now)
}
