//! Who comes first among those who are free.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::BuildHasher;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;

use super::appointment_filter::MalformedCursor;
use super::busy::BusyByProvider;
use super::ids::ProviderId;
use super::judge::{Judge, Judged, Reason};
use super::overruling::Policy;
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

impl RankedOffer {
    /// Its place in a list.
    pub fn position(&self) -> OfferPosition {
        OfferPosition {
            starts_at: self.slot.starts_at(),
            visits_that_day: self.visits_that_day,
            provider_id: self.provider_id,
        }
    }
}

/// Where an offer stands in a list of offers of one length: by start, then as equals are ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OfferPosition {
    /// The start.
    pub starts_at: Timestamp,
    /// How many visits the provider has on the local day of it.
    pub visits_that_day: usize,
    /// With whom.
    pub provider_id: ProviderId,
}

impl fmt::Display for OfferPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{}.{}", self.starts_at.as_second(), self.visits_that_day, self.provider_id)
    }
}

impl FromStr for OfferPosition {
    type Err = MalformedCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '.');
        let mut part = || parts.next().ok_or(MalformedCursor);
        let seconds = i64::from_str_radix(part()?, 16).map_err(|_not_a_number| MalformedCursor)?;
        let starts_at = Timestamp::from_second(seconds).map_err(|_out_of_range| MalformedCursor)?;
        let visits_that_day = part()?.parse().map_err(|_not_a_number| MalformedCursor)?;
        let provider_id = part()?.parse().map_err(|_malformed| MalformedCursor)?;
        Ok(Self { starts_at, visits_that_day, provider_id })
    }
}

/// Those of `providers` who can have the visit, the best first, and why others can't: the reason of whoever
/// comes furthest. What of it is a rule that is `overruled` is none. `busy` tells of the whole local days
/// around it.
pub fn rank_bookable(
    providers: &[Arc<Provider>],
    busy: &impl BusyByProvider,
    visit: Judged<'_>,
    overruled: &[Policy],
) -> (Vec<RankedOffer>, Option<Reason>) {
    let (mut days, mut judge) = (LocalDays::default(), Judge::of(visit));
    let (mut ranked, mut furthest) = (Vec::new(), None::<Reason>);
    for provider in providers {
        let reasons = judge.reasons(provider, busy);
        match reasons.into_iter().find(|reason| reason.stands(overruled)) {
            None => ranked.push(days.ranked(provider, busy, visit.slot)),
            Some(reason) => {
                let rank = |reason: &Reason| reason.obstacle.rank();
                furthest = furthest.filter(|other| rank(other) >= rank(&reason)).or(Some(reason));
            }
        }
    }
    ranked.sort_unstable();
    (ranked, furthest)
}

/// Puts those who are better left alone behind their equals, who can be seen at the same time; in both
/// halves the order stays.
pub fn put_last<S: BuildHasher>(ranked: &mut [RankedOffer], avoided: &HashSet<ProviderId, S>) {
    if !avoided.is_empty() {
        ranked.sort_by_key(|offer| (offer.slot, avoided.contains(&offer.provider_id)));
    }
}

/// Providers whose first visits those are, in the order in which equals are ranked: those who are better left
/// alone last, then by the visits of that day, then by id.
pub fn rank_by_day<S: BuildHasher>(
    first: impl IntoIterator<Item = (Arc<Provider>, TimeSlot)>,
    busy: &impl BusyByProvider,
    avoided: &HashSet<ProviderId, S>,
) -> Vec<Arc<Provider>> {
    let first: Vec<(Arc<Provider>, TimeSlot)> = first.into_iter().collect();
    let mut days = LocalDays::default();
    let mut ranked: Vec<_> = first
        .iter()
        .map(|(provider, slot)| {
            let RankedOffer { visits_that_day, provider_id, .. } =
                days.ranked(provider, busy, *slot);
            ((avoided.contains(&provider_id), visits_that_day, provider_id), Arc::clone(provider))
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, provider)| provider).collect()
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
        let visits_that_day = busy.count_starts(provider.id, day);
        RankedOffer { slot, visits_that_day, provider_id: provider.id }
    }
}
