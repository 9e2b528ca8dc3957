//! Booking a series: all of its times, or none.

use super::outcome::{Once, SeriesAnswer, SeriesOutcome, SeriesRequest};
use crate::access::{Actor, Permission};
use crate::audit::Act;
use crate::booking::Booking;
use crate::booking::command::{BookSeries, WhoIsSeen};
use crate::db::StoreError;
use crate::domain::{SeriesId, TimeSlot};
use crate::request::{ErrorCode, Refusal, When};
use crate::search::{PlannedVisit, SeriesPreview};

/// How often it is tried where somebody was faster at a time that had looked free.
const ROUNDS: usize = 3;

impl Booking {
    /// Books a series with one provider. Its times are held in one transaction; what the scheduling service
    /// then refuses, or does not answer before its hold ends, undoes all of it, unless the caller accepts a
    /// part.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`], also for a clinician who asks for another provider; those of the preview; those of
    /// one booking that are about whom, and [`Refusal::TooManyOpenVisits`].
    pub async fn book_series(
        &self,
        actor: &Actor,
        command: &BookSeries,
    ) -> Result<SeriesAnswer, Refusal> {
        let act = &match &command.patient {
            WhoIsSeen::Known(id) => Act::on_patients(actor, "bookSeries", [*id]),
            WhoIsSeen::Described(_) => Act::of(actor, "bookSeries"),
        };
        let attempt = async {
            let own = actor.patients_for(Permission::Book)?;
            let (key, fingerprint) = (command.idempotency_key.as_ref(), command.fingerprint());
            let request = SeriesRequest { key, fingerprint: &fingerprint, own };
            let work = self.book_series_anew(actor, act, (command, request));
            match self.once_for_series(actor, request, work).await? {
                Once::Before(before) => Ok(SeriesAnswer::Booked(before)),
                Once::Now(answer) => Ok(answer),
            }
        };
        self.parts.trail.attempt(act, Box::pin(attempt)).await
    }

    async fn book_series_anew(
        &self,
        actor: &Actor,
        act: &Act,
        (command, request): (&BookSeries, SeriesRequest<'_>),
    ) -> Result<SeriesAnswer, Refusal> {
        for _round in 0..ROUNDS {
            let preview = self.preview_series(actor, command).await?;
            let Some(slots) = slots(&preview) else {
                return Err(Refusal::bug("a series without a visit"));
            };
            let first = slots.first().map_or_else(|| self.now(), |slot| slot.starts_at());
            let visit = command.visit(Some(preview.provider.id), When::At(first));
            let by = (actor, request.own);
            let plan = self.plan(by, (act, request.fingerprint), &visit).await?;
            if preview.visits.iter().any(|(_, visit)| can_not_be(visit)) {
                return Ok(SeriesAnswer::Clashes(Box::new(preview)));
            }
            match self.hold_series(&plan, (command, request), &slots).await {
                Ok(Some(held)) => {
                    let (id, handovers) = held;
                    let settling = &self.parts.settling;
                    settling.settle_all(handovers, settling.deadline()).await;
                    let booked = self.series_as_it_is(id, None, false).await?;
                    return Ok(SeriesAnswer::Booked(booked));
                }
                // Somebody was faster, or the patient was merged into another.
                Ok(None) | Err(Refusal::Store(StoreError::Dangling(_))) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Err(StoreError::Unavailable("others book at these times".to_owned()).into())
    }

    /// A series and its visits, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`], also where they may see none of its visits.
    pub async fn series(&self, actor: &Actor, id: SeriesId) -> Result<SeriesOutcome, Refusal> {
        let grant = actor.require(Permission::ReadAppointments)?;
        self.series_as_it_is(id, grant.only_with(), false).await
    }
}

/// The times of the visits; none where one would end after the end of time.
fn slots(preview: &SeriesPreview) -> Option<Vec<TimeSlot>> {
    let slots =
        preview.visits.iter().map(|(_, visit)| TimeSlot::starting(visit.starts_at, preview.length));
    slots.collect()
}

/// Whether something is against a visit that is no matter of how many the patient has, which is judged of the
/// series as a whole.
fn can_not_be(visit: &PlannedVisit) -> bool {
    visit.reasons.iter().any(|reason| reason.code != ErrorCode::RateLimited)
}
