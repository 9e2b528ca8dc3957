//! Who may treat a patient, and of everybody else why not: nearest to fitting first.

mod against;
mod found;
mod question;

pub use found::{ExcludedProvider, MatchCode, MatchReason, Matches};
pub use question::MatchQuestion;

use std::sync::Arc;

use self::against::{Against, Telling};
use crate::access::{Actor, Permission};
use crate::db::StoreError;
use crate::domain::judge::{Judge, Judged};
use crate::domain::misfit::ToFit;
use crate::domain::ranking::{put_last, rank_bookable};
use crate::domain::search_step::with_local_days;
use crate::domain::{Directory, Provider, ProviderId, TimeSlot, VisitShape};
use crate::request::{AskedVisitType, Refusal, payer_named};
use crate::search::Search;
use crate::search::busy_cache::Busy;
use crate::search::candidates::Candidates;

impl Search {
    /// Who may treat a patient in a state with an insurance, at that time if one is asked for, else at some
    /// time within the booking horizon; and of everybody else why not, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::UnknownInsurance`]; [`Refusal::NotFound`] for a kind of visit that
    /// there is none of; [`Refusal::TimeInPast`]; [`Refusal::Store`] when the database fails.
    pub async fn match_providers(
        &self,
        actor: &Actor,
        question: &MatchQuestion,
    ) -> Result<Matches, Refusal> {
        actor.require(Permission::ReadSchedule)?;
        let (now, directory) = (self.now(), self.roster.directory().await?);
        let payer = payer_named(&directory, &question.insurance)?;
        let kind = question.visit_type.as_ref();
        let shape = AskedVisitType::shape(kind, question.length, &directory)?;
        if question.starts_at.is_some_and(|starts_at| starts_at < now) {
            return Err(Refusal::TimeInPast);
        }
        let slot = question.starts_at.map(|at| {
            let slot = TimeSlot::starting(at, shape.length);
            slot.ok_or_else(|| Refusal::BeyondHorizon { ends_at: directory.horizon_ends_at(now) })
        });
        let slot = slot.transpose()?;
        let fits = ToFit { state: Some(question.state), payer: Some(payer), kind: shape.kind };
        let everybody: Vec<Arc<Provider>> = directory.providers().map(Arc::clone).collect();
        let period = |provider: &Provider| match slot {
            // A time that can't be booked is judged on the nearest day that can.
            Some(slot) => {
                let latest = provider.rules.horizon_ends_at(now).max(now);
                let on = slot.starts_at().clamp(now, latest);
                (on, on)
            }
            None => (now, directory.horizon_ends_at(now)),
        };
        let mut against: Vec<Against<'_>> = Vec::new();
        let mut fitting: Vec<Arc<Provider>> = Vec::new();
        let at_time = self.at_that_time(&directory, &everybody, (slot, shape)).await?;
        let mut judge = at_time.as_ref().map(|(_, visit)| Judge::of(*visit));
        for provider in &everybody {
            let misfits = fits.misfits(provider, period(provider));
            let mut reasons = Vec::new();
            if let (Some((busy, _)), Some(judge)) = (&at_time, &mut judge)
                && provider.active
            {
                reasons = judge.reasons(provider, busy);
            }
            if misfits.is_empty() && reasons.is_empty() {
                fitting.push(Arc::clone(provider));
            } else {
                against.push(Against { provider, misfits, reasons });
            }
        }
        if let Some((busy, visit)) = &at_time {
            fitting = self.best_first(fitting, busy, *visit);
        }
        fitting.truncate(question.first);
        let on = slot.map_or(now, TimeSlot::starts_at);
        against.sort_by_cached_key(|one| one.distance(on));
        against.truncate(question.first);
        let telling = Telling { actor, directory: &directory, fits, slot, now };
        let excluded = against.iter().map(|one| telling.excluded(one)).collect();
        Ok(Matches { matched: fitting, excluded })
    }

    /// When everybody is busy around the time that is asked for, and the visit to judge.
    async fn at_that_time(
        &self,
        directory: &Directory,
        everybody: &[Arc<Provider>],
        (slot, shape): (Option<TimeSlot>, VisitShape),
    ) -> Result<Option<(Busy, Judged<'static>)>, StoreError> {
        let Some(slot) = slot else { return Ok(None) };
        let candidates = Candidates::everybody(directory, everybody.to_vec());
        let (moment, window) = (self.busy.moment(), with_local_days(slot));
        let busy = self.busy(self.db.read(), &candidates, None, moment, window).await?;
        let visit = Judged { slot, kind: shape.kind, of_patient: &[], now: self.now() };
        Ok(Some((busy, visit)))
    }

    /// Those who can have the visit, in the order in which they would be booked.
    fn best_first(
        &self,
        fitting: Vec<Arc<Provider>>,
        busy: &Busy,
        visit: Judged<'_>,
    ) -> Vec<Arc<Provider>> {
        let (mut ranked, _) = rank_bookable(&fitting, busy, visit, &[]);
        put_last(&mut ranked, &self.roster.failing_outside());
        let place = |id: ProviderId| ranked.iter().position(|offer| offer.provider_id == id);
        let mut fitting: Vec<_> = fitting.into_iter().map(|one| (place(one.id), one)).collect();
        fitting.sort_by_key(|(place, _)| *place);
        fitting.into_iter().map(|(_, provider)| provider).collect()
    }
}
