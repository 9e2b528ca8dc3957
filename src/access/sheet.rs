//! What a request was shown of patients, noted while it is answered.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::{AppointmentId, PatientId};

/// Whose data an answer holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The patients.
    pub patients: BTreeSet<PatientId>,
    /// The visits whose patient or free texts it shows.
    pub appointments: BTreeSet<AppointmentId>,
}

impl Seen {
    /// Whether it holds nobody's data.
    pub fn is_empty(&self) -> bool {
        self.patients.is_empty() && self.appointments.is_empty()
    }
}

/// The sheet of one request; all clones are one.
#[derive(Debug, Clone, Default)]
pub(super) struct Sheet(Arc<Mutex<Seen>>);

impl Sheet {
    pub(super) fn note(&self, write: impl FnOnce(&mut Seen)) {
        write(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn take(&self) -> Seen {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
