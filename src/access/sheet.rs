//! What a request was shown of patients, noted while it is answered.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
pub(super) struct Sheet(Arc<Mutex<Notes>>);

#[derive(Debug, Default)]
struct Notes {
    seen: Seen,
    /// Of whom a row of the audit trail says already that this caller had to do with them.
    recorded: Seen,
}

impl Sheet {
    pub(super) fn note(&self, write: impl FnOnce(&mut Seen)) {
        write(&mut self.lock().seen);
    }

    pub(super) fn record(&self, write: impl FnOnce(&mut Seen)) {
        write(&mut self.lock().recorded);
    }

    pub(super) fn take(&self) -> Seen {
        let mut notes = self.lock();
        let Seen { mut patients, mut appointments } = std::mem::take(&mut notes.seen);
        patients.retain(|id| !notes.recorded.patients.contains(id));
        appointments.retain(|id| !notes.recorded.appointments.contains(id));
        Seen { patients, appointments }
    }

    fn lock(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
