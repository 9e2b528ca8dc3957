//! Who a booking is for.

use crate::domain::{PatientDetails, PatientId};

/// Who is to be seen.
#[derive(Clone)]
pub enum WhoIsSeen {
    /// Somebody as they are described: known already, or not.
    Described(PatientDetails),
    /// A patient who is known.
    Known(PatientId),
}

impl WhoIsSeen {
    /// The patient of that id. A malformed one names nobody, and is told so in its turn.
    pub(super) fn asked_for(id: Option<&str>) -> Self {
        Self::Known(id.and_then(|text| text.parse().ok()).unwrap_or(PatientId::NOBODY))
    }
}
