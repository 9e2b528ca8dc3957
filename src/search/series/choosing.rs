//! With whom a series is, where nobody was asked for: one provider for all of it, with whom most of its visits
//! can be booked.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::SeriesWish;
use super::notes::refused;
use crate::domain::ranking::rank_by_day;
use crate::domain::recurrence::{NoCourse, Start};
use crate::domain::series::{PlannedSeries, SeriesVisit};
use crate::domain::{Directory, Provider, TimeSlot};
use crate::request::{Refusal, Resource};
use crate::search::Search;
use crate::search::busy_cache::Busy;
use crate::search::candidates::{Candidates, Lookup, ToTreat};

/// After so many providers others have their turn.
const BREATH: usize = 16;

/// Those with whom a series may be, and its starts on the clock of each.
pub(super) struct Choice {
    pub(super) candidates: Candidates,
    /// By the name of the zone.
    starts: HashMap<String, Vec<Start>>,
}

impl Choice {
    /// Whom was asked for, or everybody who may treat the patient at one of the starts at least.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]; [`Refusal::NoMatchingProvider`]; [`Refusal::VisitTypeNotOffered`];
    /// [`Refusal::Invalid`] where the rule makes no series on the clock of anybody.
    pub(super) fn of(
        directory: &Directory,
        wish: &SeriesWish,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let mut candidates = match wish.provider_id {
            Some(id) => {
                let provider =
                    directory.provider(id).ok_or(Refusal::NotFound(Resource::Provider))?;
                let one = Candidates::everybody(directory, vec![Arc::clone(provider)]);
                one.only(provider, Lookup::Database)
            }
            None => {
                // A time that can't be booked is judged on the nearest day that can.
                let horizon = directory.horizon_ends_at(now).max(now);
                let first = wish.times.first().clamp(now, horizon);
                let patient =
                    ToTreat { state: wish.state, payer: wish.payer, kind: wish.shape.kind };
                Candidates::who_may_treat(directory, patient, (first, horizon))?
            }
        };
        let (mut starts, mut why) = (HashMap::new(), None::<NoCourse>);
        for provider in &candidates.providers {
            if !starts.contains_key(&provider.time_zone) {
                match wish.times.on_clock(provider.schedule.zone()) {
                    Ok(course) => drop(starts.insert(provider.time_zone.clone(), course)),
                    Err(other) => why = why.or(Some(other)),
                }
            }
        }
        if let Some(why) = why.filter(|_| starts.is_empty()) {
            return Err(refused(why));
        }
        candidates.providers.retain(|provider| {
            let course = starts.get(&provider.time_zone);
            course.is_some_and(|course| {
                wish.provider_id.is_some() || fits_ever(wish, provider, course)
            })
        });
        if candidates.providers.is_empty() {
            return Err(Refusal::NoMatchingProvider);
        }
        Ok(Self { candidates, starts })
    }

    /// The starts on the provider's clock.
    pub(super) fn starts(&self, provider: &Provider) -> &[Start] {
        self.starts.get(&provider.time_zone).map_or(&[], Vec::as_slice)
    }

    /// From the first start to the end of the last visit, on whoever's clock.
    pub(super) fn window(&self, wish: &SeriesWish) -> TimeSlot {
        let all = || self.starts.values().flatten().map(|start| start.at);
        let first = all().min().unwrap_or_default();
        let last = all().max().unwrap_or_default();
        let end = last.saturating_add(wish.shape.length.duration()).unwrap_or(Timestamp::MAX);
        TimeSlot::new(first, end).unwrap_or(TimeSlot::EVER)
    }
}

/// Whether a provider fits at one of the starts at least.
fn fits_ever(wish: &SeriesWish, provider: &Provider, starts: &[Start]) -> bool {
    starts.iter().any(|start| wish.fits().misfits(provider, (start.at, start.at)).is_empty())
}

impl Search {
    /// The one of them with whom most visits of the series can be booked; of equals the one who comes first
    /// on the day of the first visit.
    pub(super) async fn best(
        &self,
        choice: &Choice,
        wish: &SeriesWish,
        busy: &Busy,
    ) -> Option<Arc<Provider>> {
        let visit =
            SeriesVisit { shape: wish.shape, of_patient: busy.of_patient(), now: self.now() };
        let slot = |start: &Start| TimeSlot::starting(start.at, wish.shape.length);
        let first = |provider: &Arc<Provider>| choice.starts(provider).first().and_then(slot);
        let slots = choice.candidates.providers.iter();
        let slots = slots.filter_map(|provider| Some((Arc::clone(provider), first(provider)?)));
        let ranked = rank_by_day(slots, busy, &self.roster.failing_outside());
        let mut best: Option<(usize, Arc<Provider>)> = None;
        for (place, provider) in ranked.into_iter().enumerate() {
            if best.as_ref().is_some_and(|(missed, _)| *missed == 0) {
                break;
            }
            if place % BREATH == BREATH - 1 {
                tokio::task::yield_now().await;
            }
            let mut series = PlannedSeries::new(&provider, visit, busy);
            let enough = best.as_ref().map_or(usize::MAX, |(missed, _)| *missed);
            let mut missed = 0;
            for start in choice.starts(&provider) {
                let slot = slot(start).filter(|slot| {
                    wish.fits().misfits(&provider, (start.at, start.at)).is_empty()
                        && series.reasons(*slot).is_empty()
                });
                match slot {
                    Some(slot) => series.plan(slot),
                    None => missed += 1,
                }
                if missed >= enough {
                    break;
                }
            }
            if missed < enough {
                best = Some((missed, provider));
            }
        }
        best.map(|(_, provider)| provider)
    }
}
