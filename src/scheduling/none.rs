//! No scheduling service: nobody is called.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    Confirmation, ExternalAppointment, ExternalBooking, ExternalVisit, SchedulingClient,
    SchedulingError,
};

/// Stands where a client of the outside service would, and calls nobody. What one was asked before and
/// has not answered stays unanswered.
#[derive(Debug, Clone, Copy)]
pub struct NobodyOutside;

#[async_trait]
impl SchedulingClient for NobodyOutside {
    async fn reserve(
        &self,
        _booking: &ExternalBooking,
        _key: &str,
    ) -> Result<Confirmation, SchedulingError> {
        Err(SchedulingError::NotSent)
    }

    async fn reschedule(
        &self,
        _external_id: &str,
        _visit: &ExternalVisit,
        _key: &str,
    ) -> Result<Confirmation, SchedulingError> {
        Err(SchedulingError::NotSent)
    }

    async fn cancel(
        &self,
        _external_id: &str,
        _provider_reference: &str,
        _key: &str,
    ) -> Result<(), SchedulingError> {
        Err(SchedulingError::NotSent)
    }

    async fn find(&self, _reference: &str) -> Result<Vec<ExternalAppointment>, SchedulingError> {
        Err(SchedulingError::NotSent)
    }

    async fn list(
        &self,
        _from: Timestamp,
        _to: Timestamp,
    ) -> Result<Option<Vec<ExternalAppointment>>, SchedulingError> {
        Err(SchedulingError::NotSent)
    }

    fn is_available_for(&self, _provider_reference: &str) -> bool {
        false
    }
}
