//! Cancelling: outside first, where somebody has it there, then the time is free.

use super::not_changed;
use super::plain::{Becomes, PlainChange, Whose};
use super::visit_change::{Changer, VisitChange};
use crate::access::Permission;
use crate::booking::Booking;
use crate::booking::command::{CancelAppointment, WhichVisit};
use crate::booking::outcome::Outcome;
use crate::db::Tx;
use crate::domain::{Appointment, AppointmentStatus};
use crate::request::Refusal;

impl VisitChange for CancelAppointment {
    const OPERATION: &'static str = "cancelAppointment";
    const WORD: &'static str = "cancel";
    const TRANSACTION: &'static str = "cancel";
    const PERMISSION: Permission = Permission::Book;
    const BY_LINK: bool = true;

    fn visit(&self) -> &WhichVisit {
        &self.visit
    }

    fn told(&self) -> Vec<String> {
        vec![self.reason.clone().unwrap_or_default()]
    }

    async fn begin(&self, booking: &Booking, by: Changer<'_>) -> Result<Outcome, Refusal> {
        booking.change_plainly(by, self).await
    }
}

impl PlainChange for CancelAppointment {
    type Seen = ();

    async fn look(&self, _booking: &Booking) -> Result<(), Refusal> {
        Ok(())
    }

    /// One that is cancelled, or on its way there, is as it is asked for; one that ended otherwise, or has
    /// begun, stays.
    async fn becomes(
        &self,
        booking: &Booking,
        _tx: &Tx,
        before: &Appointment,
        _seen: &(),
    ) -> Result<Option<Becomes>, Refusal> {
        let (cancelling, cancelled) = (AppointmentStatus::Cancelling, AppointmentStatus::Cancelled);
        if [cancelling, cancelled].contains(&before.status) {
            return Ok(None);
        }
        let (now, can_become) = (booking.now(), before.status.can_become(cancelling));
        if !can_become || before.has_begun(now) {
            return Err(not_changed(before.clone(), can_become, now));
        }
        let (reason, is_ours_alone) = (self.reason.clone(), booking.is_ours_alone(before));
        let after = before.cancelled_by_whom_it_concerns(is_ours_alone, reason, now);
        let whose = if is_ours_alone { Whose::OursAlone } else { Whose::TheService };
        Ok(Some(Becomes { after, whose }))
    }
}
