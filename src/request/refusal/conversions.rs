//! What becomes a refusal by itself.

use super::Refusal;
use crate::access::Forbidden;
use crate::db::{Contention, StoreError};
use crate::domain::rules::Unbookable;

impl Contention for Refusal {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_contended())
    }
}

impl From<Unbookable> for Refusal {
    fn from(unbookable: Unbookable) -> Self {
        match unbookable {
            Unbookable::InPast => Self::TimeInPast,
            Unbookable::BeyondHorizon { ends_at } => Self::BeyondHorizon { ends_at },
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
