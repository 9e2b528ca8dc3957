//! Who a patient is: correcting what is known of one, making one of two, and finding those who look
//! like one person.

pub mod command;
mod merge;
mod repeat;
mod similar;
mod update;

pub use command::{MergePatients, UpdatePatient};

use std::sync::Arc;

use jiff::Timestamp;

use crate::audit::{Attempted, Trail};
use crate::db::Db;
use crate::domain::{Clock, Patient};
use crate::roster::Roster;

/// Correcting, merging and comparing patients.
pub struct Patients {
    db: Db,
    clock: Arc<dyn Clock>,
    roster: Arc<Roster>,
    trail: Arc<Trail>,
}

impl Patients {
    /// The patients of a database, and the trail in which every attempt to change one is written down.
    pub fn new(db: Db, clock: Arc<dyn Clock>, roster: Arc<Roster>, trail: Arc<Trail>) -> Self {
        Self { db, clock, roster, trail }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// What a change answers: the patient as they now are.
#[derive(Clone)]
pub struct PatientOutcome {
    /// The patient.
    pub patient: Patient,
    /// Whether this repeats the answer to an earlier request with the same key.
    pub replayed: bool,
}

impl Attempted for PatientOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}
