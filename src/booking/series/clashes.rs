//! What is told of the visits of a series that can't move, or that the scheduling service would not move.

use std::sync::Arc;

use super::reschedule::SeriesMoving;
use crate::access::Actor;
use crate::booking::Booking;
use crate::db::patients;
use crate::domain::judge::Obstacle;
use crate::domain::{Directory, Offer, PatientClock, TimeSlot, VisitLength, VisitShape};
use crate::request::{ErrorCode, Refusal};
use crate::search::{
    Candidates, PlannedVisit, SeriesPreview, TimeOfDay, TimeQuestion, TimeReason, VisitWish,
    note_of_start,
};

impl Booking {
    /// Those of the visits that can't be at their new times, for `actor`; none where all can.
    pub(super) async fn clashes_of_move(
        &self,
        actor: &Actor,
        directory: &Directory,
        moving: &[SeriesMoving],
    ) -> Result<Option<SeriesPreview>, Refusal> {
        let mut clashes = Vec::new();
        // Where the others are to be, so that no other time is in their way.
        let mut taken: Vec<TimeSlot> = moving.iter().filter_map(SeriesMoving::slot).collect();
        for one in moving {
            let question = TimeQuestion {
                provider_id: one.provider.id,
                starts_at: one.to.at,
                length: VisitLength::from_minutes(one.visit.slot.minutes()),
                visit_type: None,
                patient_id: None,
                state: None,
                insurance: None,
                instead_of: Some(one.visit.id),
            };
            let reasons = self.parts.search.explain(actor, &question).await?.reasons;
            if !reasons.is_empty() {
                let alternative = self.near(directory, one, &taken).await?;
                taken.extend(alternative.as_ref().map(|offer| offer.slot));
                clashes.push(planned(one, reasons, alternative));
            }
        }
        Ok(preview(moving, clashes))
    }

    /// That the scheduling service would not move these, if there are any.
    pub(super) fn told_as_not_moved(stayed: &[SeriesMoving]) -> Option<Box<SeriesPreview>> {
        let refused = TimeReason {
            code: ErrorCode::SchedulingRefused,
            message: "The scheduling service did not move it: it keeps its time".to_owned(),
            from: None,
            until: None,
            overrulable: false,
        };
        let told = stayed.iter().map(|one| planned(one, vec![refused.clone()], None));
        preview(stayed, told.collect()).map(Box::new)
    }

    /// That one can't be where it would be, beside those before it.
    pub(super) fn told_as_stopped(one: &SeriesMoving, obstacle: Obstacle) -> SeriesPreview {
        let refusal = Refusal::of(obstacle, Vec::new());
        let reason = TimeReason {
            code: refusal.code(),
            message: "Another visit of the series is in its way, or somebody was faster".to_owned(),
            from: None,
            until: None,
            overrulable: false,
        };
        let length = VisitLength::from_minutes(one.visit.slot.minutes());
        SeriesPreview {
            provider: Arc::clone(&one.provider),
            length: length.unwrap_or(VisitLength::DEFAULT),
            visits: vec![planned(one, vec![reason], None)],
        }
    }

    /// The first time that the visit could move to from the one on that was asked for, and which is in the way
    /// of none of these.
    async fn near(
        &self,
        directory: &Directory,
        one: &SeriesMoving,
        taken: &[TimeSlot],
    ) -> Result<Option<Offer>, Refusal> {
        let visit = &one.visit;
        let candidates = Candidates::one(directory, visit.provider_id, Some(visit.state))?;
        let candidates = candidates.instead_of(visit);
        let length = VisitLength::from_minutes(visit.slot.minutes());
        let wish = VisitWish {
            patient: Some(visit.patient_id),
            from: one.to.at,
            shape: VisitShape {
                length: length.unwrap_or(VisitLength::DEFAULT),
                kind: visit.visit_type_id,
            },
            time_of_day: TimeOfDay::Any,
        };
        let patient = patients::find(self.db().read(), visit.patient_id).await?;
        let zone = patient.and_then(|patient| patient.time_zone);
        let clock = PatientClock::of(visit.state, zone.as_deref());
        let found = self.parts.search.alternatives(&candidates, wish, Some(&clock)).await?;
        let is_apart = |offer: &Offer| !taken.iter().any(|other| other.overlaps(offer.slot));
        Ok(found.into_iter().find(|offer| offer.slot != visit.slot && is_apart(offer)))
    }
}

fn planned(
    one: &SeriesMoving,
    reasons: Vec<TimeReason>,
    alternative: Option<Offer>,
) -> (usize, PlannedVisit) {
    let note = note_of_start(&one.provider, one.to);
    let provider = Arc::clone(&one.provider);
    (one.index, PlannedVisit { provider, starts_at: one.to.at, reasons, note, alternative })
}

fn preview(moving: &[SeriesMoving], told: Vec<(usize, PlannedVisit)>) -> Option<SeriesPreview> {
    let first = moving.first().filter(|_| !told.is_empty())?;
    let length = VisitLength::from_minutes(first.visit.slot.minutes());
    Some(SeriesPreview {
        provider: Arc::clone(&first.provider),
        length: length.unwrap_or(VisitLength::DEFAULT),
        visits: told,
    })
}
