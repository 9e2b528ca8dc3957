//! What calls of the scheduling service come to and how long they take, for the metrics.

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    Confirmation, ExternalAppointment, ExternalBooking, ExternalVisit, Readiness, SchedulingClient,
    SchedulingError, Trouble,
};

/// The calls there are, by name.
const CALLS: [&str; 5] = ["reserve", "reschedule", "cancel", "find", "list"];
/// What one may come to, by name ([`outcome`]).
const OUTCOMES: [&str; 8] =
    ["answered", "refused", "not_found", "no_answer", "unclear", "unfit", "rejected", "not_sent"];

/// Counts and measures the calls of any scheduling client.
pub struct Measured<C> {
    inner: C,
}

impl<C> Measured<C> {
    /// Measures the calls of `inner`.
    pub fn new(inner: C) -> Self {
        for call in CALLS {
            for outcome in OUTCOMES {
                let labels = [("call", call), ("outcome", outcome)];
                metrics::counter!("clinic_scheduler_calls_total", &labels).increment(0);
            }
            drop(metrics::histogram!("clinic_scheduler_call_seconds", "call" => call));
        }
        Self { inner }
    }
}

/// What a call came to, in one of the [`OUTCOMES`].
fn outcome<T>(answer: &Result<T, SchedulingError>) -> &'static str {
    match answer {
        Ok(_) => "answered",
        Err(SchedulingError::Refused { .. }) => "refused",
        Err(SchedulingError::NotFound) => "not_found",
        Err(SchedulingError::Unknown { trouble: Trouble::Service, .. }) => "no_answer",
        Err(SchedulingError::Unknown { trouble: Trouble::Call, .. }) => "unclear",
        Err(SchedulingError::Unfit { .. }) => "unfit",
        Err(SchedulingError::Rejected { .. }) => "rejected",
        Err(SchedulingError::NotSent) => "not_sent",
    }
}

async fn measured<T>(
    name: &'static str,
    call: impl Future<Output = Result<T, SchedulingError>> + Send,
) -> Result<T, SchedulingError> {
    let began = Instant::now();
    let answer = call.await;
    let labels = [("call", name), ("outcome", outcome(&answer))];
    metrics::counter!("clinic_scheduler_calls_total", &labels).increment(1);
    if !matches!(answer, Err(SchedulingError::NotSent)) {
        metrics::histogram!("clinic_scheduler_call_seconds", "call" => name)
            .record(began.elapsed());
    }
    answer
}

#[async_trait]
impl<C: SchedulingClient> SchedulingClient for Measured<C> {
    async fn reserve(
        &self,
        booking: &ExternalBooking,
        key: &str,
    ) -> Result<Confirmation, SchedulingError> {
        measured("reserve", self.inner.reserve(booking, key)).await
    }

    async fn reschedule(
        &self,
        external_id: &str,
        visit: &ExternalVisit,
        key: &str,
    ) -> Result<Confirmation, SchedulingError> {
        measured("reschedule", self.inner.reschedule(external_id, visit, key)).await
    }

    async fn cancel(
        &self,
        external_id: &str,
        provider_reference: &str,
        key: &str,
    ) -> Result<(), SchedulingError> {
        measured("cancel", self.inner.cancel(external_id, provider_reference, key)).await
    }

    async fn find(&self, reference: &str) -> Result<Vec<ExternalAppointment>, SchedulingError> {
        measured("find", self.inner.find(reference)).await
    }

    async fn list(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Option<Vec<ExternalAppointment>>, SchedulingError> {
        measured("list", self.inner.list(from, to)).await
    }

    fn readiness(&self) -> Readiness {
        self.inner.readiness()
    }

    fn is_available_for(&self, provider_reference: &str) -> bool {
        self.inner.is_available_for(provider_reference)
    }

    fn is_ill(&self) -> bool {
        self.inner.is_ill()
    }
}
