//! Settings of mail to patients.

use std::path::PathBuf;
use std::sync::Arc;

use super::reader::Reader;
use crate::domain::Reminders;
use crate::http::PublicUrl;
use crate::mail::{MailSettings, SmtpServer, Templates};

impl Reader<'_> {
    /// How patients are told by mail.
    pub(super) fn mail(
        &mut self,
        contact: Option<String>,
        (is_open, public_url): (bool, Option<&PublicUrl>),
    ) -> Arc<MailSettings> {
        let server = self.checked::<SmtpServer>("SMTP_URL");
        let from = self.text("MAIL_FROM");
        if server.is_some() && from.is_none() {
            self.wrong("MAIL_FROM", "must be set where SMTP_URL is: whom mail is from");
        }
        let from =
            from.map_or_else(|| Ok(MailSettings::nobody()), |from| MailSettings::sender(&from));
        let from = from.unwrap_or_else(|why| {
            self.wrong("MAIL_FROM", why);
            MailSettings::nobody()
        });
        let name = public_url.and_then(PublicUrl::domain);
        let name = name.unwrap_or_else(|| from.email.domain().to_owned());
        if server.is_some() && !is_open && public_url.is_none() {
            self.wrong(
                "PUBLIC_URL",
                "must be set where SMTP_URL is and access is closed: links in mail lead there",
            );
        }
        let reminders = self.checked::<Reminders>("REMINDERS").unwrap_or_default();
        let folder = self.text("TEMPLATES_DIR").map(PathBuf::from);
        let templates =
            Templates::read(folder.as_deref(), reminders.leads()).unwrap_or_else(|error| {
                self.wrong("TEMPLATES_DIR", &error.to_string());
                Templates::default()
            });
        Arc::new(MailSettings { server, from, name, templates, reminders, contact })
    }

    /// What a setting says, where it is set and can be read.
    fn checked<T>(&mut self, variable: &'static str) -> Option<T>
    where
        T: std::str::FromStr<Err: std::fmt::Display>,
    {
        match self.text(variable)?.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(variable, &error.to_string());
                None
            }
        }
    }
}
