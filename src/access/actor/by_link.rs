//! A patient who has come by a link, as a caller: they may do what it opens, which is asked beside the table.

use super::{Actor, Forbidden};
use crate::access::caller::{Caller, Linked};
use crate::access::permission::Permission;
use crate::access::role::Role;
use crate::domain::{AppointmentId, PatientId, ProviderId, WaitlistEntryId};

impl Actor {
    /// A patient, by a link of theirs. Of the table of who may do what they have nothing: what they may do
    /// is what the link opens.
    pub fn patient_by_link(linked: Linked) -> Self {
        Self::new(Caller::PatientLink(linked), Role::Viewer, None)
    }

    /// What a patient's link opens to them, where they have come by one.
    fn linked(&self) -> Option<&Linked> {
        match &self.caller {
            Caller::PatientLink(linked) => Some(linked),
            _ => None,
        }
    }

    /// With which one provider that visit must be for the caller to book, move and cancel it; none where it
    /// may be with anybody. A patient may with the visit that their link opens.
    ///
    /// # Errors
    ///
    /// [`Forbidden`].
    pub fn book_for_visit(&self, visit: AppointmentId) -> Result<Option<ProviderId>, Forbidden> {
        match self.linked() {
            Some(linked) if linked.opens_visit(visit) => Ok(None),
            _ => self.patients_for(Permission::Book),
        }
    }

    /// The same of one who waits, and is offered a time.
    ///
    /// # Errors
    ///
    /// [`Forbidden`].
    pub fn book_for_entry(&self, entry: WaitlistEntryId) -> Result<Option<ProviderId>, Forbidden> {
        match self.linked() {
            Some(linked) if linked.opens_entry(entry) => Ok(None),
            _ => self.patients_for(Permission::Book),
        }
    }

    /// With which one provider that patient must have or have had a visit for the caller to say whether they
    /// are reminded; none where it may be anybody's. A patient says so of themselves.
    ///
    /// # Errors
    ///
    /// [`Forbidden`].
    pub fn remind(&self, patient: PatientId) -> Result<Option<ProviderId>, Forbidden> {
        match self.linked() {
            Some(linked) if linked.patient == patient => Ok(None),
            _ => self.patients_for(Permission::UpdatePatients),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Grant, LinkOpens};

    #[test]
    fn a_link_opens_one_thing_and_nothing_of_the_table() {
        let id = uuid::Uuid::from_u128;
        let patient = PatientId::from(id(1));
        let (visit, entry) = (AppointmentId::from(id(2)), WaitlistEntryId::from(id(3)));
        let of_visit = Actor::patient_by_link(Linked { patient, opens: LinkOpens::Visit(visit) });
        let opens = LinkOpens::Offer { entry, moves: Some(visit) };
        let of_offer = Actor::patient_by_link(Linked { patient, opens });
        for actor in [&of_visit, &of_offer] {
            assert!(Permission::ALL.iter().all(|one| actor.grant(*one) == Grant::No));
            assert_eq!(actor.remind(patient), Ok(None));
            assert_eq!(actor.remind(PatientId::from(id(9))), Err(Forbidden));
            assert_eq!(actor.book_for_visit(visit), Ok(None));
            assert_eq!(actor.book_for_visit(AppointmentId::from(id(9))), Err(Forbidden));
            assert_eq!(actor.book_for_entry(WaitlistEntryId::from(id(9))), Err(Forbidden));
        }
        assert_eq!(of_visit.book_for_entry(entry), Err(Forbidden));
        assert_eq!(of_offer.book_for_entry(entry), Ok(None));
        assert_ne!(of_visit.scope(), of_offer.scope());
    }
}
