//! The first free time: of one provider, or of all who match.
//!
//! A search looks at when its providers are busy on some days, all of them at once, and widens in a
//! few steps until it has found enough or reaches the horizon. Each step fetches first and judges
//! after, and the judging is the domain's.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::Search;
use super::busy_cache::{Busy, SearchMoment};
use super::busy_index::BusyIndex;
use super::candidates::{Candidates, Lookup};
use super::instead::{of_visit, shape};
use super::locked_book::LockedBook;
use super::query::AvailabilityQuery;
use crate::access::{Actor, Permission};
use crate::db::{Connection, StoreError, Tx, busy};
use crate::domain::judge::{Judged, Reason};
use crate::domain::openings::Sought;
use crate::domain::ranking::{RankedOffer, put_last, rank_bookable};
use crate::domain::search_step::{SearchStep, stretches, who_ever_meet, with_local_days};
use crate::domain::time_slot::{ceil_to_minute, just_after};
use crate::domain::{
    Offer, PatientClock, PatientId, Policy, Provider, TimeSlot, VisitShape, VisitTypeId,
};
use crate::request::Refusal;

/// How far the steps of a search reach, before the last, which reaches the horizon.
pub(super) const STEPS: [SignedDuration; 2] =
    [SignedDuration::from_hours(24), SignedDuration::from_hours(14 * 24)];
/// The same under a provider's lock, where others wait: most have a free time within hours.
const STEPS_UNDER_LOCK: [SignedDuration; 3] = [SignedDuration::from_hours(6), STEPS[0], STEPS[1]];
/// How many other times are named to somebody whose time is taken.
const ALTERNATIVES: usize = 3;

/// At which time of the patient's day a visit is to start.
#[derive(Debug, Clone, Copy)]
pub enum TimeOfDay<'a> {
    /// At any: a provider or a time was asked for.
    Any,
    /// Within the patient's hours on that clock.
    Within(&'a PatientClock),
    /// Within these hours, or at any time where nobody has one within them before the horizon.
    Rather(&'a PatientClock),
}

/// The visit that a search looks for.
#[derive(Debug, Clone, Copy)]
pub struct VisitWish<'a> {
    /// The patient, if already known: when they are busy is not free for them.
    pub patient: Option<PatientId>,
    /// The earliest start.
    pub from: Timestamp,
    /// How long, and of which kind.
    pub shape: VisitShape,
    /// At which time of day.
    pub time_of_day: TimeOfDay<'a>,
}

impl Search {
    /// The first free time at or after `after` (now, when not given) among all who are asked, for
    /// `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NoAvailability`], saying how far it was looked; the errors of matching.
    pub async fn first_available(
        &self,
        actor: &Actor,
        query: &AvailabilityQuery,
        after: Option<Timestamp>,
    ) -> Result<Offer, Refusal> {
        actor.require(Permission::ReadSchedule)?;
        let (now, directory) = (self.now(), self.roster.directory().await?);
        let instead = self.instead_of(actor, query.instead_of).await?;
        let (query, instead) = (&*of_visit(query, instead.as_ref()), instead.as_ref());
        let after = after.unwrap_or(now);
        let period = (after.max(now), directory.horizon_ends_at(now).max(after));
        let shape = shape((query.visit_type.as_ref(), query.length), instead, &directory)?;
        let asked = (shape.kind, instead.map(|instead| &instead.visit));
        let candidates = Candidates::asked(&directory, query, asked, period)?;
        let state = query.patient.as_ref().map(|(state, _)| *state);
        let state = state.or_else(|| instead.map(|instead| instead.visit.state));
        let clock = state.map(|state| PatientClock::of(state, None));
        let time_of_day = match (&clock, query.provider_id) {
            (Some(clock), None) => TimeOfDay::Rather(clock),
            _ => TimeOfDay::Any,
        };
        let patient = instead.and_then(|instead| instead.patient);
        let wish = VisitWish { patient, from: after, shape, time_of_day };
        let (ranked, _) = self.rank_first_offers(&candidates, wish).await?;
        ranked
            .first()
            .and_then(|offer| candidates.offer(offer.provider_id, offer.slot, clock.as_ref()))
            .ok_or_else(|| Refusal::NoAvailability {
                searched_until: candidates.horizon_ends_at(now),
            })
    }

    /// The first offer of each candidate in the days in which anybody has one, the best first, and last
    /// among equals whom the scheduling service keeps failing; and the time of day at which they are.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn rank_first_offers<'a>(
        &self,
        candidates: &Candidates,
        wish: VisitWish<'a>,
    ) -> Result<(Vec<RankedOffer>, TimeOfDay<'a>), StoreError> {
        let (mut ranked, time_of_day) =
            self.search(self.db.read(), candidates, wish, (&STEPS, 1)).await?;
        put_last(&mut ranked, &self.roster.failing_outside());
        Ok((ranked, time_of_day))
    }

    /// The first free time of a provider, as they are now, whose lock `tx` has, by what is known of their book;
    /// of whoever of `candidates` that is.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn first_under_lock(
        &self,
        tx: &Tx,
        candidates: &Candidates,
        (provider, book): (&Arc<Provider>, Option<Arc<BusyIndex>>),
        wish: VisitWish<'_>,
    ) -> Result<Option<TimeSlot>, StoreError> {
        let (now, until) = (self.now(), just_after(provider.rules.horizon_ends_at(self.now())));
        let ends_at = until.saturating_add(wish.shape.length.duration()).unwrap_or(until);
        let Ok(window) = TimeSlot::new(wish.from.max(now), ends_at) else {
            return Ok(None); // Past the horizon.
        };
        let lookup = match book {
            Some(book) => {
                Lookup::Locked(LockedBook::of(tx, book, (wish.patient, window), now).await?)
            }
            None => Lookup::Database,
        };
        let only = candidates.only(provider, lookup);
        let (ranked, _) = self.search(tx, &only, wish, (&STEPS_UNDER_LOCK, 1)).await?;
        Ok(ranked.first().map(|offer| offer.slot))
    }

    /// Up to three other times for a patient whose time is taken, and who lives by that clock, where one is
    /// known.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn alternatives(
        &self,
        candidates: &Candidates,
        wish: VisitWish<'_>,
        clock: Option<&PatientClock>,
    ) -> Result<Vec<Offer>, StoreError> {
        let (conn, enough) = (self.db.read(), ALTERNATIVES);
        let (found, _) = self.search(conn, candidates, wish, (&STEPS, enough)).await?;
        let offers =
            found.iter().filter_map(|offer| candidates.offer(offer.provider_id, offer.slot, clock));
        Ok(offers.take(ALTERNATIVES).collect())
    }

    /// Candidates in the order of rule 6 for a visit of that kind at `slot`: those who can have it then,
    /// where these rules are `overruled`; and why others can't, as whoever comes furthest.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn rank_bookable(
        &self,
        candidates: &Candidates,
        patient: Option<PatientId>,
        (slot, kind): (TimeSlot, Option<VisitTypeId>),
        overruled: &[Policy],
    ) -> Result<(Vec<RankedOffer>, Option<Reason>), StoreError> {
        let (conn, moment, window) = (self.db.read(), self.busy.moment(), with_local_days(slot));
        let busy = self.busy(conn, candidates, patient, moment, window).await?;
        let visit = Judged { slot, kind, of_patient: busy.of_patient(), now: self.now() };
        let (mut ranked, why) = rank_bookable(&candidates.providers, &busy, visit, overruled);
        put_last(&mut ranked, &self.roster.failing_outside());
        Ok((ranked, why))
    }

    /// When the candidates are busy in `window`, and the patient, if one is given, with all that
    /// was committed before `moment`; and what was refused of late.
    pub(super) async fn busy(
        &self,
        conn: &impl Connection,
        candidates: &Candidates,
        patient: Option<PatientId>,
        moment: SearchMoment,
        window: TimeSlot,
    ) -> Result<Busy, StoreError> {
        let instead_of = candidates.instead_of;
        let except = instead_of.map(|(visit, _)| visit);
        if let Lookup::Memory = candidates.lookup {
            let of_patient = busy::find(conn, [], patient, window, (except, self.now())).await?;
            let mut of_all = self.busy.snapshot(moment, window).await?;
            if let Some((visit, provider)) = instead_of {
                of_all = Arc::new(of_all.without(provider, visit));
            }
            return Ok(Busy::Known {
                of_all,
                window,
                now: self.now(),
                of_patient: of_patient.into_of_patient().into(),
            });
        }
        if let Lookup::Locked(book) = &candidates.lookup {
            match book.busy(window) {
                Some(busy) => return Ok(busy),
                None => self.busy.missed(),
            }
        }
        let ids = candidates.providers.iter().map(|provider| provider.id);
        let which = (except, self.now());
        Ok(Busy::Read(busy::find_to_offer(conn, ids, patient, window, which).await?))
    }

    /// Offers of all candidates, best first, at most `enough` of each; and the time of day at which
    /// they are.
    async fn search<'a>(
        &self,
        conn: &impl Connection,
        candidates: &Candidates,
        wish: VisitWish<'a>,
        steps: (&[SignedDuration], usize),
    ) -> Result<(Vec<RankedOffer>, TimeOfDay<'a>), StoreError> {
        let moment = self.busy.moment();
        if let TimeOfDay::Within(clock) | TimeOfDay::Rather(clock) = wish.time_of_day
            && !candidates.patient_hours.are_the_whole_day()
        {
            let on = (Some(clock), moment);
            let found = self.search_on(conn, candidates, wish, on, steps).await?;
            if !found.is_empty() || matches!(wish.time_of_day, TimeOfDay::Within(_)) {
                return Ok((found, TimeOfDay::Within(clock)));
            }
        }
        let found = self.search_on(conn, candidates, wish, (None, moment), steps).await?;
        Ok((found, TimeOfDay::Any))
    }

    /// The same, within the patient's hours on `clock`, or at any time of day, with all that was committed
    /// before `moment`. Looks no further than the step in which all together have `enough`.
    async fn search_on(
        &self,
        conn: &impl Connection,
        candidates: &Candidates,
        wish: VisitWish<'_>,
        (clock, moment): (Option<&PatientClock>, SearchMoment),
        (reaches, enough): (&[SignedDuration], usize),
    ) -> Result<Vec<RankedOffer>, StoreError> {
        let (now, hours, length) = (self.now(), candidates.patient_hours, wish.shape.length);
        let (from, end) =
            (ceil_to_minute(wish.from.max(now)), just_after(candidates.horizon_ends_at(now)));
        let mut asked = Cow::Borrowed(candidates.providers.as_slice());
        // Fewer than `enough` until the last step.
        let mut found: Vec<RankedOffer> = Vec::new();
        for (step, starts) in stretches(from, reaches, end).enumerate() {
            if let Some(clock) = clock
                && step == 1
                && let Ok(rest) = TimeSlot::new(starts.starts_at(), end)
            {
                // Not all of the horizon is looked through for who never works at the patient's day.
                asked = Cow::Owned(who_ever_meet(&asked, hours, clock, length, rest));
            }
            let hours = clock.map(|clock| hours.within(clock, starts));
            let (shape, state) = (wish.shape, candidates.state);
            let sought = Sought { shape, starts, state, of_patient: &[], now };
            let step = SearchStep::new(&asked, sought, hours.as_deref());
            if !step.is_open() {
                continue;
            }
            let busy = self.busy(conn, candidates, wish.patient, moment, step.window()).await?;
            let missing = |id| enough - found.iter().filter(|o| o.provider_id == id).count();
            let offers = step.offers(&busy, busy.of_patient(), missing);
            found.extend(offers);
            if found.len() >= enough {
                break;
            }
        }
        found.sort_unstable();
        Ok(found)
    }
}
