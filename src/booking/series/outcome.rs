//! What becomes of a series: the answer to whoever asked, also when they ask again.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::access::Actor;
use crate::audit::Attempted;
use crate::booking::Booking;
use crate::db::idempotency::{self, Claim, Made};
use crate::db::{StoreError, Tx, outbox, series};
use crate::domain::{
    Appointment, AppointmentSeries, AppointmentStatus, LateRefusal, ProviderId, SeriesId,
    StayedVisit,
};
use crate::request::{ErrorCode, IdempotencyKey, Refusal, Resource};
use crate::search::SeriesPreview;

const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// A series, and its visits as they are now.
#[derive(Clone)]
pub struct SeriesOutcome {
    /// The series.
    pub series: AppointmentSeries,
    /// Its visits that the caller may see, in the order in which they start.
    pub visits: Vec<Appointment>,
    /// The visits that the scheduling service would not move, where it was asked to.
    pub not_moved: Option<Box<SeriesPreview>>,
    /// Which of them it would not move when the same request came first.
    pub stayed: Vec<StayedVisit>,
    /// Whether this repeats the answer to an earlier request with the same key.
    pub replayed: bool,
}

impl SeriesOutcome {
    /// Why the series was undone, if it was.
    pub fn refusal(&self) -> Option<Refusal> {
        let visit = match self.series.refused_visit {
            Some(refused) => self.visits.iter().find(|visit| visit.id == refused)?,
            // A part was acceptable, and nothing is none.
            None => self.visits.first().filter(|_| self.visits.iter().all(came_to_nothing))?,
        };
        let ended = visit.ends_as.unwrap_or(visit.status);
        let why = if ended == AppointmentStatus::Expired {
            LateRefusal::Unanswered
        } else {
            LateRefusal::Refused
        };
        let (appointment, replayed) = (Box::new(visit.clone()), self.replayed);
        Some(Refusal::SchedulingRefused { appointment, why, replayed })
    }
}

/// What a request about a series came to.
pub enum SeriesAnswer {
    /// All times are held, or were until the scheduling service refused one.
    Booked(SeriesOutcome),
    /// It is moved, but for what the scheduling service would not move, or cancelled.
    Changed(SeriesOutcome),
    /// Nothing was written: not all times can be had.
    Clashes(Box<SeriesPreview>),
}

impl Attempted for SeriesAnswer {
    fn is_replayed(&self) -> bool {
        matches!(self, Self::Booked(outcome) | Self::Changed(outcome) if outcome.replayed)
    }

    fn refused_with(&self) -> Option<ErrorCode> {
        matches!(self, Self::Clashes(_)).then_some(ErrorCode::SeriesConflict)
    }
}

/// What a request with a key came to.
pub(super) enum Once {
    /// One with the same key was carried out: the series as it is by now.
    Before(SeriesOutcome),
    /// This one was.
    Now(SeriesAnswer),
}

/// What tells a repeat of a request about a series from others.
#[derive(Clone, Copy)]
pub(super) struct SeriesRequest<'a> {
    pub(super) key: Option<&'a IdempotencyKey>,
    pub(super) fingerprint: &'a str,
    /// The one provider whose visits the caller may change, if it is one.
    pub(super) own: Option<ProviderId>,
}

impl Booking {
    /// The series as it is now, for a caller who may change the visits with that provider alone, if one is
    /// given: one without any of these is not there.
    pub(super) async fn series_as_it_is(
        &self,
        id: SeriesId,
        own: Option<ProviderId>,
        replayed: bool,
    ) -> Result<SeriesOutcome, Refusal> {
        let read = self.db().read();
        // First: a version that is told with later visits conflicts, one with earlier visits would not.
        let series = series::find(read, id).await?.ok_or(Refusal::NotFound(Resource::Series))?;
        let visits = own_visits(series::visits(read, id).await?, own)?;
        Ok(SeriesOutcome { series, visits, not_moved: None, stayed: Vec::new(), replayed })
    }

    /// Carries out a request about a series, unless one with the same key was.
    pub(super) async fn once_for_series(
        &self,
        actor: &Actor,
        request: SeriesRequest<'_>,
        work: impl Future<Output = Result<SeriesAnswer, Refusal>>,
    ) -> Result<Once, Refusal> {
        if let Some(before) = self.series_of_before(actor, request).await? {
            return Ok(Once::Before(before));
        }
        match work.await {
            Ok(done @ (SeriesAnswer::Booked(_) | SeriesAnswer::Changed(_))) => Ok(Once::Now(done)),
            // What committed nothing may have been beaten by its own twin.
            nothing => match self.series_of_before(actor, request).await? {
                Some(before) => Ok(Once::Before(before)),
                None => nothing.map(Once::Now),
            },
        }
    }

    /// How that stands now which the same request has begun before; waits while that is still at it.
    async fn series_of_before(
        &self,
        actor: &Actor,
        request: SeriesRequest<'_>,
    ) -> Result<Option<SeriesOutcome>, Refusal> {
        let Some(key) = request.key else { return Ok(None) };
        let found = idempotency::find(self.db().read(), &actor.scope(), key.as_str()).await?;
        let Some(claim) = found else { return Ok(None) };
        let Made::Series(id) = claim.made else { return Err(Refusal::KeyReused) };
        if claim.request_hash != request.fingerprint {
            return Err(Refusal::KeyReused);
        }
        let stayed = match claim.refusal {
            Some(_) => idempotency::stayed(self.db().read(), &actor.scope(), key.as_str()).await?,
            None => Vec::new(),
        };
        let gives_up_at = Instant::now() + self.parts.settling.answer_within();
        loop {
            let outcome = self.series_as_it_is(id, request.own, true).await?;
            let is_done = !self.is_worked_on_now(&outcome.visits, self.now()).await?;
            if is_done || Instant::now() >= gives_up_at {
                return Ok(Some(SeriesOutcome { stayed, ..outcome }));
            }
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    }

    /// Whether somebody is at one of the visits that are not settled.
    async fn is_worked_on_now(
        &self,
        visits: &[Appointment],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let is_under_way = |visit: &&Appointment| {
            [AppointmentStatus::Pending, AppointmentStatus::Cancelling].contains(&visit.status)
                || visit.is_on_the_move()
        };
        for visit in visits.iter().filter(is_under_way) {
            let row = outbox::find(self.db().read(), visit.id).await?;
            if row.and_then(|row| row.lease).is_some_and(|lease| lease.until > now) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Claims the key of a request, if it has one, for a series.
    pub(super) async fn claim_for_series(
        &self,
        tx: &Tx,
        actor: &Actor,
        request: SeriesRequest<'_>,
        id: SeriesId,
    ) -> Result<(), Refusal> {
        let Some(key) = request.key else { return Ok(()) };
        let request_hash = request.fingerprint.to_owned();
        let claim = Claim { request_hash, made: Made::Series(id), refusal: None };
        match idempotency::claim(tx, &actor.scope(), key.as_str(), &claim, self.now()).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Refusal::KeyInUse),
            Err(error) if error.is_lock_timeout() => Err(Refusal::KeyInUse),
            Err(error) => Err(error.into()),
        }
    }
}

fn came_to_nothing(visit: &Appointment) -> bool {
    [AppointmentStatus::Failed, AppointmentStatus::Expired].contains(&visit.status)
}

/// Those of the visits that are the caller's.
///
/// # Errors
///
/// [`Refusal::NotFound`] where there is none.
pub(super) fn own_visits(
    mut visits: Vec<Appointment>,
    own: Option<ProviderId>,
) -> Result<Vec<Appointment>, Refusal> {
    visits.retain(|visit| own.is_none_or(|own| own == visit.provider_id));
    if visits.is_empty() { Err(Refusal::NotFound(Resource::Series)) } else { Ok(visits) }
}
