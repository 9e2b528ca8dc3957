//! The patient's own link, which each mail has one of.

use super::Mailing;
use crate::db::{StoreError, Tx};
use crate::domain::{Mail, MailFacts};
use crate::links::PatientLink;

impl Mailing {
    /// A fresh link of the patient to what the mail is about; none to what is over.
    pub(super) async fn link(
        &self,
        tx: &Tx,
        mail: &Mail,
        about: &MailFacts,
    ) -> Result<Option<PatientLink>, StoreError> {
        if !about.is_standing(self.now()) {
            return Ok(None);
        }
        let links = &self.parts.links;
        match (&about.visit, mail.subject.offer()) {
            (Some(visit), _) => links.for_visit(tx, visit, &about.patient).await.map(Some),
            (None, Some(offer)) => links.for_offer(tx, offer, &about.patient).await.map(Some),
            (None, None) => Ok(None),
        }
    }
}
