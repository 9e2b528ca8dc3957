//! Saying what became of a visit.

use super::visit::{RawVisit, WhichVisit, given};
use crate::domain::AppointmentStatus;
use crate::request::{Field, Refusal};

/// Say that a patient has come, was seen or never came, or correct it.
#[derive(Debug, Clone)]
pub struct SetVisitStatus {
    /// Which visit.
    pub visit: WhichVisit,
    /// What it is from now on.
    pub status: AppointmentStatus,
}

impl SetVisitStatus {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], also for a status that nobody gives to a visit by hand; else
    /// [`Refusal::NotFound`] for a malformed id.
    pub fn parse(visit: RawVisit, status: Option<&str>) -> Result<Self, Refusal> {
        let (visit, status) =
            visit.with(|fields| fields.required(Field::Status, status, set_by_staff), given)?;
        Ok(Self { visit, status })
    }
}

fn set_by_staff(text: &str) -> Result<AppointmentStatus, &'static str> {
    let status = text.parse::<AppointmentStatus>().ok();
    status
        .filter(|status| AppointmentStatus::SET_BY_STAFF.contains(status))
        .ok_or("must be CONFIRMED, CHECKED_IN, COMPLETED or NO_SHOW")
}
