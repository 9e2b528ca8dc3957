//! Whether the visits of a series can be booked: each judged as booking will, in order, all with one provider.

mod choosing;
mod notes;
mod preview;
mod telling;

pub use notes::note_of_start;
pub use preview::{PlannedVisit, SeriesPreview};

use crate::domain::misfit::ToFit;
use crate::domain::recurrence::SeriesTimes;
use crate::domain::{PatientClock, PatientId, PayerId, ProviderId, UsState, VisitShape};

/// A series that may be booked.
#[derive(Debug, Clone)]
pub struct SeriesWish {
    /// When.
    pub times: SeriesTimes,
    /// With whom; else with whoever fits best.
    pub provider_id: Option<ProviderId>,
    /// The patient, if already known: when they are busy is not free for them.
    pub patient: Option<PatientId>,
    /// In which state the patient is.
    pub state: UsState,
    /// Who pays.
    pub payer: PayerId,
    /// How long each visit, and of which kind.
    pub shape: VisitShape,
    /// The clock that the patient lives by.
    pub clock: PatientClock,
}

impl SeriesWish {
    /// What a provider has to fit.
    fn fits(&self) -> ToFit {
        ToFit { state: Some(self.state), payer: Some(self.payer), kind: self.shape.kind }
    }
}
