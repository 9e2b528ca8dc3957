//! What a caller may see of a visit beyond when and with whom it is.

use crate::access::{Actor, Grant, Permission};
use crate::domain::Appointment;

/// What a caller may see of the patient of a visit, and of its free texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// All of it.
    Open,
    /// All of it, if they may see the patient by another visit.
    WithTheirPatient,
    /// Nothing.
    Closed,
}

/// What `actor` may see of the patient of a visit that they may see, and of its free texts.
pub fn sight_of(actor: &Actor, visit: &Appointment) -> Sight {
    match actor.grant(Permission::ReadPatients) {
        Grant::All => Sight::Open,
        Grant::Own(own) if visit.makes_patient_of(own) => Sight::Open,
        // Nothing came of it: another visit may make the patient theirs.
        Grant::Own(_) => Sight::WithTheirPatient,
        Grant::WithoutPatients | Grant::No => Sight::Closed,
    }
}
