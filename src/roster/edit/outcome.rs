//! What an edit answers.

use std::sync::Arc;

use crate::audit::Attempted;
use crate::domain::{Appointment, Provider};

/// What an edit answers: what it was about as it now is, or would be.
#[derive(Clone)]
pub struct Edited<T> {
    /// What it was about.
    pub value: T,
    /// The visits to come that fit no more. They stay booked.
    pub affected: Vec<Appointment>,
    /// Whether this repeats the answer to an earlier request with the same key.
    pub replayed: bool,
}

/// What an edit of a provider answers.
pub type EditedProvider = Edited<Arc<Provider>>;

impl<T> Attempted for Edited<T> {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}
