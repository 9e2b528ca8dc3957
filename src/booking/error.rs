//! What a use case can answer instead of an appointment: a variant per thing a caller can do.

use jiff::Timestamp;

use super::command::Violation;
use super::find_slots::Offer;
use crate::db::StoreError;
use crate::domain::eligibility::Ineligible;
use crate::domain::time_slot::rfc3339;
use crate::domain::{Appointment, AppointmentStatus};

/// The words that both doors share for what went wrong; part of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// Not JSON, or a malformed query string.
    BadRequest,
    /// A field is missing, unknown or not acceptable.
    InvalidInput,
    /// Not a US state, DC or a territory.
    UnknownState,
    /// Not a payer that the clinic knows.
    UnknownInsurance,
    /// Nobody is licensed in that state and takes that insurance.
    NoMatchingProvider,
    /// No such provider or appointment, or a malformed id.
    NotFound,
    /// The provider asked for may not treat this patient.
    ProviderNotEligible,
    /// Before now.
    TimeInPast,
    /// After the booking horizon.
    BeyondHorizon,
    /// Not wholly inside the provider's hours.
    OutsideWorkingHours,
    /// Matching providers have nothing free within the horizon.
    NoAvailability,
    /// Somebody holds an overlapping appointment.
    SlotTaken,
    /// The patient already has an overlapping appointment.
    PatientDoubleBooked,
    /// The scheduling service refused, finally.
    SchedulingRefused,
    /// The same key came with another request.
    IdempotencyKeyReused,
    /// The first request with this key is still running.
    IdempotencyKeyInUse,
    /// A status change that is not allowed.
    IllegalTransition,
    /// The token is missing or wrong.
    Unauthenticated,
    /// A browser page of an origin that is not allowed.
    ForbiddenOrigin,
    /// The route does not have this method.
    MethodNotAllowed,
    /// None of the media types asked for can be given.
    NotAcceptable,
    /// The body is too large.
    PayloadTooLarge,
    /// The body is not JSON by its media type.
    UnsupportedMediaType,
    /// The GraphQL document does not parse.
    GraphqlParseFailed,
    /// The GraphQL document does not fit the schema.
    GraphqlValidationFailed,
    /// The GraphQL operation asks for too much.
    QueryTooComplex,
    /// The persisted query is not known.
    PersistedQueryNotFound,
    /// The database is down or overloaded.
    Unavailable,
    /// A bug.
    Internal,
}

impl ErrorCode {
    /// The code as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "BAD_REQUEST",
            Self::InvalidInput => "INVALID_INPUT",
            Self::UnknownState => "UNKNOWN_STATE",
            Self::UnknownInsurance => "UNKNOWN_INSURANCE",
            Self::NoMatchingProvider => "NO_MATCHING_PROVIDER",
            Self::NotFound => "NOT_FOUND",
            Self::ProviderNotEligible => "PROVIDER_NOT_ELIGIBLE",
            Self::TimeInPast => "TIME_IN_PAST",
            Self::BeyondHorizon => "BEYOND_HORIZON",
            Self::OutsideWorkingHours => "OUTSIDE_WORKING_HOURS",
            Self::NoAvailability => "NO_AVAILABILITY",
            Self::SlotTaken => "SLOT_TAKEN",
            Self::PatientDoubleBooked => "PATIENT_DOUBLE_BOOKED",
            Self::SchedulingRefused => "SCHEDULING_REFUSED",
            Self::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::IdempotencyKeyInUse => "IDEMPOTENCY_KEY_IN_USE",
            Self::IllegalTransition => "ILLEGAL_TRANSITION",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::ForbiddenOrigin => "FORBIDDEN_ORIGIN",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::NotAcceptable => "NOT_ACCEPTABLE",
            Self::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

/// Something that an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// A provider.
    Provider,
    /// An appointment.
    Appointment,
    /// A patient.
    Patient,
}

impl Resource {
    fn name(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Appointment => "appointment",
            Self::Patient => "patient",
        }
    }
}

/// Why a request was not carried out. `Display` is for operators; [`Self::message`] for clients.
#[derive(Clone, thiserror::Error)]
#[error("{}", self.code().as_str())]
pub enum BookingError {
    /// Fields that are not acceptable.
    Invalid(Vec<Violation>),
    /// No such state.
    UnknownState {
        /// The nearest names.
        suggestions: Vec<String>,
    },
    /// No such payer.
    UnknownInsurance {
        /// The nearest names.
        suggestions: Vec<String>,
    },
    /// Nothing has that id.
    NotFound(Resource),
    /// Nobody is licensed in that state and takes that insurance.
    NoMatchingProvider,
    /// The provider asked for may not treat this patient.
    NotEligible(Ineligible),
    /// The time asked for is before now.
    TimeInPast,
    /// The time asked for is after the booking horizon.
    BeyondHorizon {
        /// The last moment at which a visit may start.
        ends_at: Timestamp,
    },
    /// The visit would not lie wholly inside the working hours.
    OutsideWorkingHours,
    /// Nothing is free within the horizon.
    NoAvailability {
        /// How far it was looked.
        searched_until: Timestamp,
    },
    /// Somebody holds an overlapping appointment.
    SlotTaken {
        /// Up to three other times.
        alternatives: Vec<Offer>,
    },
    /// The patient already has an overlapping appointment.
    PatientDoubleBooked,
    /// The scheduling service refused, finally.
    SchedulingRefused {
        /// The appointment that failed, or that stays at its old time.
        appointment: Box<Appointment>,
        /// Whether this repeats the answer to an earlier request with the same key.
        replayed: bool,
    },
    /// The same key came with another request.
    KeyReused,
    /// The first request with this key has not committed anything yet.
    KeyInUse,
    /// The status does not allow it.
    IllegalTransition {
        /// The appointment as it is.
        appointment: Box<Appointment>,
        /// The statuses it may change to.
        allowed: &'static [AppointmentStatus],
    },
    /// The database failed.
    Store(StoreError),
}

impl BookingError {
    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Invalid(_) => ErrorCode::InvalidInput,
            Self::UnknownState { .. } => ErrorCode::UnknownState,
            Self::UnknownInsurance { .. } => ErrorCode::UnknownInsurance,
            Self::NotFound(_) => ErrorCode::NotFound,
            Self::NoMatchingProvider => ErrorCode::NoMatchingProvider,
            Self::NotEligible(_) => ErrorCode::ProviderNotEligible,
            Self::TimeInPast => ErrorCode::TimeInPast,
            Self::BeyondHorizon { .. } => ErrorCode::BeyondHorizon,
            Self::OutsideWorkingHours => ErrorCode::OutsideWorkingHours,
            Self::NoAvailability { .. } => ErrorCode::NoAvailability,
            Self::SlotTaken { .. } => ErrorCode::SlotTaken,
            Self::PatientDoubleBooked => ErrorCode::PatientDoubleBooked,
            Self::SchedulingRefused { .. } => ErrorCode::SchedulingRefused,
            Self::KeyReused => ErrorCode::IdempotencyKeyReused,
            Self::KeyInUse => ErrorCode::IdempotencyKeyInUse,
            Self::IllegalTransition { .. } => ErrorCode::IllegalTransition,
            Self::Store(StoreError::Internal(_) | StoreError::Overlap) => ErrorCode::Internal,
            Self::Store(_) => ErrorCode::Unavailable,
        }
    }

    /// What to tell the caller: no library's words, and nobody's name.
    pub fn message(&self) -> String {
        match self {
            Self::Invalid(violations) => {
                let fields: Vec<&str> =
                    violations.iter().map(|violation| violation.message.as_ref()).collect();
                format!("The request is not acceptable: {}", fields.join("; "))
            }
            Self::UnknownState { suggestions } => {
                format!("Not a US state, DC or a territory{}", did_you_mean(suggestions))
            }
            Self::UnknownInsurance { suggestions } => {
                format!("The clinic does not know this insurance{}", did_you_mean(suggestions))
            }
            Self::NotFound(resource) => format!("There is no {} with this id", resource.name()),
            Self::NoMatchingProvider => {
                "No provider is licensed in this state and accepts this insurance".to_owned()
            }
            Self::NotEligible(Ineligible::NotLicensed) => {
                "The provider is not licensed in the patient's state".to_owned()
            }
            Self::NotEligible(Ineligible::LicenceNotValidThen) => {
                "The provider's licence for the patient's state is not valid on that day".to_owned()
            }
            Self::NotEligible(Ineligible::InsuranceNotAccepted) => {
                "The provider does not accept the patient's insurance".to_owned()
            }
            Self::TimeInPast => "The time asked for is in the past".to_owned(),
            Self::BeyondHorizon { ends_at } => {
                format!(
                    "The time asked for is too far ahead: visits may start until {}",
                    rfc3339(*ends_at)
                )
            }
            Self::OutsideWorkingHours => {
                "The visit would not lie wholly inside working hours".to_owned()
            }
            Self::NoAvailability { searched_until } => {
                format!("Nothing is free until {}", rfc3339(*searched_until))
            }
            Self::SlotTaken { .. } => "This time is taken".to_owned(),
            Self::PatientDoubleBooked => {
                "The patient already has an appointment at this time".to_owned()
            }
            Self::SchedulingRefused { .. } => "The scheduling service refused".to_owned(),
            Self::KeyReused => "This idempotency key was used for another request".to_owned(),
            Self::KeyInUse => {
                "The first request with this idempotency key is still running".to_owned()
            }
            Self::IllegalTransition { appointment, allowed } => {
                let allowed: Vec<&str> = allowed.iter().map(|status| status.as_str()).collect();
                let allowed =
                    if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
                format!(
                    "Not possible for an appointment that is {}{}: it may become {allowed}",
                    appointment.status.as_str(),
                    if appointment.moving_to.is_some() { " and being moved" } else { "" },
                )
            }
            Self::Store(_) if self.code() == ErrorCode::Unavailable => {
                "The service is not available just now; please try again".to_owned()
            }
            Self::Store(_) => "Internal error".to_owned(),
        }
    }

    /// The appointment it is about, where one is committed.
    pub fn appointment(&self) -> Option<&Appointment> {
        match self {
            Self::SchedulingRefused { appointment, .. }
            | Self::IllegalTransition { appointment, .. } => Some(appointment),
            _ => None,
        }
    }

    /// Whether running the whole transaction again may succeed.
    pub fn is_contended(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_contended())
    }
}

impl std::fmt::Debug for BookingError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl From<StoreError> for BookingError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn did_you_mean(suggestions: &[String]) -> String {
    if suggestions.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", suggestions.join(" or "))
    }
}
