//! Who was found, and why others were not.

use std::sync::Arc;

use crate::domain::Provider;
use crate::domain::judge::Obstacle;
use crate::domain::misfit::Misfit;

/// Who may treat the patient, and who not.
#[derive(Debug, Clone)]
pub struct Matches {
    /// Those who may, best first.
    pub matched: Vec<Arc<Provider>>,
    /// Those who may not, nearest to fitting first.
    pub excluded: Vec<ExcludedProvider>,
}

/// Somebody who may not treat the patient.
#[derive(Debug, Clone)]
pub struct ExcludedProvider {
    /// Who.
    pub provider: Arc<Provider>,
    /// Why; at least one reason.
    pub reasons: Vec<MatchReason>,
}

/// Why somebody may not treat the patient.
#[derive(Debug, Clone)]
pub struct MatchReason {
    /// For programs.
    pub code: MatchCode,
    /// The facts, to be read out.
    pub message: String,
}

/// Why somebody may not treat the patient, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchCode {
    /// Holds no licence for the state.
    NotLicensed,
    /// The licence begins after the day of the visit.
    LicenceNotYetValid,
    /// The licence ended before the day of the visit.
    LicenceExpired,
    /// Does not take the insurance.
    InsuranceNotAccepted,
    /// Does not work here any more.
    Inactive,
    /// Does not offer the kind of visit.
    VisitTypeNotOffered,
    /// Is away then.
    Away,
    /// Does not work then.
    OutsideWorkingHours,
    /// Has another visit then or too near, or as many as may be on that day.
    Busy,
    /// It is too soon for their rules.
    NoticeTooShort,
    /// It is too far ahead for their rules.
    BeyondHorizon,
}

impl From<&Misfit<'_>> for MatchCode {
    fn from(misfit: &Misfit<'_>) -> Self {
        match misfit {
            Misfit::Inactive => Self::Inactive,
            Misfit::NotLicensed => Self::NotLicensed,
            Misfit::LicenceExpired(_) => Self::LicenceExpired,
            Misfit::LicenceNotYetValid(_) => Self::LicenceNotYetValid,
            Misfit::InsuranceNotAccepted => Self::InsuranceNotAccepted,
            Misfit::VisitTypeNotOffered => Self::VisitTypeNotOffered,
        }
    }
}

impl From<Obstacle> for MatchCode {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            // Nobody is asked about the past.
            Obstacle::NoticeTooShort { .. } | Obstacle::InPast => Self::NoticeTooShort,
            Obstacle::BeyondHorizon { .. } => Self::BeyondHorizon,
            Obstacle::OutsideWorkingHours => Self::OutsideWorkingHours,
            Obstacle::ProviderAway => Self::Away,
            Obstacle::DailyLimitReached
            | Obstacle::PatientDoubleBooked
            | Obstacle::SlotTaken
            | Obstacle::SlotHeld { .. }
            | Obstacle::InBuffer => Self::Busy,
        }
    }
}
