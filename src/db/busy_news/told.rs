//! What is told of busy time, and as of when.

use crate::domain::busy::{AppointmentTime, HeldTime};
use crate::domain::{EventPosition, ProviderId, TimeSlot};

/// A moment of the book.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BookMoment {
    /// The database's count of changes that the log does not tell; with another one, what was read
    /// before says nothing.
    pub version: i64,
    /// Where the log ended.
    pub position: EventPosition,
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
    /// All times of providers that are held now without being a visit.
    pub held: Vec<(ProviderId, HeldTime)>,
}
