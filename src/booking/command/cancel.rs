//! Cancelling a visit.

use super::visit::{RawVisit, WhichVisit};
use crate::request::Refusal;

/// Cancel a visit.
#[derive(Debug, Clone)]
pub struct CancelAppointment {
    /// Which.
    pub visit: WhichVisit,
    /// Why.
    pub reason: Option<String>,
}

impl CancelAppointment {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(visit: RawVisit, reason: Option<&str>) -> Result<Self, Refusal> {
        let (visit, reason) = visit.with(|fields| fields.reason(reason), Ok)?;
        Ok(Self { visit, reason })
    }
}
