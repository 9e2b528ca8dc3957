//! The patient's own link, which each mail has one of.

use super::Mailing;
use crate::db::{StoreError, Tx};
use crate::domain::{LinkTarget, Mail, MailFacts, Patient};
use crate::links::PatientLink;

impl Mailing {
    /// A fresh link of the patient to what the mail is about; none to what is over.
    pub(super) async fn link(
        &self,
        tx: &Tx,
        mail: &Mail,
        about: &MailFacts,
    ) -> Result<Option<PatientLink>, StoreError> {
        let Some((target, patient)) = self.opened(mail, about) else { return Ok(None) };
        self.parts.links.make_one(tx, target, patient).await.map(Some)
    }

    /// For each mail that is about to leave a fresh link, or none, in the same order.
    pub(super) async fn links_for(
        &self,
        tx: &Tx,
        leaving: &[(Mail, MailFacts)],
    ) -> Result<Vec<Option<PatientLink>>, StoreError> {
        let opened: Vec<_> = leaving.iter().map(|(mail, about)| self.opened(mail, about)).collect();
        let wanted: Vec<_> = opened.iter().flatten().copied().collect();
        let mut made = self.parts.links.make(tx, &wanted).await?.into_iter();
        Ok(opened.into_iter().map(|opened| opened.and_then(|_| made.next())).collect())
    }

    /// What the link of a mail opens, and whose it is.
    fn opened<'a>(&self, mail: &Mail, about: &'a MailFacts) -> Option<(LinkTarget, &'a Patient)> {
        if !about.is_standing(self.now()) {
            return None;
        }
        let visit = about.visit.as_ref().map(|visit| LinkTarget::Visit(visit.id));
        let target = visit.or(mail.subject.offer().map(LinkTarget::Offer))?;
        Some((target, &about.patient))
    }
}
