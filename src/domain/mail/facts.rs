//! What is known of what a mail is about.

use jiff::Timestamp;

use crate::domain::appointment::Appointment;
use crate::domain::patient::Patient;
use crate::domain::patient_clock::PatientClock;
use crate::domain::us_state::UsState;
use crate::domain::waitlist::WaitlistOffer;

/// What is known of what a mail is about.
#[derive(Clone)]
pub struct MailFacts {
    /// Whom it tells.
    pub patient: Patient,
    /// Where they are for the visit.
    pub state: UsState,
    /// The visit, as it is now; none of an offer.
    pub visit: Option<Appointment>,
    /// The offer, where it is open.
    pub open_offer: Option<WaitlistOffer>,
}

impl MailFacts {
    /// Whether there is something that a patient could open at `now`: a visit that is to take place, or an offer.
    pub fn is_standing(&self, now: Timestamp) -> bool {
        match &self.visit {
            Some(visit) => !visit.never_takes_place() && visit.slot.ends_at() > now,
            None => self.open_offer.as_ref().is_some_and(|offer| offer.is_live(now)),
        }
    }

    /// The clock that the patient lives by where they are for the visit.
    pub fn clock(&self) -> PatientClock {
        self.patient.clock_in(self.state)
    }
}
