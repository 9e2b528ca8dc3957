//! What is told of the visits of a series that can't move, or that the scheduling service would not move.

use std::sync::Arc;

use super::reschedule::{SeriesMoving, Stopped};
use crate::access::Actor;
use crate::booking::Booking;
use crate::db::patients;
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
        let (mut clashes, mut before) = (Vec::new(), Vec::new());
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
            let mut reasons = self.parts.search.explain(actor, &question).await?.reasons;
            let slot = one.slot();
            let other = before.iter().find(|other| slot.is_some_and(|slot| slot.overlaps(**other)));
            reasons.extend(other.map(|other| among_themselves(one, *other)));
            before.extend(slot);
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
        let told = "The scheduling service did not move it: it keeps its time".to_owned();
        let refused = plain(ErrorCode::SchedulingRefused, told);
        let told = stayed.iter().map(|one| planned(one, vec![refused.clone()], None));
        preview(stayed, told.collect()).map(Box::new)
    }

    /// That these can't be where they would be beside those before them, each with a time near it that can be had.
    pub(super) async fn told_as_stopped(
        &self,
        directory: &Directory,
        stopped: Vec<Stopped>,
    ) -> Result<SeriesPreview, Refusal> {
        let first = stopped.first().map(|(one, _)| (Arc::clone(&one.provider), length_of(one)));
        let (provider, length) = first.ok_or_else(|| Refusal::bug("nothing stops a move"))?;
        let mut taken: Vec<TimeSlot> = stopped.iter().filter_map(|(one, _)| one.slot()).collect();
        let mut visits = Vec::new();
        for (one, obstacle) in &stopped {
            let refusal = Refusal::of(*obstacle, Vec::new());
            let reason = plain(refusal.code(), refusal.message(|_field| String::new()));
            let alternative = self.near(directory, one, &taken).await?;
            taken.extend(alternative.as_ref().map(|offer| offer.slot));
            visits.push(planned(one, vec![reason], alternative));
        }
        Ok(SeriesPreview { provider, length, visits })
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

fn length_of(one: &SeriesMoving) -> VisitLength {
    VisitLength::from_minutes(one.visit.slot.minutes()).unwrap_or(VisitLength::DEFAULT)
}

/// That an earlier visit of the series is to be in that slot.
fn among_themselves(one: &SeriesMoving, other: TimeSlot) -> TimeReason {
    let (start, end) = (one.provider.local(other.starts_at()), one.provider.local(other.ends_at()));
    let message = format!("Another visit of this series is to be then, {start} to {end}");
    let (from, until) = (Some(other.starts_at()), Some(other.ends_at()));
    TimeReason { from, until, ..plain(ErrorCode::SlotTaken, message) }
}

/// A reason that nobody passes, without a span.
fn plain(code: ErrorCode, message: String) -> TimeReason {
    TimeReason { code, message, from: None, until: None, overrulable: false }
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
    let (provider, length) = (Arc::clone(&first.provider), length_of(first));
    Some(SeriesPreview { provider, length, visits: told })
}
