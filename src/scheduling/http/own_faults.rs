//! Faults of our own, told once each.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use reqwest::Url;

use super::super::SchedulingError;

/// Which of them have been told: not again for every visit that waits, until such a call is taken.
pub(super) struct OwnFaults {
    service: String,
    told: Mutex<BTreeSet<(&'static str, u16)>>,
}

impl OwnFaults {
    /// Of calls to the service there. Of its address the host and the port alone are told.
    pub(super) fn of(base_url: &Url) -> Self {
        let host = base_url.host_str().unwrap_or_default();
        let port = base_url.port_or_known_default().unwrap_or_default();
        Self { service: format!("{host}:{port}"), told: Mutex::default() }
    }

    /// Takes note of what came of a call.
    pub(super) fn note<T>(&self, call: &'static str, outcome: &Result<T, SchedulingError>) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Err(SchedulingError::Rejected { status }) if told.insert((call, *status)) => {
                let (service, hint) = (&self.service, hint(*status));
                tracing::error!(
                    call,
                    status,
                    "The scheduling service at {service} does not accept our calls (status {status}): {hint}"
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
