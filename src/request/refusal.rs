//! What a use case can answer instead of an appointment: a variant per thing a caller can do.

mod conversions;
mod message;
mod retry_after;
mod transition;

pub use transition::TransitionBar;

use std::time::Duration;

use jiff::Timestamp;

use super::code::ErrorCode;
use super::field::Violation;
use super::resource::Resource;
use crate::db::StoreError;
use crate::domain::eligibility::Ineligible;
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
    /// Nobody who might be asked offers that kind of visit.
    VisitTypeNotOffered,
    /// The time asked for is sooner than visits are booked.
    NoticeTooShort {
        /// The first moment at which a visit may start.
        earliest_starts_at: Timestamp,
    },
    /// The visit would not lie wholly inside the working hours.
    OutsideWorkingHours,
    /// The provider is away then.
    ProviderAway,
    /// As many visits as may start on that day.
    DailyLimitReached,
    /// Somebody is about to take the time.
    SlotHeld {
        /// Until when at most; none where that is not known.
        held_until: Option<Timestamp>,
        /// Up to three other times.
        alternatives: Vec<Offer>,
    },
    /// The token is of no hold that is left.
    HoldExpired,
    /// The caller holds as many times as one caller may.
    TooManyHolds {
        /// How many.
        most: u32,
        /// After how long the next of them lapses.
        one_lapses_within: Duration,
    },
    /// Another visit is too near.
    InBuffer {
        /// Up to three other times.
        alternatives: Vec<Offer>,
    },
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
        /// What is in the way.
        bar: TransitionBar,
    },
    /// It is too late for the patient to change the visit by themselves.
    CutoffPassed {
        /// Where they may ask, if the clinic says so.
        contact: Option<String>,
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
            Self::VisitTypeNotOffered => ErrorCode::VisitTypeNotOffered,
            Self::NoticeTooShort { .. } => ErrorCode::NoticeTooShort,
            Self::OutsideWorkingHours => ErrorCode::OutsideWorkingHours,
            Self::ProviderAway => ErrorCode::ProviderAway,
            Self::DailyLimitReached => ErrorCode::DailyLimitReached,
            Self::SlotHeld { .. } => ErrorCode::SlotHeld,
            Self::HoldExpired => ErrorCode::HoldExpired,
            Self::InBuffer { .. } => ErrorCode::InBuffer,
            Self::NoAvailability { .. } => ErrorCode::NoAvailability,
            Self::SlotTaken { .. } => ErrorCode::SlotTaken,
            Self::PatientDoubleBooked | Self::VisitsOverlap { .. } => {
                ErrorCode::PatientDoubleBooked
            }
            Self::TooManyOpenVisits { .. }
            | Self::TooManyHolds { .. }
            | Self::TooManyTries { .. } => ErrorCode::RateLimited,
            Self::AlreadyExists(_) => ErrorCode::AlreadyExists,
            Self::InUse(_) => ErrorCode::InUse,
            Self::Unauthenticated(_) => ErrorCode::Unauthenticated,
            Self::SchedulingRefused { .. } => ErrorCode::SchedulingRefused,
            Self::KeyReused => ErrorCode::IdempotencyKeyReused,
            Self::KeyInUse => ErrorCode::IdempotencyKeyInUse,
            Self::IllegalTransition { .. } => ErrorCode::IllegalTransition,
            Self::CutoffPassed { .. } => ErrorCode::CutoffPassed,
            Self::VersionConflict { .. } => ErrorCode::VersionConflict,
            Self::Store(
                StoreError::Internal(_) | StoreError::Overlap | StoreError::Dangling(_),
            ) => ErrorCode::Internal,
            Self::Store(_) => ErrorCode::Unavailable,
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
