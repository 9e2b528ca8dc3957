//! What is told of busy time, and as of when.

use std::sync::Arc;

use crate::domain::busy::{AppointmentTime, HeldChange};
use crate::domain::{EventPosition, ProviderId, TimeSlot};

/// More changes than that are not worth following.
pub(super) const MANY: usize = 5000;

/// A moment of the book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BookMoment {
    /// The database's count of changes that the log does not tell; with another one, what was read
    /// before says nothing.
    pub version: i64,
    /// Where the log ended.
    pub position: EventPosition,
    /// What was seen of the changes of held time, in the words of the engine.
    pub held: Arc<str>,
}

/// What there is to take over, all of it as of one moment.
pub struct BusyNews {
    /// The moment.
    pub at: BookMoment,
    /// What changed, as it was then: in place of what was known of these appointments.
    pub changed: Vec<AppointmentTime>,
    /// When whom is busy on whole days.
    pub loaded: Vec<(TimeSlot, Vec<AppointmentTime>)>,
    /// All times of providers that the scheduling service has refused of late.
    pub refused: Vec<(ProviderId, TimeSlot)>,
    /// What changed of held time: all of it, where nothing was known.
    pub held: Vec<HeldChange>,
}
