//! A series of visits that were booked together.

use jiff::Timestamp;

use super::ids::{AppointmentId, SeriesId};

/// Visits of one patient that were booked together. Each is an appointment as any other; which ones they are
/// is kept beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppointmentSeries {
    /// Its identifier.
    pub id: SeriesId,
    /// Counts the committed changes of it as a whole, from 1.
    pub version: i32,
    /// The rule that it was booked by, if it was by one.
    pub rule: Option<String>,
    /// Whether what the scheduling service refuses of it leaves the rest.
    pub accepts_part: bool,
    /// The visit that the scheduling service would not have, for which all others were undone.
    pub refused_visit: Option<AppointmentId>,
    /// When it was booked.
    pub created_at: Timestamp,
    /// When it last changed as a whole.
    pub updated_at: Timestamp,
}

impl AppointmentSeries {
    /// Changed once more.
    pub fn changed(&self, now: Timestamp) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self.clone() }
    }

    /// Undone, for the scheduling service would not have one of its visits.
    pub fn undone(&self, refused: AppointmentId, now: Timestamp) -> Self {
        Self { refused_visit: Some(refused), ..self.changed(now) }
    }

    /// Whether a visit that is refused takes the others with it.
    pub fn stands_or_falls(&self) -> bool {
        !self.accepts_part && self.refused_visit.is_none()
    }
}
