//! Why a mutation did not do what was asked: data, not errors, so that a client reads it as such.

use async_graphql::{Enum, ID, Interface, SimpleObject};

use super::appointment::AppointmentStatusEnum;
use super::instant::DateTime;
use super::slot::SlotObject;
use crate::domain::eligibility::Ineligible;
use crate::graphql::error::graphql_name;
use crate::request::Refusal;
use crate::request::code::error_codes;

macro_rules! define {
    ($($(#[$doc:meta])* $name:ident $code:literal $status:literal $title:literal,)*) => {
        /// The words for what went wrong, the same in GraphQL and REST.
        #[derive(Enum, Clone, Copy, PartialEq, Eq)]
        #[graphql(name = "ErrorCode", remote = "crate::request::ErrorCode")]
        pub(in crate::graphql) enum ErrorCodeEnum {
            $($(#[$doc])* $name,)*
        }
    };
}
error_codes!(define);

/// Why a mutation did not do what was asked. `code` is for programs, `message` for people; some
/// cases are types of their own and carry more.
#[derive(Interface)]
#[graphql(
    name = "BookingError",
    field(name = "code", ty = "&ErrorCodeEnum", desc = "What went wrong, for programs."),
    field(name = "message", ty = "&String", desc = "What went wrong, for people.")
)]
pub(in crate::graphql) enum BookingErrorObject {
    /// Fields that are not acceptable.
    InvalidInput(InvalidInput),
    /// A name that is not known.
    UnknownName(UnknownName),
    /// A provider who may not treat this patient.
    ProviderNotEligible(ProviderNotEligible),
    /// A time past the horizon.
    BeyondHorizon(BeyondHorizon),
    /// Nothing free.
    NoAvailability(NoAvailability),
    /// A time that is taken.
    SlotTaken(SlotTaken),
    /// Two patients who can't be one.
    PatientDoubleBooked(PatientDoubleBooked),
    /// A status that does not allow it.
    IllegalTransition(IllegalTransition),
    /// A version that is not the one expected.
    VersionConflict(VersionConflict),
    /// As many as may be: later again.
    RateLimited(RateLimited),
    /// Everything that needs no more than its code.
    PlainError(PlainError),
}

/// One or more fields are not acceptable (`INVALID_INPUT`).
#[derive(SimpleObject)]
pub(in crate::graphql) struct InvalidInput {
    /// `INVALID_INPUT`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// Every field that is not acceptable.
    violations: Vec<ViolationObject>,
}

/// A field that is not acceptable.
#[derive(SimpleObject)]
#[graphql(name = "Violation")]
pub(in crate::graphql) struct ViolationObject {
    /// The field inside `input`, such as `patient.email`.
    field: String,
    /// What is wrong with it and what is acceptable.
    message: String,
}

/// A state or an insurance that is not known (`UNKNOWN_STATE`, `UNKNOWN_INSURANCE`).
#[derive(SimpleObject)]
pub(in crate::graphql) struct UnknownName {
    /// `UNKNOWN_STATE` or `UNKNOWN_INSURANCE`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// Up to three names that come near, nearest first.
    suggestions: Vec<String>,
}

/// Why a provider may not treat a patient.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Ineligible")]
pub(in crate::graphql) enum IneligibleReason {
    /// The provider has no licence for the patient's state.
    NotLicensed,
    /// The provider's licence for the patient's state is not valid on the day of the visit.
    LicenceNotValidThen,
    /// The provider does not accept the patient's insurance.
    InsuranceNotAccepted,
}

/// The provider asked for may not treat this patient (`PROVIDER_NOT_ELIGIBLE`).
#[derive(SimpleObject)]
pub(in crate::graphql) struct ProviderNotEligible {
    /// `PROVIDER_NOT_ELIGIBLE`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// Why not.
    reason: IneligibleReason,
}

/// The time asked for is too far ahead (`BEYOND_HORIZON`).
#[derive(SimpleObject)]
pub(in crate::graphql) struct BeyondHorizon {
    /// `BEYOND_HORIZON`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// The last moment at which a visit may start.
    horizon_ends_at: DateTime,
}

/// Matching providers have nothing free (`NO_AVAILABILITY`).
#[derive(SimpleObject)]
pub(in crate::graphql) struct NoAvailability {
    /// `NO_AVAILABILITY`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// How far it was looked.
    searched_until: DateTime,
}

/// Somebody holds an overlapping appointment (`SLOT_TAKEN`).
#[derive(SimpleObject)]
pub(in crate::graphql) struct SlotTaken {
    /// `SLOT_TAKEN`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// Up to three other times, the earliest first.
    alternatives: Vec<SlotObject>,
}

/// Two patients can't be merged: each has a visit at the same time (`PATIENT_DOUBLE_BOOKED`). A booking
/// or a move that is refused with this code is a `PlainError`.
#[derive(SimpleObject)]
pub(in crate::graphql) struct PatientDoubleBooked {
    /// `PATIENT_DOUBLE_BOOKED`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// The ids of the visits that overlap: move or cancel one of each two.
    appointment_ids: Vec<ID>,
}

/// The appointment's status does not allow this change (`ILLEGAL_TRANSITION`).
#[derive(SimpleObject)]
pub(in crate::graphql) struct IllegalTransition {
    /// `ILLEGAL_TRANSITION`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// The statuses it may change to; empty when it is final.
    allowed: Vec<AppointmentStatusEnum>,
}

/// It was changed since the version that was expected (`VERSION_CONFLICT`). Nothing was done.
#[derive(SimpleObject)]
pub(in crate::graphql) struct VersionConflict {
    /// `VERSION_CONFLICT`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// Its version now.
    current_version: i32,
}

/// As many visits to come as one patient may have, or as many requests as one caller may send
/// (`RATE_LIMITED`). Nothing was done.
#[derive(SimpleObject)]
pub(in crate::graphql) struct RateLimited {
    /// `RATE_LIMITED`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// After how many seconds the same may be done.
    retry_after_seconds: i32,
}

/// Everything that needs no more than its code, such as `TIME_IN_PAST` or `NOT_FOUND`.
#[derive(SimpleObject)]
pub(in crate::graphql) struct PlainError {
    /// What went wrong, for programs.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
}

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
            Refusal::VisitsOverlap { appointments } => {
                let appointment_ids = appointments.iter().map(|id| ID(id.to_string())).collect();
                Self::PatientDoubleBooked(PatientDoubleBooked { code, message, appointment_ids })
            }
            Refusal::IllegalTransition { allowed, .. } => {
                let allowed = allowed.into_iter().map(Into::into).collect();
                Self::IllegalTransition(IllegalTransition { code, message, allowed })
            }
            Refusal::VersionConflict { current_version, .. } => {
                Self::VersionConflict(VersionConflict { code, message, current_version })
            }
            Refusal::TooManyOpenVisits { .. } | Refusal::TooManyTries { .. } => {
                let seconds = retry_after.map_or(0, |wait| wait.as_secs());
                let retry_after_seconds = i32::try_from(seconds).unwrap_or(i32::MAX);
                Self::RateLimited(RateLimited { code, message, retry_after_seconds })
            }
            _ => Self::PlainError(PlainError { code, message }),
        }
    }
}
