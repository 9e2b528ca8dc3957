//! Moving a series from one of its visits on: all of them are held at their new times, or none is.

use std::sync::Arc;

use jiff::Timestamp;

use super::cancel::SeriesChange;
use super::outcome::{SeriesBooking, SeriesOutcome, SeriesRequest, own_visits};
use crate::access::{Actor, Permission};
use crate::audit::Act;
use crate::booking::Booking;
use crate::booking::command::{Overrule, RescheduleSeries};
use crate::booking::moving::{NewTime, movable, write_move};
use crate::changes::{Change, Changed};
use crate::db::{StoreError, Tx, locks, series};
use crate::domain::recurrence::Start;
use crate::domain::{
    Appointment, AppointmentSeries, Directory, Provider, ProviderId, Reassignment, RecurrenceRule,
    TimeSlot, VisitLength,
};
use crate::request::{Field, Refusal, Resource, Violation};

/// How often it is tried where somebody was faster at a time that had looked free.
const ROUNDS: usize = 3;

/// A visit that is to move.
pub(super) struct SeriesMoving {
    /// Its place in the series.
    pub(super) index: usize,
    pub(super) visit: Appointment,
    pub(super) provider: Arc<Provider>,
    pub(super) to: Start,
}

impl SeriesMoving {
    fn slot(&self) -> Option<TimeSlot> {
        let length = VisitLength::from_minutes(self.visit.slot.minutes());
        TimeSlot::starting(self.to.at, length.unwrap_or(VisitLength::DEFAULT))
    }
}

impl Booking {
    /// Moves the visits of a series that start from a moment on to another time of day, to another day of
    /// their week, or both. All new times are held in one transaction, beside the old ones; what the scheduling
    /// service then refuses keeps its old time, and is named.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`], also for a series without a visit of the caller's;
    /// [`Refusal::VersionConflict`]; [`Refusal::Invalid`] for a day of the week where the series has no one
    /// day; [`Refusal::IllegalTransition`] where one of the visits can't be moved now.
    pub async fn reschedule_series(
        &self,
        actor: &Actor,
        command: &RescheduleSeries,
    ) -> Result<SeriesBooking, Refusal> {
        let act = &Act::on_object(actor, "rescheduleSeries", &command.which.id);
        let attempt = async {
            let own = actor.patients_for(Permission::Book)?;
            let (key, fingerprint) =
                (command.which.idempotency_key.as_ref(), command.fingerprint());
            let request = SeriesRequest { key, fingerprint: &fingerprint, own };
            if let Some(before) = self.series_of_before(actor, request).await? {
                return Ok(SeriesBooking::Booked(self.with_not_moved(before, command).await?));
            }
            match self.reschedule_series_anew((actor, act), (command, request)).await {
                moved @ Ok(SeriesBooking::Booked(_)) => moved,
                // What committed nothing may have been beaten by its own twin.
                nothing => match self.series_of_before(actor, request).await? {
                    Some(before) => {
                        Ok(SeriesBooking::Booked(self.with_not_moved(before, command).await?))
                    }
                    None => nothing,
                },
            }
        };
        self.parts.trail.attempt(act, Box::pin(attempt)).await
    }

    async fn reschedule_series_anew(
        &self,
        (actor, act): (&Actor, &Act),
        (command, request): (&RescheduleSeries, SeriesRequest<'_>),
    ) -> Result<SeriesBooking, Refusal> {
        self.db().check_rules()?;
        for _round in 0..ROUNDS {
            let directory = self.parts.roster.directory().await?;
            let found = self.series_as_it_is(command.which.id, request.own, false).await?;
            let moving = self.to_move(&found.series, &found.visits, command, &directory)?;
            if let Some(clashes) = self.clashes_of_move(actor, &directory, &moving).await? {
                return Ok(SeriesBooking::Clashes(Box::new(clashes)));
            }
            let directory = &directory;
            let work = |tx| async move {
                self.begin_moving(&tx, (actor, act), (command, request), directory).await
            };
            let begun = self.parts.changes.transaction("series_reschedule", act, work).await?;
            // Else somebody was faster.
            if let Some(begun) = begun {
                self.settle_series_change(begun).await;
                let now = self.series_as_it_is(command.which.id, request.own, false).await?;
                return Ok(SeriesBooking::Booked(self.with_not_moved(now, command).await?));
            }
        }
        Err(StoreError::Unavailable("others book at these times".to_owned()).into())
    }

    /// Which visits move, and where to.
    fn to_move(
        &self,
        found: &AppointmentSeries,
        visits: &[Appointment],
        command: &RescheduleSeries,
        directory: &Directory,
    ) -> Result<Vec<SeriesMoving>, Refusal> {
        command.which.expected.check(found.version)?;
        let now = self.now();
        if command.to.weekday.is_some() && !has_one_weekday(found) {
            let why =
                "goes with a weekly rule of one day alone: give each visit its time by itself";
            let field = Field::Other("weekday".to_owned());
            return Err(Refusal::Invalid(vec![Violation::new(field, why)]));
        }
        let mut moving = Vec::new();
        for (index, visit) in visits.iter().enumerate() {
            if !is_meant(visit, command, now) {
                continue;
            }
            let provider = directory.provider(visit.provider_id);
            let provider = provider.ok_or(Refusal::NotFound(Resource::Provider))?;
            let to = command.to.of(visit.slot.starts_at(), provider.schedule.zone());
            let to =
                to.ok_or(Refusal::BeyondHorizon { ends_at: provider.rules.horizon_ends_at(now) })?;
            let visit = movable(visit.clone(), now)?;
            if to.at != visit.slot.starts_at() {
                moving.push(SeriesMoving { index, visit, provider: Arc::clone(provider), to });
            }
        }
        Ok(moving)
    }

    /// Holds the new times; none is answered where one of them can't be had.
    async fn begin_moving(
        &self,
        tx: &Tx,
        (actor, act): (&Actor, &Act),
        (command, request): (&RescheduleSeries, SeriesRequest<'_>),
        directory: &Directory,
    ) -> Result<Change<Option<SeriesChange>>, Refusal> {
        let found = series::find_to_change(tx, command.which.id).await?;
        let found = found.ok_or(Refusal::NotFound(Resource::Series))?;
        let visits = own_visits(series::visits(tx, found.id).await?, request.own)?;
        let moving = self.to_move(&found, &visits, command, directory)?;
        let mut begun = SeriesChange::default();
        if moving.is_empty() {
            return Ok(Change::None(Some(begun)));
        }
        // After the patient's, in one order: others who wait hold one provider's alone.
        let mut providers: Vec<ProviderId> =
            moving.iter().map(|one| one.visit.provider_id).collect();
        providers.sort_unstable();
        providers.dedup();
        for (one, provider) in moving.iter().zip(&providers) {
            locks::wait(tx, one.visit.patient_id, *provider).await?;
        }
        let mut changed = Vec::new();
        for one in &moving {
            let Some(after) = self.begin_moving_one(tx, one, directory).await? else {
                return Ok(Change::None(None));
            };
            changed.push(Changed::from(&one.visit, &after));
            let change = if after.kept_here {
                Self::done_here(tx, &one.visit, &after).await?
            } else {
                self.hand_over(tx, act, &one.visit, after).await?
            };
            begun.take(change.into_value());
        }
        self.claim_for_series(tx, actor, request, found.id).await?;
        series::replace(tx, &found.changed(self.now())).await?;
        Ok(Change::Made(Some(begun), changed))
    }

    async fn begin_moving_one(
        &self,
        tx: &Tx,
        one: &SeriesMoving,
        directory: &Directory,
    ) -> Result<Option<Appointment>, Refusal> {
        let (provider_id, overrule) = (one.visit.provider_id, &Overrule::default());
        let Some(slot) = one.slot() else { return Ok(None) };
        let asked = NewTime { provider_id, starts_at: one.to.at, length: None, overrule };
        if self.against_move(tx, &one.visit, &asked, (slot, directory)).await?.is_some() {
            return Ok(None);
        }
        let after = self.moved(&one.visit, Reassignment { provider_id, slot });
        let refused = write_move(tx, &one.visit, &after).await?;
        Ok(refused.is_none().then_some(after))
    }

    /// With those visits named that the scheduling service would not move.
    async fn with_not_moved(
        &self,
        outcome: SeriesOutcome,
        command: &RescheduleSeries,
    ) -> Result<SeriesOutcome, Refusal> {
        let (now, directory) = (self.now(), self.parts.roster.directory().await?);
        let mut stayed = Vec::new();
        for (index, visit) in outcome.visits.iter().enumerate() {
            let is_settled = visit.is_scheduled() && !visit.is_on_the_move();
            let Some(provider) = directory.provider(visit.provider_id) else { continue };
            let to = command.to.of(visit.slot.starts_at(), provider.schedule.zone());
            if let Some(to) = to.filter(|to| to.at != visit.slot.starts_at())
                && is_settled
                && is_meant(visit, command, now)
            {
                let (visit, provider) = (visit.clone(), Arc::clone(provider));
                stayed.push(SeriesMoving { index, visit, provider, to });
            }
        }
        Ok(SeriesOutcome { not_moved: Self::told_as_not_moved(&stayed), ..outcome })
    }
}

/// Whether a visit is one of those that are asked for and still to be.
fn is_meant(visit: &Appointment, command: &RescheduleSeries, now: Timestamp) -> bool {
    let from = command.from.unwrap_or(now);
    visit.slot.starts_at() >= from && visit.may_be_cancelled(now)
}

fn has_one_weekday(series: &AppointmentSeries) -> bool {
    let rule = series.rule.as_deref().and_then(|rule| rule.parse::<RecurrenceRule>().ok());
    rule.is_some_and(|rule| rule.has_one_weekday())
}
