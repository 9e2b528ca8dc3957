//! A patient's link, and what it opens.

use jiff::Timestamp;
use uuid::Uuid;

use super::ids::AppointmentId;

/// The one thing that a link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkTarget {
    /// A visit.
    Visit(AppointmentId),
    /// An offer of the waitlist, whose id is that of what is held for it.
    Offer(AppointmentId),
}

/// A link as it is kept: what opens it and whose address it was sent to are hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitLink {
    /// Identifies it, and opens nothing.
    pub id: Uuid,
    /// What it opens.
    pub target: LinkTarget,
    /// The SHA-256 of the patient's address, as addresses are compared, when it was made.
    pub address_hash: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it opens nothing any more.
    pub revoked_at: Option<Timestamp>,
}
