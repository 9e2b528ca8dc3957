//! Looking at mail, for whoever may know of it.

use std::collections::HashMap;

use super::{MailText, Mailing};
use crate::access::{Actor, Permission};
use crate::db::mail;
use crate::domain::{AppointmentId, Mail, MailFacts, MailFilter, MailId, MailSubject, Page};
use crate::request::Refusal;

/// What a mail says, without its link.
#[derive(Clone, PartialEq, Eq)]
pub struct MailContents {
    /// Its text.
    pub text: MailText,
    /// The file for a calendar that goes with it.
    pub calendar: Option<String>,
}

impl Mailing {
    /// The mail of that id, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn find(&self, actor: &Actor, id: MailId) -> Result<Option<Mail>, Refusal> {
        actor.require(Permission::MergePatients)?;
        Ok(mail::find(self.db().read(), id).await?)
    }

    /// One page of mail, the latest first, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn page(
        &self,
        actor: &Actor,
        filter: MailFilter,
        page: Page<MailId>,
    ) -> Result<Vec<Mail>, Refusal> {
        actor.require(Permission::MergePatients)?;
        Ok(mail::page(self.db().read(), filter, page).await?)
    }

    /// How many those are, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn count(&self, actor: &Actor, filter: MailFilter) -> Result<u64, Refusal> {
        actor.require(Permission::MergePatients)?;
        Ok(mail::count(self.db().read(), filter).await?)
    }

    /// What the patients of those visits are told, each the oldest first, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn of_visits(
        &self,
        actor: &Actor,
        ids: &[AppointmentId],
    ) -> Result<HashMap<AppointmentId, Vec<Mail>>, Refusal> {
        actor.require(Permission::MergePatients)?;
        let mut found: HashMap<AppointmentId, Vec<Mail>> = HashMap::new();
        for mail in mail::of_visits(self.db().read(), ids).await? {
            if let Some(visit) = mail.appointment_id() {
                found.entry(visit).or_default().push(mail);
            }
        }
        Ok(found)
    }

    /// What is known of what several are about, for `actor`, who is noted to be shown that.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn about(
        &self,
        actor: &Actor,
        subjects: &[MailSubject],
    ) -> Result<HashMap<MailSubject, MailFacts>, Refusal> {
        actor.require(Permission::MergePatients)?;
        Ok(mail::about_many(self.db().read(), subjects).await?)
    }

    /// What a mail says, for `actor`. The place of the patient's link is marked.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails, or a template can't be filled in.
    pub async fn contents(
        &self,
        actor: &Actor,
        mail: &Mail,
        about: &MailFacts,
    ) -> Result<MailContents, Refusal> {
        actor.require(Permission::MergePatients)?;
        let provider = self.provider(mail).await?;
        let text = self.says(mail, (about, &provider), None);
        let text = text.map_err(|error| {
            tracing::error!(mail.id = %mail.id, %error, "The mail {} could not be written", mail.id);
            Refusal::missing("template")
        })?;
        let calendar = self.calendar(mail, (about, &provider)).map(|file| file.text);
        Ok(MailContents { text, calendar })
    }
}
