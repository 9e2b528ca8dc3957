//! What of a refusal stands in a payload.

use async_graphql::ID;

use super::{
    BeyondHorizon, BookingErrorObject, IllegalTransition, InBuffer, InvalidInput, NoAvailability,
    NoticeTooShort, PatientDoubleBooked, PlainError, ProviderNotEligible, RateLimited, SlotHeld,
    SlotTaken, UnknownName, VersionConflict, ViolationObject,
};
use crate::graphql::error::graphql_name;
use crate::graphql::types::instant::DateTime;
use crate::graphql::types::slot::SlotObject;
use crate::request::Refusal;

impl From<Refusal> for BookingErrorObject {
    fn from(error: Refusal) -> Self {
        let (code, message) = (error.code().into(), error.message(graphql_name));
        let retry_after = error.retry_after();
        match error {
            Refusal::Invalid(violations) => {
                let violations = violations.into_iter().map(|violation| ViolationObject {
                    field: graphql_name(&violation.field),
                    message: violation.message.into_owned(),
                });
                Self::InvalidInput(InvalidInput { code, message, violations: violations.collect() })
            }
            Refusal::UnknownState { suggestions } | Refusal::UnknownInsurance { suggestions } => {
                Self::UnknownName(UnknownName { code, message, suggestions })
            }
            Refusal::NotEligible(reason) => Self::ProviderNotEligible(ProviderNotEligible {
                code,
                message,
                reason: reason.into(),
            }),
            Refusal::BeyondHorizon { ends_at } => Self::BeyondHorizon(BeyondHorizon {
                code,
                message,
                horizon_ends_at: DateTime(ends_at),
            }),
            Refusal::NoAvailability { searched_until } => {
                let searched_until = DateTime(searched_until);
                Self::NoAvailability(NoAvailability { code, message, searched_until })
            }
            Refusal::SlotTaken { alternatives } => {
                let alternatives = alternatives.into_iter().map(SlotObject).collect();
                Self::SlotTaken(SlotTaken { code, message, alternatives })
            }
            Refusal::SlotHeld { held_until, alternatives } => Self::SlotHeld(SlotHeld {
                code,
                message,
                held_until: held_until.map(DateTime),
                alternatives: alternatives.into_iter().map(SlotObject).collect(),
            }),
            Refusal::InBuffer { alternatives } => {
                let alternatives = alternatives.into_iter().map(SlotObject).collect();
                Self::InBuffer(InBuffer { code, message, alternatives })
            }
            Refusal::NoticeTooShort { earliest_starts_at } => {
                let earliest_starts_at = DateTime(earliest_starts_at);
                Self::NoticeTooShort(NoticeTooShort { code, message, earliest_starts_at })
            }
            Refusal::VisitsOverlap { appointments } => {
                let appointment_ids = appointments.iter().map(|id| ID(id.to_string())).collect();
                Self::PatientDoubleBooked(PatientDoubleBooked { code, message, appointment_ids })
            }
            Refusal::IllegalTransition { appointment, allowed, .. } => {
                let appointment_id = ID(appointment.id.to_string());
                let allowed = allowed.into_iter().map(Into::into).collect();
                let told = IllegalTransition { code, message, appointment_id, allowed };
                Self::IllegalTransition(told)
            }
            Refusal::VersionConflict { current_version, .. } => {
                Self::VersionConflict(VersionConflict { code, message, current_version })
            }
            Refusal::TooManyOpenVisits { .. }
            | Refusal::TooManyHolds { .. }
            | Refusal::TooManyTries { .. } => {
                let seconds = retry_after.map_or(0, |wait| wait.as_secs());
                let retry_after_seconds = i32::try_from(seconds).unwrap_or(i32::MAX);
                Self::RateLimited(RateLimited { code, message, retry_after_seconds })
            }
            _ => Self::PlainError(PlainError { code, message }),
        }
    }
}
