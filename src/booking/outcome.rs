//! What a use case answers, whatever becomes of its caller.

use tracing::Instrument as _;

use crate::audit::Attempted;
use crate::domain::Appointment;
use crate::request::Refusal;

/// What a use case answers: the appointment as it now is.
#[derive(Clone)]
pub struct Outcome {
    /// The appointment.
    pub appointment: Appointment,
    /// Whether this repeats the answer to an earlier request with the same key.
    pub replayed: bool,
}

impl Outcome {
    /// The answer to a request that came for the first time.
    pub(super) fn first(appointment: Appointment) -> Self {
        Self { appointment, replayed: false }
    }
}

impl Attempted for Outcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

/// Runs a use case on a task of its own, so that a caller who hangs up cannot leave it half done.
///
/// # Errors
///
/// Those of the use case; [`Refusal::Store`] when it panicked.
pub async fn on_its_own_task<T: Send + 'static>(
    use_case: impl Future<Output = Result<T, Refusal>> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::spawn(use_case.in_current_span())
        .await
        .unwrap_or_else(|_panicked| Err(Refusal::bug("a use case panicked")))
}
