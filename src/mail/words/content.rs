//! What a mail says, and the file that goes with it.

use std::sync::Arc;

use super::template::{MailText, TemplateError};
use super::wording::Wording;
use crate::calendar::{CalendarFile, Party, Told, VisitEvent, visit_file};
use crate::domain::{Mail, MailFacts, Provider};
use crate::mail::Mailing;
use crate::request::Refusal;

impl Mailing {
    /// With whom the visit is that a mail tells of.
    pub(in crate::mail) async fn provider(&self, mail: &Mail) -> Result<Arc<Provider>, Refusal> {
        let directory = self.parts.roster.directory().await?;
        let provider = directory.provider_of_visit(mail.provider_id).cloned();
        provider.ok_or_else(|| Refusal::missing("provider"))
    }

    /// What a mail says.
    ///
    /// # Errors
    ///
    /// [`TemplateError`] where a template can't be filled in with this.
    pub(in crate::mail) fn says(
        &self,
        mail: &Mail,
        (facts, provider): (&MailFacts, &Provider),
        link: Option<&str>,
    ) -> Result<MailText, TemplateError> {
        let about = (link, self.settings().contact.as_deref());
        let wording = Wording::of(mail, (&facts.patient, &facts.clock()), provider, about);
        self.settings().templates.fill_in(mail.kind, &wording)
    }

    /// The file for the patient's calendar: of a visit that still is as the mail says, or that does not take place any
    /// more. What has changed since is told by a mail of its own.
    pub(in crate::mail) fn calendar(
        &self,
        mail: &Mail,
        (facts, provider): (&MailFacts, &Provider),
    ) -> Option<CalendarFile> {
        let visit = facts.visit.as_ref()?;
        let event = VisitEvent {
            visit,
            told: Told::With(&provider.name),
            organizer: Party { name: &provider.name, email: &self.settings().address() },
            attendee: Some(Party { name: &facts.patient.name, email: &facts.patient.email }),
        };
        mail.is_borne_out_by(facts).then(|| visit_file(&event, self.now()))
    }
}
