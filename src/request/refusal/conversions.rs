//! What becomes a refusal by itself.

use super::Refusal;
use crate::access::Forbidden;
use crate::db::{Contention, StoreError};
use crate::domain::Offer;
use crate::domain::judge::Obstacle;

impl Contention for Refusal {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_contended())
    }
}

impl Refusal {
    /// What is told of a visit that can't be at a time; `alternatives` where other times are told.
    pub fn of(obstacle: Obstacle, alternatives: Vec<Offer>) -> Self {
        match obstacle {
            Obstacle::InPast => Self::TimeInPast,
            Obstacle::BeyondHorizon { ends_at } => Self::BeyondHorizon { ends_at },
            Obstacle::NoticeTooShort { earliest_starts_at } => {
                Self::NoticeTooShort { earliest_starts_at }
            }
            Obstacle::OutsideWorkingHours => Self::OutsideWorkingHours,
            Obstacle::ProviderAway => Self::ProviderAway,
            Obstacle::DailyLimitReached => Self::DailyLimitReached,
            Obstacle::PatientDoubleBooked => Self::PatientDoubleBooked,
            Obstacle::SlotTaken => Self::SlotTaken { alternatives },
            Obstacle::SlotHeld { until } => Self::SlotHeld { held_until: until, alternatives },
            Obstacle::InBuffer => Self::InBuffer { alternatives },
        }
    }
}

impl From<Forbidden> for Refusal {
    fn from(_forbidden: Forbidden) -> Self {
        Self::Forbidden
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
