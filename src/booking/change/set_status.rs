//! What became of a visit, as staff say it. The scheduling service is not told.

use std::sync::Arc;

use super::plain::{Becomes, PlainChange, Whose};
use super::visit_change::{Changer, VisitChange};
use crate::access::Permission;
use crate::booking::Booking;
use crate::booking::command::{SetVisitStatus, WhichVisit};
use crate::booking::outcome::Outcome;
use crate::db::Tx;
use crate::domain::{Appointment, AppointmentStatus, Directory};
use crate::request::{Refusal, TransitionBar};

impl VisitChange for SetVisitStatus {
    const OPERATION: &'static str = "setVisitStatus";
    const WORD: &'static str = "status";
    const TRANSACTION: &'static str = "set_status";
    const PERMISSION: Permission = Permission::SetVisitStatus;

    fn visit(&self) -> &WhichVisit {
        &self.visit
    }

    fn told(&self) -> Vec<String> {
        vec![self.status.as_str().to_owned()]
    }

    async fn begin(&self, booking: &Booking, by: Changer<'_>) -> Result<Outcome, Refusal> {
        booking.change_plainly(by, self).await
    }
}

impl PlainChange for SetVisitStatus {
    type Seen = Arc<Directory>;

    async fn look(&self, booking: &Booking) -> Result<Arc<Directory>, Refusal> {
        Ok(booking.parts.roster.directory().await?)
    }

    async fn becomes(
        &self,
        booking: &Booking,
        _tx: &Tx,
        before: &Appointment,
        directory: &Arc<Directory>,
    ) -> Result<Option<Becomes>, Refusal> {
        if before.status == self.status {
            return Ok(None);
        }
        let now = booking.now();
        let provider = directory.provider_of_visit(before.provider_id);
        // Nobody is checked in the day before, on the clock of whom they come to.
        let day_has_come = provider.is_some_and(|provider| {
            provider.day_of(before.slot.starts_at()) <= provider.day_of(now)
        });
        let allowed = before.may_become(now, day_has_come);
        if !before.is_scheduled() || !allowed.contains(&self.status) {
            return Err(not_yet_or_never(before, self.status, allowed));
        }
        let after = before.with_status(self.status, now);
        Ok(Some(Becomes { after, whose: Whose::Ours }))
    }
}

fn not_yet_or_never(
    before: &Appointment,
    asked: AppointmentStatus,
    allowed: Vec<AppointmentStatus>,
) -> Refusal {
    let later =
        before.status.can_become(asked) && before.is_scheduled() && !before.is_on_the_move();
    let bar = if later { TransitionBar::Early } else { TransitionBar::Status };
    Refusal::IllegalTransition { appointment: Box::new(before.clone()), allowed, bar }
}
