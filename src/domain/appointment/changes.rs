//! What a change makes of an appointment: each makes the next one out of it.

use jiff::Timestamp;

use super::{Appointment, AppointmentStatus, Reassignment, VisitDetails};
use crate::domain::time_slot::TimeSlot;

impl Appointment {
    /// Confirmed by the scheduling service under its id.
    pub fn confirmed(&self, external_id: String, now: Timestamp) -> Self {
        let external_id = Some(external_id);
        Self { status: AppointmentStatus::Confirmed, external_id, ..self.next(now) }
    }

    /// Confirmed by our book alone, as it is to be kept here.
    pub fn confirmed_here(&self, now: Timestamp) -> Self {
        Self { status: AppointmentStatus::Confirmed, ..self.alone(now) }
    }

    /// Moved in our book alone, which alone has it from now on.
    pub fn moved_here(&self, to: TimeSlot, now: Timestamp) -> Self {
        Self { slot: to, moving_to: None, ..self.alone(now) }
    }

    /// Given to another provider in our book alone, which alone has it from now on.
    pub fn reassigned_here(&self, to: Reassignment, now: Timestamp) -> Self {
        Self { provider_id: to.provider_id, slot: to.slot, reassigning: None, ..self.alone(now) }
    }

    /// Cancelled in our book alone, which alone has it from now on: its time is free.
    pub fn cancelled_here(&self, reason: Option<String>, now: Timestamp) -> Self {
        let (status, ends_as) = (AppointmentStatus::Cancelled, None);
        Self { status, ends_as, cancel_reason: reason, ..self.alone(now) }
    }

    fn alone(&self, now: Timestamp) -> Self {
        let (external_id, unsettled_outside) = (None, false);
        Self { kept_here: true, external_id, unsettled_outside, ..self.next(now) }
    }

    /// Refused by the scheduling service, which holds nothing of it.
    pub fn failed(&self, now: Timestamp) -> Self {
        let (status, unsettled_outside) = (AppointmentStatus::Failed, false);
        Self { status, unsettled_outside, ..self.where_it_is(now) }
    }

    /// Given up before anything was sent.
    pub fn expired(&self, now: Timestamp) -> Self {
        Self { status: AppointmentStatus::Expired, ..self.next(now) }
    }

    /// Ended because its time has come, and not by an answer: what may stand outside is undone after it.
    pub fn ended_unanswered(&self, ends_as: AppointmentStatus, now: Timestamp) -> Self {
        Self { status: ends_as, ends_as: None, unsettled_outside: true, ..self.where_it_is(now) }
    }

    /// To be cancelled outside first; it will end as `ends_as`.
    pub fn cancelling(
        &self,
        ends_as: AppointmentStatus,
        reason: Option<String>,
        now: Timestamp,
    ) -> Self {
        let status = AppointmentStatus::Cancelling;
        let (ends_as, unsettled_outside) = (Some(ends_as), false);
        Self { status, ends_as, cancel_reason: reason, unsettled_outside, ..self.next(now) }
    }

    /// Cancelled here where it is ours alone, else to be cancelled outside first.
    pub fn cancelled_by_whom_it_concerns(
        &self,
        is_ours_alone: bool,
        reason: Option<String>,
        now: Timestamp,
    ) -> Self {
        if is_ours_alone {
            self.cancelled_here(reason, now)
        } else {
            self.cancelling(AppointmentStatus::Cancelled, reason, now)
        }
    }

    /// Whether what stands of it outside is to be taken away.
    pub fn is_undone_outside(&self) -> bool {
        self.status == AppointmentStatus::Cancelling
            || (self.status.is_final() && self.unsettled_outside)
    }

    /// Found outside while it is undone there, so there is something to cancel.
    pub fn found_outside(&self, external_id: String, now: Timestamp) -> Self {
        Self { external_id: Some(external_id), ..self.next(now) }
    }

    /// Nothing stands outside any more: its time is free.
    pub fn closed(&self, now: Timestamp) -> Self {
        let ended = if self.status.is_final() { self.status } else { AppointmentStatus::Cancelled };
        let (status, unsettled_outside) = (self.ends_as.unwrap_or(ended), false);
        Self { status, ends_as: None, unsettled_outside, ..self.where_it_is(now) }
    }

    /// Holding a new time besides the old one, until the scheduling service has answered.
    pub fn moving(&self, to: TimeSlot, now: Timestamp) -> Self {
        Self { moving_to: Some(to), unsettled_outside: false, ..self.next(now) }
    }

    /// On its way to another provider: the times of both are held, until the scheduling service has
    /// answered.
    pub fn reassigning(&self, to: Reassignment, now: Timestamp) -> Self {
        Self { reassigning: Some(to), unsettled_outside: false, ..self.next(now) }
    }

    /// Moved by the scheduling service, or given to the other provider: the old time is free.
    pub fn moved(&self, external_id: String, now: Timestamp) -> Self {
        Self { external_id: Some(external_id), unsettled_outside: false, ..self.as_asked(now) }
    }

    /// Not moved: the old time, which never left, stays.
    pub fn stayed(&self, now: Timestamp) -> Self {
        Self { unsettled_outside: false, ..self.where_it_is(now) }
    }

    /// The move was not answered before its time came: the old time stays, and is asked for anew.
    pub fn stayed_unanswered(&self, now: Timestamp) -> Self {
        Self { unsettled_outside: true, ..self.stayed(now) }
    }

    /// The scheduling service's no to a move: the old time stays. If that itself was asked for, after a move
    /// that was given up, then it is lost there; what has begun, or is attended to, is left as it was.
    pub fn not_moved(&self, now: Timestamp) -> Self {
        let is_here = self.has_begun(now) || self.status.is_attended_to();
        if self.is_on_the_move() || is_here { self.stayed(now) } else { self.failed(now) }
    }

    /// Its time and its provider as the scheduling service was asked for.
    pub fn as_asked(&self, now: Timestamp) -> Self {
        let (provider_id, slot) = (self.asked_provider(), self.asked_slot());
        Self { provider_id, slot, ..self.where_it_is(now) }
    }

    /// What staff say became of it.
    pub fn with_status(&self, status: AppointmentStatus, now: Timestamp) -> Self {
        Self { status, ..self.next(now) }
    }

    /// With these details in place of those that were written down.
    pub fn corrected(&self, details: VisitDetails, now: Timestamp) -> Self {
        let VisitDetails { reason, state, payer_id, visit_type_id } = details;
        Self { state, payer_id, visit_type_id, reason, ..self.next(now) }
    }

    /// Not on the move any more.
    fn where_it_is(&self, now: Timestamp) -> Self {
        Self { moving_to: None, reassigning: None, ..self.next(now) }
    }

    fn next(&self, now: Timestamp) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self.clone() }
    }
}
