//! Asking the scheduling service, and looking up by reference what its reply leaves open.

use jiff::Timestamp;

use super::Settling;
use super::work::Work;
use crate::scheduling::{
    Confirmation, ExternalAppointment, ExternalBooking, ExternalVisit, Objection, SchedulingError,
    Trouble,
};

/// What is seen where a no may be about an earlier call that the service has not finished.
pub(super) const TOO_EARLY: &str = "refused while an earlier call may be under way";

/// Whether an earlier call for the visit may have reached the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Earlier {
    /// None did, or it was answered.
    None,
    /// One did, and may not be finished.
    UnderWay,
    /// One did; by now the service has acted on it or will not.
    Over,
}

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
    /// Whether an earlier call than the one that is noted may have reached the service.
    pub(super) fn earlier(&self, work: &Work) -> Earlier {
        match work.late_until {
            None => Earlier::None,
            Some(late_until) if self.now() < late_until => Earlier::UnderWay,
            Some(_) => Earlier::Over,
        }
    }

    /// Until when the service may act on the calls for a visit once one more has ended so.
    pub(super) fn late_after(&self, work: &Work, error: &SchedulingError) -> Option<Timestamp> {
        match error {
            SchedulingError::NotSent | SchedulingError::Unknown { cause: TOO_EARLY, .. } => {
                work.late_until
            }
            SchedulingError::Unknown { trouble: Trouble::Service, .. } => Some(self.late_until()),
            // It is not under way: it was answered.
            _ => work.late_until.or_else(|| Some(self.now())),
        }
    }

    /// Has the visit booked. A reply that does not say whose it is, is believed once the service is
    /// found to hold it; a refusal that may be of what an earlier try has booked, or of a request that
    /// the service can't act on, is one once it is found to hold nothing, and nothing can come of that
    /// try any more.
    pub(super) async fn ask_to_reserve(
        &self,
        booking: &ExternalBooking,
        key: &str,
        earlier: Earlier,
    ) -> Result<Confirmation, SchedulingError> {
        let visit = &booking.visit;
        let error = match self.parts.scheduling.reserve(booking, key).await {
            Ok(confirmation) => return self.vouched(visit, confirmation).await,
            Err(error) => error,
        };
        if !is_open(&error, earlier) {
            return Err(error);
        }
        match self.held(visit).await? {
            Held::AsAsked(held) => Ok(confirmation_of(held)),
            Held::Nothing => Err(as_refusal(error, earlier)),
            Held::Otherwise(_) | Held::Twice => Err(unknown("refused, and held otherwise")),
        }
    }

    /// Has the visit moved from what it was, `old`: as with a booking, and refused once it is found so. A
    /// service that does not say with whom it has a visit can't be asked who has it by now.
    pub(super) async fn ask_to_move(
        &self,
        external_id: &str,
        visit: &ExternalVisit,
        old: &ExternalVisit,
        key: &str,
        earlier: Earlier,
    ) -> Result<Confirmation, SchedulingError> {
        let error = match self.parts.scheduling.reschedule(external_id, visit, key).await {
            Ok(confirmation) => return self.vouched(visit, confirmation).await,
            Err(error) => error,
        };
        if !is_open(&error, earlier) {
            return Err(error);
        }
        match self.held(visit).await? {
            Held::AsAsked(held) if held.is_as(old) && !is_same(visit, old) => {
                Err(unknown("refused, and held in a way that does not tell"))
            }
            Held::AsAsked(held) => Ok(confirmation_of(held)),
            Held::Otherwise(held) if held.time == old.time && held.is_with_whom(old) => {
                Err(as_refusal(error, earlier))
            }
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

/// Whether the two are one visit at one time with one provider.
fn is_same(one: &ExternalVisit, other: &ExternalVisit) -> bool {
    let of = |visit: &ExternalVisit| {
        (visit.time, visit.duration_minutes, visit.provider_reference.clone())
    };
    of(one) == of(other)
}

/// Whether it takes a look to know what the error means.
fn is_open(error: &SchedulingError, earlier: Earlier) -> bool {
    match error {
        SchedulingError::Unfit { .. } => true,
        SchedulingError::Refused { .. } => earlier != Earlier::None,
        _ => false,
    }
}

/// What a no means where the service holds nothing of what was asked: nothing yet, perhaps.
fn as_refusal(error: SchedulingError, earlier: Earlier) -> SchedulingError {
    match error {
        _ if earlier == Earlier::UnderWay => unknown(TOO_EARLY),
        SchedulingError::Unfit { status } => {
            SchedulingError::Refused { to: Objection::Visit, reason: format!("status {status}") }
        }
        error => error,
    }
}

/// Whether another try a moment later may end otherwise.
pub(super) fn is_worth_a_try_at_once(error: &SchedulingError) -> bool {
    !matches!(error, SchedulingError::NotSent | SchedulingError::Unknown { cause: TOO_EARLY, .. })
}

fn confirmation_of(held: ExternalAppointment) -> Confirmation {
    Confirmation { external_id: held.external_id, names_reference: true }
}

fn unknown(cause: &'static str) -> SchedulingError {
    SchedulingError::Unknown { cause, trouble: Trouble::Call }
}
