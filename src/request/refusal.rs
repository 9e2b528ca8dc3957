//! What a use case can answer instead of an appointment: a variant per thing a caller can do.

mod conversions;
mod retry_after;

use std::time::Duration;

use jiff::Timestamp;

use super::code::ErrorCode;
use super::field::{Field, Violation};
use super::resource::Resource;
use super::sentence::{not_acceptable, one_of};
use crate::db::StoreError;
use crate::domain::eligibility::Ineligible;
use crate::domain::time_slot::rfc3339;
use crate::domain::{Appointment, AppointmentId, AppointmentStatus, LateRefusal, Offer};

/// Why a request was not carried out. `Display` is for operators; [`Self::message`] for clients.
#[derive(Clone, thiserror::Error)]
#[error("{}", self.code().as_str())]
pub enum Refusal {
    /// The caller's role does not allow it.
    Forbidden,
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
    /// The patient has as many visits to come as one patient may have.
    TooManyOpenVisits {
        /// How many.
        most: u32,
        /// When the next of them is over; none where the caller may know of none of them.
        one_ends_at: Option<Timestamp>,
        /// How long that is from now on.
        ends_within: Option<Duration>,
    },
    /// Two patients can't be one: each has a visit at this time.
    VisitsOverlap {
        /// The visits that overlap.
        appointments: Vec<AppointmentId>,
    },
    /// The scheduling service refused, finally, or never answered.
    SchedulingRefused {
        /// The appointment that failed, or that stays at its old time.
        appointment: Box<Appointment>,
        /// Which of the two.
        why: LateRefusal,
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
        allowed: Vec<AppointmentStatus>,
        /// Whether the status would allow it, had the visit not begun.
        has_begun: bool,
    },
    /// Somebody has changed it since the caller saw it.
    VersionConflict {
        /// Its version now.
        current_version: i32,
        /// The appointment as it is, if it is one.
        appointment: Option<Box<Appointment>>,
        /// Whether a precondition of the request said which version was meant (RFC 9110, 13.1.1).
        by_precondition: bool,
    },
    /// There is one like it already.
    AlreadyExists(&'static str),
    /// Something else needs it.
    InUse(&'static str),
    /// What was shown to come in by is wrong.
    Unauthenticated(&'static str),
    /// Too many wrong tries to come in.
    TooManyTries {
        /// When to come again.
        retry_after: Duration,
    },
    /// The database failed.
    Store(StoreError),
}

impl Refusal {
    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Forbidden => ErrorCode::Forbidden,
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
            Self::PatientDoubleBooked | Self::VisitsOverlap { .. } => {
                ErrorCode::PatientDoubleBooked
            }
            Self::TooManyOpenVisits { .. } | Self::TooManyTries { .. } => ErrorCode::RateLimited,
            Self::AlreadyExists(_) => ErrorCode::AlreadyExists,
            Self::InUse(_) => ErrorCode::InUse,
            Self::Unauthenticated(_) => ErrorCode::Unauthenticated,
            Self::SchedulingRefused { .. } => ErrorCode::SchedulingRefused,
            Self::KeyReused => ErrorCode::IdempotencyKeyReused,
            Self::KeyInUse => ErrorCode::IdempotencyKeyInUse,
            Self::IllegalTransition { .. } => ErrorCode::IllegalTransition,
            Self::VersionConflict { .. } => ErrorCode::VersionConflict,
            Self::Store(
                StoreError::Internal(_) | StoreError::Overlap | StoreError::Dangling(_),
            ) => ErrorCode::Internal,
            Self::Store(_) => ErrorCode::Unavailable,
        }
    }

    /// What to tell the caller, where the door spells fields as `spell` does: no library's words,
    /// and nobody's name.
    pub fn message(&self, spell: impl Fn(&Field) -> String) -> String {
        match self {
            Self::Forbidden => "Your role does not allow this".to_owned(),
            Self::Invalid(violations) => not_acceptable(violations, spell),
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
            Self::TooManyOpenVisits { most, one_ends_at, .. } => format!(
                "The patient already has {most} visits to come, as many as one patient may have: cancel one \
                 of them, or book again when the next is over{}",
                one_ends_at.map(|end| format!(", at {}", rfc3339(end))).unwrap_or_default()
            ),
            Self::VisitsOverlap { appointments } => {
                let ids: Vec<String> = appointments.iter().map(ToString::to_string).collect();
                format!("Both have visits at the same time: {}", ids.join(", "))
            }
            Self::SchedulingRefused { why: LateRefusal::Refused | LateRefusal::Unfit, .. } => {
                "The scheduling service refused".to_owned()
            }
            Self::SchedulingRefused { why: LateRefusal::Unanswered, .. } => {
                "The scheduling service did not answer in time".to_owned()
            }
            Self::KeyReused => "This idempotency key was used for another request".to_owned(),
            Self::KeyInUse => {
                "The first request with this idempotency key is still running".to_owned()
            }
            Self::IllegalTransition { appointment, allowed, has_begun: true } => {
                format!(
                    "The visit began at {}, and what has begun is neither moved nor cancelled: it may become {}",
                    rfc3339(appointment.slot.starts_at()),
                    listed(allowed),
                )
            }
            Self::IllegalTransition { appointment, allowed, has_begun: false } => {
                format!(
                    "Not possible for an appointment that is {}{}: it may become {}",
                    appointment.status.as_str(),
                    if appointment.moving_to.is_some() { " and being moved" } else { "" },
                    listed(allowed),
                )
            }
            Self::VersionConflict { current_version, .. } => format!(
                "Somebody has changed it meanwhile: it is at version {current_version}. Nothing was done; read it again"
            ),
            Self::AlreadyExists(why) | Self::InUse(why) | Self::Unauthenticated(why) => {
                (*why).to_owned()
            }
            Self::TooManyTries { .. } => {
                "Too many wrong tries for this account: this one was not looked at".to_owned()
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
            Self::VersionConflict { appointment, .. } => appointment.as_deref(),
            _ => None,
        }
    }

    /// Whether it repeats the answer to an earlier request with the same key.
    pub fn is_replayed(&self) -> bool {
        matches!(self, Self::SchedulingRefused { replayed: true, .. })
    }

    /// A bug, in words for the log.
    pub fn bug(what: impl Into<String>) -> Self {
        Self::Store(StoreError::Internal(what.into()))
    }

    /// A row that another one points to and that is not there: a bug, or a broken database.
    pub fn missing(what: &str) -> Self {
        Self::bug(format!("missing {what}"))
    }
}

impl std::fmt::Debug for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

fn listed(statuses: &[AppointmentStatus]) -> String {
    let names: Vec<&str> = statuses.iter().map(|status| status.as_str()).collect();
    if names.is_empty() { "nothing".to_owned() } else { one_of(&names) }
}

fn did_you_mean(suggestions: &[String]) -> String {
    if suggestions.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", one_of(suggestions))
    }
}
