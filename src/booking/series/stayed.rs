//! The visits of a series that the scheduling service would not move: told by the request that asked for it, and by
//! every repeat of that, whatever has become of them since.

use std::sync::Arc;

use jiff::Timestamp;

use super::outcome::{SeriesOutcome, SeriesRequest};
use super::reschedule::{SeriesMoving, is_meant};
use crate::access::Actor;
use crate::booking::Booking;
use crate::booking::command::RescheduleSeries;
use crate::db::{Ending, StoreError, idempotency};
use crate::domain::{SeriesId, StayedVisit};

impl Booking {
    /// Those that were to move and have not, though nothing is under way any more.
    pub(super) async fn stayed(
        &self,
        outcome: &SeriesOutcome,
        command: &RescheduleSeries,
        now: Timestamp,
    ) -> Result<Vec<StayedVisit>, StoreError> {
        let directory = self.parts.roster.directory().await?;
        let mut stayed = Vec::new();
        for (index, visit) in outcome.visits.iter().enumerate() {
            let is_settled = visit.is_scheduled() && !visit.is_on_the_move();
            let Some(provider) = directory.provider(visit.provider_id) else { continue };
            let starts_at = visit.slot.starts_at();
            let to = command.to.of(starts_at, provider.schedule.zone());
            let is_there = to.is_none_or(|to| to.at == starts_at);
            if !is_there && is_settled && is_meant(visit, command, now) {
                stayed.push(StayedVisit { index, id: visit.id, starts_at });
            }
        }
        Ok(stayed)
    }

    /// Notes them with the key of the request, for its repeats.
    pub(super) async fn note_stayed(
        &self,
        actor: &Actor,
        request: SeriesRequest<'_>,
        (id, stayed): (SeriesId, &[StayedVisit]),
    ) -> Result<(), StoreError> {
        let Some(key) = request.key.filter(|_| !stayed.is_empty()) else { return Ok(()) };
        let scope = &actor.scope();
        let note = |tx| async move {
            idempotency::note_stayed(&tx, (scope, key.as_str()), id, stayed)
                .await
                .map(Ending::Commit)
        };
        self.db().transaction("series_not_moved", note).await
    }

    /// With them named, each with the time that it was to have.
    pub(super) async fn with_stayed(
        &self,
        outcome: SeriesOutcome,
        stayed: &[StayedVisit],
        command: &RescheduleSeries,
    ) -> Result<SeriesOutcome, StoreError> {
        let directory = self.parts.roster.directory().await?;
        let was_to_move = |one: &StayedVisit| {
            let visit = outcome.visits.iter().find(|visit| visit.id == one.id)?;
            let provider = directory.provider(visit.provider_id)?;
            let to = command.to.of(one.starts_at, provider.schedule.zone())?;
            let (visit, provider) = (visit.clone(), Arc::clone(provider));
            Some(SeriesMoving { index: one.index, visit, provider, to })
        };
        let told: Vec<SeriesMoving> = stayed.iter().filter_map(was_to_move).collect();
        Ok(SeriesOutcome { not_moved: Self::told_as_not_moved(&told), ..outcome })
    }
}
