//! What is written down of a visit beside when it is and with whom.

use super::Appointment;
use crate::domain::ids::{PayerId, VisitTypeId};
use crate::domain::us_state::UsState;

/// What is written down of a visit beside when it is and with whom.
#[derive(Clone, PartialEq, Eq)]
pub struct VisitDetails {
    /// Why the patient comes.
    pub reason: Option<String>,
    /// The state the patient is in.
    pub state: UsState,
    /// The payer it is booked under.
    pub payer_id: PayerId,
    /// What kind of visit it is.
    pub visit_type_id: Option<VisitTypeId>,
}

impl Appointment {
    /// What is written down of it.
    pub fn details(&self) -> VisitDetails {
        let Self { reason, state, payer_id, visit_type_id, .. } = self;
        VisitDetails {
            reason: reason.clone(),
            state: *state,
            payer_id: *payer_id,
            visit_type_id: *visit_type_id,
        }
    }
}
