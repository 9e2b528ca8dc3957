//! A series of visits that were booked together.

use std::fmt;
use std::str::FromStr;

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

/// A visit of a series that the scheduling service would not move with the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StayedVisit {
    /// Its place in the series then.
    pub index: usize,
    /// Which it is.
    pub id: AppointmentId,
    /// When it starts, for it has stayed.
    pub starts_at: Timestamp,
}

impl fmt::Display for StayedVisit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.index, self.id, self.starts_at.as_second())
    }
}

/// What is written is no visit that has stayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAStayedVisit;

impl FromStr for StayedVisit {
    type Err = NotAStayedVisit;

    fn from_str(text: &str) -> Result<Self, NotAStayedVisit> {
        let mut parts = text.split(':');
        let mut next = || parts.next().ok_or(NotAStayedVisit);
        let index = next()?.parse().map_err(|_other| NotAStayedVisit)?;
        let id = next()?.parse().map_err(|_other| NotAStayedVisit)?;
        let second = next()?.parse().map_err(|_other| NotAStayedVisit)?;
        let starts_at = Timestamp::from_second(second).map_err(|_other| NotAStayedVisit)?;
        Ok(Self { index, id, starts_at })
    }
}

#[cfg(test)]
mod tests {
    use super::{NotAStayedVisit, StayedVisit};
    use crate::domain::AppointmentId;

    #[test]
    fn a_visit_that_has_stayed_is_read_as_it_was_written() {
        let starts_at = "2027-01-18T15:00:00Z".parse().unwrap();
        let stayed = StayedVisit { index: 7, id: AppointmentId::generate(starts_at), starts_at };
        assert_eq!(stayed.to_string().parse(), Ok(stayed));
        for other in ["", "7", "x:apt_1:2", "7:prv_01h455vb4pex5vsknk084sn02q:2"] {
            assert_eq!(other.parse::<StayedVisit>(), Err(NotAStayedVisit), "{other}");
        }
    }
}
