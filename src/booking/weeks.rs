//! What a search works out once for all providers who have it in common: the weeks they work, and
//! the days it is where they are.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::find_slots::RankedOffer;
use crate::domain::availability::open_for;
use crate::domain::held_time::HeldByProvider;
use crate::domain::{Provider, TimeSlot, VisitLength};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// The different weeks that providers work, each worked out once for a step of a search.
pub(super) struct Weeks {
    /// From the first offer to the end of the last visit; where there is more than one provider, from
    /// the start of the local day to the end of it, wherever anybody works: among equals, the
    /// visits of the whole day count.
    pub(super) days: TimeSlot,
    /// By where the week is in memory: providers who work the same share it.
    open: HashMap<usize, Vec<TimeSlot>>,
}

impl Weeks {
    pub(super) fn of(providers: &[Arc<Provider>], step: TimeSlot, length: VisitLength) -> Self {
        let latest_end = step.ends_at().saturating_add(length.duration()).unwrap_or(Timestamp::MAX);
        // What ends as the step begins is known as well: its end is offered.
        let just_before = step.starts_at().saturating_sub(MINUTE).unwrap_or(Timestamp::MIN);
        let days = TimeSlot::new(just_before, latest_end).unwrap_or(step);
        let mut weeks = Self { days, open: HashMap::new() };
        for provider in providers {
            let key = Arc::as_ptr(&provider.schedule).addr();
            weeks.open.entry(key).or_insert_with(|| {
                if providers.len() > 1 {
                    let first = provider.whole_day_of(step.starts_at()).start;
                    let last = provider.whole_day_of(step.ends_at()).end;
                    let (from, to) = (weeks.days.starts_at(), weeks.days.ends_at());
                    weeks.days = TimeSlot::new(from.min(first), to.max(last)).unwrap_or(weeks.days);
                }
                open_for(&provider.schedule, step, length)
            });
        }
        weeks
    }

    pub(super) fn open(&self, provider: &Provider) -> &[TimeSlot] {
        let key = Arc::as_ptr(&provider.schedule).addr();
        self.open.get(&key).map_or(&[], Vec::as_slice)
    }
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
        held: &dyn HeldByProvider,
        slot: TimeSlot,
    ) -> RankedOffer {
        let key = (provider.time_zone.as_str(), slot.starts_at());
        let day = self.0.entry(key).or_insert_with(|| provider.whole_day_of(slot.starts_at()));
        let held = held.of_provider(provider.id).iter();
        let visits_that_day = held.filter(|held| day.contains(&held.starts_at())).count();
        RankedOffer { slot, visits_that_day, provider_id: provider.id }
    }
}
