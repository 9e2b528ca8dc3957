//! When a visit can be: searching the free time of one provider or of all who match.
//!
//! A search looks at what is held on some days, of all its providers at once, and widens in a few
//! steps until it has found enough or reaches the horizon.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::check::Check;
use super::command::{asked_provider_id, parse_state};
use super::held::Asked;
use super::matching::{Candidates, Lookup, licensed_parts, payer_named};
use super::weeks::{LocalDays, Weeks};
use super::{BookingError, BookingService, Field, Violation};
use crate::db::busy;
use crate::db::{Connection, StoreError, Tx};
use crate::domain::availability::Calendar;
use crate::domain::held_time::{HeldByProvider, InWindow};
use crate::domain::time_slot::ceil_to_minute;
use crate::domain::{PatientId, Provider, ProviderId, TimeSlot, UsState, VisitLength};

/// How far the steps of a search reach, before the last, which reaches the horizon.
const STEPS: [SignedDuration; 2] =
    [SignedDuration::from_hours(24), SignedDuration::from_hours(14 * 24)];
/// The same under a provider's lock, where others wait: most have a free time within hours.
const STEPS_UNDER_LOCK: [SignedDuration; 3] = [SignedDuration::from_hours(6), STEPS[0], STEPS[1]];
/// Read on both sides of a step, so that the whole local day of each offer is known.
const A_LOCAL_DAY: SignedDuration = SignedDuration::from_hours(25);
/// How many other times are named to somebody whose time is taken.
const ALTERNATIVES: usize = 3;

/// A free time at a provider's.
#[derive(Debug, Clone)]
pub struct Offer {
    /// With whom; shared, because a search may offer hundreds of times of one provider.
    pub provider: Arc<Provider>,
    /// When.
    pub slot: TimeSlot,
}

/// Whose free time is asked for.
#[derive(Debug, Clone)]
pub struct Whose {
    /// This provider's.
    pub provider_id: Option<ProviderId>,
    /// That of whoever may treat a patient in this state with this insurance.
    pub patient: Option<(UsState, String)>,
}

/// A search for the first free time.
#[derive(Debug, Clone)]
pub struct Search {
    /// Whose time.
    pub whose: Whose,
    /// How long a visit.
    pub length: VisitLength,
}

impl Search {
    /// Reads what a door received, after what the door itself found wrong: a provider, or a state
    /// with an insurance, or all three.
    ///
    /// # Errors
    ///
    /// [`BookingError::Invalid`] with everything that is not acceptable, else
    /// [`BookingError::UnknownState`].
    pub fn parse(
        provider_id: Option<&str>,
        state: Option<&str>,
        insurance: Option<&str>,
        duration_minutes: Option<i64>,
        violations: Vec<Violation>,
    ) -> Result<Self, BookingError> {
        let mut check = Check { violations };
        let length = check.length(duration_minutes);
        let missing = match (state, insurance) {
            (Some(_), None) => Some(("insurance", "goes together with state")),
            (None, Some(_)) => Some(("state", "goes together with insurance")),
            (None, None) if provider_id.is_none() => {
                Some(("state", "is required, with insurance, where no provider is given"))
            }
            _ => None,
        };
        let missing = missing.map(|(name, why)| Violation::new(Field::Other(name.to_owned()), why));
        check.violations.extend(missing);
        check.finish()?;
        let patient = match state.zip(insurance) {
            Some((state, insurance)) => Some((parse_state(state)?, insurance.to_owned())),
            None => None,
        };
        let whose = Whose { provider_id: provider_id.map(asked_provider_id), patient };
        Ok(Self { whose, length: length.unwrap_or(VisitLength::DEFAULT) })
    }
}

/// What a search looks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// The patient, if already known: what they hold is not free for them.
    pub(super) patient: Option<PatientId>,
    /// The earliest start.
    pub(super) from: Timestamp,
    /// How long.
    pub(super) length: VisitLength,
}

/// An offer with what decides between equals: fewer visits that day, then the lower id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RankedOffer {
    pub(super) slot: TimeSlot,
    pub(super) visits_that_day: usize,
    pub(super) provider_id: ProviderId,
}

impl BookingService {
    /// The first free time at or after `after`, among all who are asked.
    ///
    /// # Errors
    ///
    /// [`BookingError::NoAvailability`], saying how far it was looked; the errors of matching.
    pub async fn first_available(
        &self,
        whose: &Whose,
        after: Timestamp,
        length: VisitLength,
    ) -> Result<Offer, BookingError> {
        let (now, directory) = (self.now(), self.directory().await?);
        let period = (after.max(now), self.horizon_ends_at(now).max(after));
        let candidates = match (&whose.patient, whose.provider_id) {
            (Some((state, insurance)), provider_id) => {
                let payer = payer_named(&directory, insurance)?;
                match provider_id {
                    Some(id) => Candidates::asked_provider(&directory, id, *state, payer, period)?,
                    None => Candidates::who_may_treat(&directory, *state, payer, period)?,
                }
            }
            (None, Some(id)) => Candidates::one(&directory, id, None)?,
            (None, None) => return Err(BookingError::NoMatchingProvider),
        };
        let wanted = Wanted { patient: None, from: after, length };
        let ranked = self.rank_first_offers(&candidates, wanted).await?;
        ranked
            .first()
            .and_then(|offer| candidates.offer(offer.provider_id, offer.slot))
            .ok_or(BookingError::NoAvailability { searched_until: self.horizon_ends_at(now) })
    }

    /// The first offer of each candidate in the days in which anybody has one, the best first.
    pub(super) async fn rank_first_offers(
        &self,
        candidates: &Candidates,
        wanted: Wanted,
    ) -> Result<Vec<RankedOffer>, StoreError> {
        self.search(self.db.read(), candidates, wanted, (&STEPS, 1)).await
    }

    /// The first free time of one of the candidates, whose lock `tx` has.
    pub(super) async fn first_under_lock(
        &self,
        tx: &Tx,
        candidates: &Candidates,
        provider_id: ProviderId,
        wanted: Wanted,
    ) -> Result<Option<TimeSlot>, StoreError> {
        let providers = candidates.of(provider_id).map(Arc::clone).into_iter().collect();
        let only = Candidates { providers, lookup: Lookup::Database, state: candidates.state };
        let ranked = self.search(tx, &only, wanted, (&STEPS_UNDER_LOCK, 1)).await?;
        Ok(ranked.first().map(|offer| offer.slot))
    }

    /// Up to three other times for somebody whose time is taken.
    pub(super) async fn alternatives(
        &self,
        candidates: &Candidates,
        wanted: Wanted,
    ) -> Result<Vec<Offer>, StoreError> {
        let (conn, enough) = (self.db.read(), ALTERNATIVES);
        let found = self.search(conn, candidates, wanted, (&STEPS, enough)).await?;
        let offers =
            found.iter().filter_map(|offer| candidates.offer(offer.provider_id, offer.slot));
        Ok(offers.take(ALTERNATIVES).collect())
    }

    /// Candidates in the order of rule 6 for a visit at `slot`: those who are free then. Says first
    /// whether the patient is.
    pub(super) async fn rank_free_at(
        &self,
        candidates: &Candidates,
        patient: Option<PatientId>,
        slot: TimeSlot,
    ) -> Result<(bool, Vec<RankedOffer>), StoreError> {
        let window = (self.asked_now(), padded(slot));
        self.judge(self.db.read(), candidates, patient, window, |held, of_patient| {
            let mut days = LocalDays::default();
            let mut ranked: Vec<RankedOffer> = candidates
                .providers
                .iter()
                .filter(|one| Calendar::new(&one.schedule, held.of_provider(one.id)).is_free(slot))
                .map(|provider| days.ranked(provider, held, slot))
                .collect();
            ranked.sort_unstable();
            (!of_patient.iter().any(|held| held.overlaps(slot)), ranked)
        })
        .await
    }

    /// What `judge` makes of what the candidates hold that overlaps `window`, and the patient, if
    /// one is given.
    async fn judge<T>(
        &self,
        conn: &impl Connection,
        candidates: &Candidates,
        patient: Option<PatientId>,
        (asked, window): (Asked, TimeSlot),
        judge: impl Fn(&dyn HeldByProvider, &[TimeSlot]) -> T + Send + Sync,
    ) -> Result<T, StoreError> {
        match candidates.lookup {
            Lookup::Database => {
                let ids = candidates.providers.iter().map(|provider| provider.id);
                let busy = busy::find(conn, ids, patient, window, None).await?;
                Ok(judge(&busy, busy.of_patient()))
            }
            Lookup::Memory { directory_version } => {
                let busy = busy::find(conn, [], patient, window, None).await?;
                let judge = |held: &InWindow<'_>| judge(held, busy.of_patient());
                self.judge_in_memory(directory_version, asked, window, judge).await
            }
        }
    }

    /// Offers of all candidates, best first, at most `enough` of each; looks no further than the
    /// step in which all together have so many.
    async fn search(
        &self,
        conn: &impl Connection,
        candidates: &Candidates,
        wanted: Wanted,
        (reaches, enough): (&[SignedDuration], usize),
    ) -> Result<Vec<RankedOffer>, StoreError> {
        let now = self.now();
        let from = ceil_to_minute(wanted.from.max(now));
        let asked = self.asked_now();
        // Fewer than `enough` until the last step.
        let mut found: Vec<RankedOffer> = Vec::new();
        for step in steps(from, reaches, just_after(self.horizon_ends_at(now))) {
            let weeks = Weeks::of(&candidates.providers, step, wanted.length);
            let in_step = |held: &dyn HeldByProvider, of_patient: &[TimeSlot]| {
                let mut days = LocalDays::default();
                let mut offered = Vec::new();
                for provider in &candidates.providers {
                    let has = found.iter().filter(|offer| offer.provider_id == provider.id).count();
                    let busy = held_by_either(held.of_provider(provider.id), of_patient);
                    let calendar = Calendar::new(&provider.schedule, busy);
                    let parts = licensed_parts(provider, candidates.state, step);
                    let offers = parts.iter().flat_map(|part| {
                        let (open, grid) = (weeks.open(provider).iter().copied(), self.rules.grid);
                        calendar.offers_in(open, *part, wanted.length, grid)
                    });
                    let offers = offers.take(enough - has);
                    offered.extend(offers.map(|slot| days.ranked(provider, held, slot)));
                }
                offered
            };
            let window = (asked, weeks.days);
            found.extend(self.judge(conn, candidates, wanted.patient, window, in_step).await?);
            if found.len() >= enough {
                break;
            }
        }
        found.sort_unstable();
        Ok(found)
    }
}

fn held_by_either<'a>(provider: &'a [TimeSlot], patient: &[TimeSlot]) -> Cow<'a, [TimeSlot]> {
    if patient.is_empty() {
        Cow::Borrowed(provider)
    } else {
        Cow::Owned([provider, patient].concat())
    }
}

impl Candidates {
    fn offer(&self, id: ProviderId, slot: TimeSlot) -> Option<Offer> {
        self.of(id).map(|provider| Offer { provider: Arc::clone(provider), slot })
    }
}

/// The steps of a search for starts in `[from, end)`, the last of which reaches the end: at most
/// one more than there are `reaches`.
pub(super) fn steps(
    from: Timestamp,
    reaches: &[SignedDuration],
    end: Timestamp,
) -> impl Iterator<Item = TimeSlot> {
    let edge = move |reach: &SignedDuration| from.saturating_add(*reach).unwrap_or(end).min(end);
    let mut begins_at = from;
    reaches.iter().map(edge).chain([end]).filter_map(move |ends_at| {
        TimeSlot::new(std::mem::replace(&mut begins_at, ends_at), ends_at).ok()
    })
}

pub(super) fn padded(window: TimeSlot) -> TimeSlot {
    let from = window.starts_at().saturating_sub(A_LOCAL_DAY).unwrap_or(Timestamp::MIN);
    let to = window.ends_at().saturating_add(A_LOCAL_DAY).unwrap_or(Timestamp::MAX);
    TimeSlot::new(from, to).unwrap_or(window)
}

/// The end of a half-open span that still holds `last`.
pub(super) fn just_after(last: Timestamp) -> Timestamp {
    last.saturating_add(SignedDuration::from_secs(1)).unwrap_or(Timestamp::MAX)
}
