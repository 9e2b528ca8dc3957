//! Faults of our own, told once each.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::super::SchedulingError;

/// Which of them have been told: not again for every visit that waits, until such a call is taken.
#[derive(Default)]
pub(super) struct OwnFaults(Mutex<BTreeSet<(&'static str, u16)>>);

impl OwnFaults {
    /// Takes note of what came of a call.
    pub(super) fn note<T>(&self, call: &'static str, outcome: &Result<T, SchedulingError>) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Err(SchedulingError::Rejected { status }) if told.insert((call, *status)) => {
                let hint = hint(*status);
                tracing::error!(
                    call,
                    status,
                    "The scheduling service does not accept our calls (status {status}): {hint}"
                );
            }
            Ok(_) => told.retain(|(of, _status)| *of != call),
            Err(_) => {}
        }
    }
}

fn hint(status: u16) -> &'static str {
    match status {
        401 | 403 => "is SCHEDULER_TOKEN what it wants?",
        404 => "is SCHEDULER_URL where it is?",
        405 => "is SCHEDULER_URL where it is? Bookings are sent by POST",
        _ => "bodies are sent as application/json",
    }
}
