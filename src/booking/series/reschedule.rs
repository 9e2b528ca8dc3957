//! Moving a series from one of its visits on: all of them are held at their new times, or none is.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::cancel::SeriesChange;
use super::outcome::{Once, SeriesAnswer, SeriesOutcome, SeriesRequest, own_visits};
use crate::access::{Actor, Permission};
use crate::audit::Act;
use crate::booking::Booking;
use crate::booking::command::{Overrule, RescheduleSeries};
use crate::booking::moving::{NewTime, movable, write_move};
use crate::changes::{Change, Changed};
use crate::db::{Ending, StoreError, Tx, idempotency, locks, series};
use crate::domain::judge::Obstacle;
use crate::domain::recurrence::Start;
use crate::domain::{
    Appointment, AppointmentSeries, Directory, LateRefusal, Provider, ProviderId, Reassignment,
    RecurrenceRule, TimeSlot, VisitLength,
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

/// What the transaction of a move came to.
enum MoveBegun {
    All(SeriesChange),
    /// Nothing was written: this one can't be moved beside those before it.
    Stopped(Box<SeriesMoving>, Obstacle),
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
                Once::Before(before) => self.moved_before(before, command).await,
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
        let mut stopped_by = None;
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
                    let outcome = self.with_not_moved(outcome, command, now).await?;
                    if outcome.not_moved.is_some() {
                        self.note_not_moved(actor, request).await?;
                    }
                    return Ok(SeriesAnswer::Changed(outcome));
                }
                MoveBegun::Stopped(one, obstacle) => stopped_by = Some((one, obstacle)),
            }
        }
        // By another visit of the series, or by somebody who was faster each time.
        let (one, obstacle) = stopped_by.ok_or_else(|| Refusal::bug("nothing stops a move"))?;
        Ok(SeriesAnswer::Clashes(Box::new(Self::told_as_stopped(&one, obstacle))))
    }

    /// The answer to a repeat: what would not be moved then, and is not there by now, is named again.
    async fn moved_before(
        &self,
        before: SeriesOutcome,
        command: &RescheduleSeries,
    ) -> Result<SeriesAnswer, Refusal> {
        let now = self.now();
        let is_refused = before.was_refused;
        let told =
            if is_refused { self.with_not_moved(before, command, now).await? } else { before };
        Ok(SeriesAnswer::Changed(told))
    }

    async fn note_not_moved(
        &self,
        actor: &Actor,
        request: SeriesRequest<'_>,
    ) -> Result<(), StoreError> {
        let Some(key) = request.key else { return Ok(()) };
        let scope = &actor.scope();
        let note = |tx| async move {
            let refused = LateRefusal::Refused;
            idempotency::note_refusal_of(&tx, scope, key.as_str(), refused)
                .await
                .map(Ending::Commit)
        };
        self.db().transaction("series_not_moved", note).await
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
        let mut changed = Vec::new();
        for one in moving {
            let after = match self.begin_moving_one(tx, &one, directory).await? {
                Ok(after) => after,
                Err(obstacle) => {
                    return Ok(Change::None(MoveBegun::Stopped(Box::new(one), obstacle)));
                }
            };
            changed.push(Changed::from(&one.visit, &after).with(found.id));
            let change = if after.kept_here {
                Self::done_here(tx, &one.visit, &after).await?
            } else {
                self.hand_over(tx, act, &one.visit, after).await?
            };
            begun.take(change.into_value());
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

    /// With those visits named that the scheduling service would not move.
    async fn with_not_moved(
        &self,
        outcome: SeriesOutcome,
        command: &RescheduleSeries,
        now: Timestamp,
    ) -> Result<SeriesOutcome, Refusal> {
        let directory = self.parts.roster.directory().await?;
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

/// With whom they are, each once, in one order.
fn providers_of(moving: &[SeriesMoving]) -> Vec<ProviderId> {
    let providers: BTreeSet<_> = moving.iter().map(|one| one.visit.provider_id).collect();
    providers.into_iter().collect()
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
