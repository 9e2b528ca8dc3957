//! A patient who has come by a link, and what it opens.

use crate::domain::{AppointmentId, PatientId, WaitlistEntryId};

/// A patient who has come by a link of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Linked {
    /// Who.
    pub patient: PatientId,
    /// The one thing that it opens.
    pub opens: LinkOpens,
}

/// The one thing that a patient's link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkOpens {
    /// A visit, to move and to cancel.
    Visit(AppointmentId),
    /// What somebody who waits is offered, to take and to turn down.
    Offer {
        /// Who waits.
        entry: WaitlistEntryId,
        /// The visit that moves to what is offered, where it is one.
        moves: Option<AppointmentId>,
    },
}

impl Linked {
    pub(in crate::access) fn opens_visit(&self, visit: AppointmentId) -> bool {
        match self.opens {
            LinkOpens::Visit(opened) => opened == visit,
            LinkOpens::Offer { moves, .. } => moves == Some(visit),
        }
    }

    pub(in crate::access) fn opens_entry(&self, entry: WaitlistEntryId) -> bool {
        matches!(self.opens, LinkOpens::Offer { entry: opened, .. } if opened == entry)
    }

    /// Tells them from others who ask.
    pub(in crate::access) fn scope(&self) -> String {
        match self.opens {
            LinkOpens::Visit(visit) => format!("link {visit}"),
            LinkOpens::Offer { entry, .. } => format!("link {entry}"),
        }
    }
}
