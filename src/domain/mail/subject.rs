//! What a mail is about.

use jiff::Timestamp;

use crate::domain::appointment_event::EventPosition;
use crate::domain::ids::{AppointmentId, WaitlistEntryId};

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailSubject {
    /// What happened to a visit.
    Event {
        /// Which visit.
        appointment_id: AppointmentId,
        /// The place of the event in the log.
        position: EventPosition,
    },
    /// A visit that comes.
    Upcoming {
        /// Which visit.
        appointment_id: AppointmentId,
        /// How long before it, in minutes.
        lead_minutes: u32,
    },
    /// An offer from the waitlist.
    Offer {
        /// Whose.
        entry_id: WaitlistEntryId,
        /// What it holds, and the visit that it becomes.
        offer_id: AppointmentId,
        /// From when on it holds nothing.
        expires_at: Timestamp,
    },
}

impl MailSubject {
    /// The visit, where it is one.
    pub fn visit(&self) -> Option<AppointmentId> {
        match *self {
            Self::Event { appointment_id, .. } | Self::Upcoming { appointment_id, .. } => {
                Some(appointment_id)
            }
            Self::Offer { .. } => None,
        }
    }

    /// Whose offer, where it is one.
    pub fn entry(&self) -> Option<WaitlistEntryId> {
        match *self {
            Self::Offer { entry_id, .. } => Some(entry_id),
            Self::Event { .. } | Self::Upcoming { .. } => None,
        }
    }

    /// Which offer, where it is one.
    pub fn offer(&self) -> Option<AppointmentId> {
        match *self {
            Self::Offer { offer_id, .. } => Some(offer_id),
            Self::Event { .. } | Self::Upcoming { .. } => None,
        }
    }
}
