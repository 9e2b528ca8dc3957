//! The offered times of many providers at once, each provider's for itself. Who may be treated by
//! whom is not asked here.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::Search;
use crate::access::{Actor, Permission};
use crate::db::busy;
use crate::domain::availability::Calendar;
use crate::domain::busy::{BusyTime, not_offered};
use crate::domain::search_step::{just_after, stretches, with_local_days};
use crate::domain::time_slot::ceil_to_minute;
use crate::domain::{Provider, ProviderId, TimeSlot, VisitLength};
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
        length: VisitLength,
    ) -> Result<HashMap<ProviderId, TimeSlot>, Refusal> {
        actor.require(Permission::ReadSchedule)?;
        let now = self.now();
        let from = ceil_to_minute(after.unwrap_or(now).max(now));
        let (grid, mut found) = (self.rules.booking.grid, HashMap::new());
        for step in stretches(from, &[FIRST_STEP], just_after(self.rules.horizon_ends_at(now))) {
            let busy = self.busy_of(&providers, step).await?;
            providers.retain(|provider| {
                let first = calendar(provider, length, &busy).offers(step, length, grid).next();
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
        length: VisitLength,
    ) -> Result<HashMap<ProviderId, Vec<TimeSlot>>, Refusal> {
        actor.require(Permission::ReadSchedule)?;
        let now = self.now();
        let bookable =
            TimeSlot::new(ceil_to_minute(now), just_after(self.rules.horizon_ends_at(now))).ok();
        let Some(starts) = bookable.and_then(|bookable| bookable.intersection(window)) else {
            return Ok(HashMap::new());
        };
        let latest_end = starts.ends_at().saturating_add(length.duration());
        let visits = TimeSlot::new(starts.starts_at(), latest_end.unwrap_or(Timestamp::MAX));
        let busy = self.busy_of(providers, visits.unwrap_or(starts)).await?;
        let offers = providers.iter().map(|provider| {
            let calendar = calendar(provider, length, &busy);
            let offers = calendar.offers(starts, length, self.rules.booking.grid);
            let inside = offers.filter(|offer| offer.ends_at() <= window.ends_at());
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
        Ok(busy::find_to_offer(self.db.read(), ids, None, window, now).await?)
    }
}

fn calendar<'a>(provider: &'a Provider, length: VisitLength, busy: &'a BusyTime) -> Calendar<'a> {
    Calendar::new(&provider.schedule, not_offered(busy, provider.id, length, &[]))
}
