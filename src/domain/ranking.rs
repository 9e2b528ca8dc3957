//! Who comes first among those who are free.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;

use super::availability::Calendar;
use super::busy::BusyByProvider;
use super::ids::ProviderId;
use super::provider::Provider;
use super::time_slot::TimeSlot;

/// An offer with what decides between equals: fewer visits that day, then the lower id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RankedOffer {
    /// When; the earlier comes first.
    pub slot: TimeSlot,
    /// How many visits the provider has on the local day of it.
    pub visits_that_day: usize,
    /// With whom.
    pub provider_id: ProviderId,
}

/// Those of `providers` who are free for a visit at `slot`, the best first. `busy` tells of the
/// whole local days around it.
pub fn rank_free_at(
    providers: &[Arc<Provider>],
    busy: &impl BusyByProvider,
    slot: TimeSlot,
) -> Vec<RankedOffer> {
    let mut days = LocalDays::default();
    let mut ranked: Vec<RankedOffer> = providers
        .iter()
        .filter(|one| Calendar::new(&one.schedule, busy.of_provider(one.id)).is_free(slot))
        .map(|provider| days.ranked(provider, busy, slot))
        .collect();
    ranked.sort_unstable();
    ranked
}

/// Whole days by zone and by a moment in them: most first offers are at the same time, and most
/// providers in the same few zones.
#[derive(Default)]
pub(super) struct LocalDays<'a>(HashMap<(&'a str, Timestamp), Range<Timestamp>>);

impl<'a> LocalDays<'a> {
    /// The offer, with what decides between equals.
    pub(super) fn ranked(
        &mut self,
        provider: &'a Provider,
        busy: &impl BusyByProvider,
        slot: TimeSlot,
    ) -> RankedOffer {
        let key = (provider.time_zone.as_str(), slot.starts_at());
        let day = self.0.entry(key).or_insert_with(|| provider.whole_day_of(slot.starts_at()));
        let busy = busy.of_provider(provider.id).iter();
        let visits_that_day = busy.filter(|visit| day.contains(&visit.starts_at())).count();
        RankedOffer { slot, visits_that_day, provider_id: provider.id }
    }
}
