//! Asking the scheduling service, and looking up by reference what its reply leaves open.

use super::Settling;
use crate::domain::TimeSlot;
use crate::scheduling::{
    Confirmation, ExternalAppointment, ExternalBooking, ExternalVisit, Objection, SchedulingError,
    Trouble,
};

/// What the service holds of a visit, cancelled ones aside.
enum Held {
    Nothing,
    /// That one, and as it was asked for.
    AsAsked(ExternalAppointment),
    /// That one, and otherwise.
    Otherwise(ExternalAppointment),
    /// More than one.
    Twice,
}

impl Settling {
    /// Has the visit booked. A reply that does not say whose it is, is believed once the service is
    /// found to hold it; a refusal that may be of what an earlier try has booked, or of a request that
    /// the service can't act on, is one once it is found to hold nothing.
    pub(super) async fn ask_to_reserve(
        &self,
        booking: &ExternalBooking,
        key: &str,
        was_tried: bool,
    ) -> Result<Confirmation, SchedulingError> {
        let visit = &booking.visit;
        let error = match self.parts.scheduling.reserve(booking, key).await {
            Ok(confirmation) => return self.vouched(visit, confirmation).await,
            Err(error) => error,
        };
        if !is_open(&error, was_tried) {
            return Err(error);
        }
        match self.held(visit).await? {
            Held::AsAsked(held) => Ok(confirmation_of(held)),
            Held::Nothing => Err(as_refusal(error)),
            Held::Otherwise(_) | Held::Twice => Err(unknown("refused, and held otherwise")),
        }
    }

    /// Has the visit moved from `old`: as with a booking, and refused once it is found where it was.
    pub(super) async fn ask_to_move(
        &self,
        external_id: &str,
        visit: &ExternalVisit,
        old: TimeSlot,
        key: &str,
        was_tried: bool,
    ) -> Result<Confirmation, SchedulingError> {
        let error = match self.parts.scheduling.reschedule(external_id, visit, key).await {
            Ok(confirmation) => return self.vouched(visit, confirmation).await,
            Err(error) => error,
        };
        if !is_open(&error, was_tried) {
            return Err(error);
        }
        match self.held(visit).await? {
            Held::AsAsked(held) => Ok(confirmation_of(held)),
            Held::Otherwise(held) if held.time == old.starts_at() => Err(as_refusal(error)),
            Held::Nothing => Err(SchedulingError::NotFound),
            Held::Otherwise(_) | Held::Twice => Err(unknown("refused, and held otherwise")),
        }
    }

    async fn vouched(
        &self,
        visit: &ExternalVisit,
        confirmation: Confirmation,
    ) -> Result<Confirmation, SchedulingError> {
        if confirmation.names_reference {
            return Ok(confirmation);
        }
        match self.held(visit).await? {
            Held::AsAsked(held) if held.external_id == confirmation.external_id => Ok(confirmation),
            _ => Err(unknown("confirmed without a reference, and not held under ours")),
        }
    }

    async fn held(&self, visit: &ExternalVisit) -> Result<Held, SchedulingError> {
        let outside = self.parts.scheduling.find(&visit.reference).await?;
        let mut live = outside.into_iter().filter(|one| !one.cancelled);
        Ok(match (live.next(), live.next()) {
            (None, _) => Held::Nothing,
            (Some(one), None) if one.is_as(visit) => Held::AsAsked(one),
            (Some(one), None) => Held::Otherwise(one),
            (Some(_), Some(_)) => Held::Twice,
        })
    }
}

/// Whether it takes a look to know what the error means.
fn is_open(error: &SchedulingError, was_tried: bool) -> bool {
    match error {
        SchedulingError::Unfit { .. } => true,
        SchedulingError::Refused { .. } => was_tried,
        _ => false,
    }
}

fn as_refusal(error: SchedulingError) -> SchedulingError {
    match error {
        SchedulingError::Unfit { status } => {
            SchedulingError::Refused { to: Objection::Visit, reason: format!("status {status}") }
        }
        error => error,
    }
}

fn confirmation_of(held: ExternalAppointment) -> Confirmation {
    Confirmation { external_id: held.external_id, names_reference: true }
}

fn unknown(cause: &'static str) -> SchedulingError {
    SchedulingError::Unknown { cause, trouble: Trouble::Call }
}
