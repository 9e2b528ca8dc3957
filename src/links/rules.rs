//! What the clinic lets patients do by themselves.

use jiff::{SignedDuration, Timestamp};

use crate::domain::Appointment;

/// What the clinic lets patients do by themselves, and where they ask for more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkRules {
    /// How long before its start a patient may move or cancel a visit for the last time.
    pub cutoff: SignedDuration,
    /// Where they ask from then on, as people read it: a telephone number, for example.
    pub contact: Option<String>,
}

impl LinkRules {
    /// From when on a patient moves and cancels a visit no more.
    pub fn cutoff_of(&self, visit: &Appointment) -> Timestamp {
        visit.slot.starts_at().saturating_sub(self.cutoff).unwrap_or(Timestamp::MIN)
    }
}
