//! Moving a series from one of its visits on: all of them are held at their new times, or none is.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::cancel::SeriesChange;
use super::outcome::{Once, SeriesAnswer, SeriesRequest, own_visits};
use crate::access::{Actor, Permission};
use crate::audit::Act;
use crate::booking::Booking;
use crate::booking::command::{Overrule, RescheduleSeries};
use crate::booking::moving::{NewTime, movable, write_move};
use crate::changes::{Change, Changed};
use crate::db::{Tx, locks, series};
use crate::domain::judge::Obstacle;
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

/// A visit that can't be moved, and what is in its way.
pub(super) type Stopped = (SeriesMoving, Obstacle);

/// What the transaction of a move came to.
enum MoveBegun {
    All(SeriesChange),
    /// Nothing was written: these can't be moved beside those before them.
    Stopped(Vec<Stopped>),
}

impl SeriesMoving {
    /// The new time; none at the end of time.
    pub(super) fn slot(&self) -> Option<TimeSlot> {
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
    ) -> Result<SeriesAnswer, Refusal> {
        let act = &Act::on_object(actor, "rescheduleSeries", &command.which.id);
        let attempt = async {
            let own = actor.patients_for(Permission::Book)?;
            let (key, fingerprint) =
                (command.which.idempotency_key.as_ref(), command.fingerprint());
            let request = SeriesRequest { key, fingerprint: &fingerprint, own };
            let work = self.reschedule_series_anew((actor, act), (command, request));
            match self.once_for_series(actor, request, work).await? {
                Once::Before(before) => {
                    let stayed = before.stayed.clone();
                    let told = self.with_stayed(before, &stayed, command).await?;
                    Ok(SeriesAnswer::Changed(told))
                }
                Once::Now(answer) => Ok(answer),
            }
        };
        self.parts.trail.attempt(act, Box::pin(attempt)).await
    }

    async fn reschedule_series_anew(
        &self,
        (actor, act): (&Actor, &Act),
        (command, request): (&RescheduleSeries, SeriesRequest<'_>),
    ) -> Result<SeriesAnswer, Refusal> {
        self.db().check_rules()?;
        let mut stopped = None;
        for _round in 0..ROUNDS {
            let (directory, now) = (self.parts.roster.directory().await?, self.now());
            let found = self.series_as_it_is(command.which.id, request.own, false).await?;
            let moving = self.to_move(&found.series, &found.visits, command, &directory)?;
            if let Some(clashes) = self.clashes_of_move(actor, &directory, &moving).await? {
                return Ok(SeriesAnswer::Clashes(Box::new(clashes)));
            }
            let mut rooms = Vec::new();
            for provider_id in providers_of(&moving) {
                rooms.push(self.db().room_for(provider_id.uuid()).await?);
            }
            let directory = &directory;
            let work = |tx| async move {
                self.begin_moving(&tx, (actor, act), (command, request), directory).await
            };
            let begun = self.parts.changes.transaction("series_reschedule", act, work).await?;
            drop(rooms);
            match begun {
                MoveBegun::All(begun) => {
                    self.settle_series_change(begun).await;
                    let id = command.which.id;
                    let outcome = self.series_as_it_is(id, request.own, false).await?;
                    let stayed = self.stayed(&outcome, command, now).await?;
                    self.note_stayed(actor, request, (id, &stayed)).await?;
                    let outcome = self.with_stayed(outcome, &stayed, command).await?;
                    return Ok(SeriesAnswer::Changed(outcome));
                }
                MoveBegun::Stopped(all) => stopped = Some((all, directory.clone())),
            }
        }
        // By other visits of the series, or by somebody who was faster each time.
        let (all, directory) = stopped.ok_or_else(|| Refusal::bug("nothing stops a move"))?;
        let clashes = self.told_as_stopped(&directory, all).await?;
        Ok(SeriesAnswer::Clashes(Box::new(clashes)))
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
                "goes with a rule of one day of the week alone: give each visit its time by itself";
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

    /// Holds the new times, or says which of them can't be had.
    async fn begin_moving(
        &self,
        tx: &Tx,
        (actor, act): (&Actor, &Act),
        (command, request): (&RescheduleSeries, SeriesRequest<'_>),
        directory: &Directory,
    ) -> Result<Change<MoveBegun>, Refusal> {
        let found = series::find_to_change(tx, command.which.id).await?;
        let found = found.ok_or(Refusal::NotFound(Resource::Series))?;
        let visits = own_visits(series::visits(tx, found.id).await?, request.own)?;
        let moving = self.to_move(&found, &visits, command, directory)?;
        let mut begun = SeriesChange::default();
        if moving.is_empty() {
            return Ok(Change::None(MoveBegun::All(begun)));
        }
        // After the patient's, in one order: others who wait hold one provider's alone.
        let patient = visits.first().map(|visit| visit.patient_id);
        for (patient, provider) in patient.into_iter().cycle().zip(providers_of(&moving)) {
            locks::wait(tx, patient, provider).await?;
        }
        let (mut changed, mut stopped) = (Vec::new(), Vec::new());
        for one in moving {
            let after = match self.begin_moving_one(tx, &one, directory).await? {
                Ok(after) => after,
                // Each that can't is to be told.
                Err(obstacle) => {
                    stopped.push((one, obstacle));
                    continue;
                }
            };
            changed.push(Changed::from(&one.visit, &after).with(found.id));
            let change = if after.kept_here {
                Self::done_here(tx, &one.visit, &after).await?
            } else {
                self.hand_over_of_many(tx, act, &one.visit, after).await?
            };
            begun.take(change.into_value());
        }
        if !stopped.is_empty() {
            return Ok(Change::None(MoveBegun::Stopped(stopped)));
        }
        self.claim_for_series(tx, actor, request, found.id).await?;
        series::replace(tx, &found.changed(self.now())).await?;
        Ok(Change::Made(MoveBegun::All(begun), changed))
    }

    async fn begin_moving_one(
        &self,
        tx: &Tx,
        one: &SeriesMoving,
        directory: &Directory,
    ) -> Result<Result<Appointment, Obstacle>, Refusal> {
        let (provider_id, overrule) = (one.visit.provider_id, &Overrule::default());
        let Some(slot) = one.slot() else {
            let ends_at = one.provider.rules.horizon_ends_at(self.now());
            return Ok(Err(Obstacle::BeyondHorizon { ends_at }));
        };
        let asked = NewTime { provider_id, starts_at: one.to.at, length: None, overrule };
        if let Some(against) = self.against_move(tx, &one.visit, &asked, (slot, directory)).await? {
            return Ok(Err(against));
        }
        let after = self.moved(&one.visit, Reassignment { provider_id, slot });
        Ok(write_move(tx, &one.visit, &after).await?.map_or(Ok(after), Err))
    }
}

/// With whom they are, each once, in one order.
fn providers_of(moving: &[SeriesMoving]) -> Vec<ProviderId> {
    let providers: BTreeSet<_> = moving.iter().map(|one| one.visit.provider_id).collect();
    providers.into_iter().collect()
}

/// Whether a visit is one of those that are asked for and still to be.
pub(super) fn is_meant(visit: &Appointment, command: &RescheduleSeries, now: Timestamp) -> bool {
    let from = command.from.unwrap_or(now);
    visit.slot.starts_at() >= from && visit.may_be_cancelled(now)
}

fn has_one_weekday(series: &AppointmentSeries) -> bool {
    let rule = series.rule.as_deref().and_then(|rule| rule.parse::<RecurrenceRule>().ok());
    rule.is_some_and(|rule| rule.has_one_weekday())
}
