//! How the clinic wants its mail.

use lettre::message::Mailbox;

use super::sending::spelled_in_ascii;
use super::{SmtpServer, Templates};
use crate::domain::Reminders;

/// How the clinic wants its mail.
#[derive(Debug)]
pub struct MailSettings {
    /// Who sends it; none: it is kept.
    pub server: Option<SmtpServer>,
    /// Whom it is from.
    pub from: Mailbox,
    /// What we call ourselves to a mail server: a name that leads to us, or to whom the mail is from (RFC 5321, 4.1.1.1).
    pub name: String,
    /// What it says.
    pub templates: Templates,
    /// When visits are reminded of.
    pub reminders: Reminders,
    /// Where the clinic is asked.
    pub contact: Option<String>,
}

impl MailSettings {
    /// Whom mail is from where nobody says: nobody, and never anybody (RFC 2606).
    pub fn nobody() -> Mailbox {
        let address = lettre::Address::new_dangerous("no-reply", "clinic.invalid");
        Mailbox::new(None, address)
    }

    /// Whom mail is from, as an address or with a name before it.
    ///
    /// # Errors
    ///
    /// What it must be.
    pub fn sender(text: &str) -> Result<Mailbox, &'static str> {
        let read: Mailbox = text.parse().map_err(
            |_malformed| "must be an address such as no-reply@clinic.example, or Clinic <no-reply@clinic.example>",
        )?;
        let email = spelled_in_ascii(read.email.as_ref())
            .map_err(|_malformed| "must be at a domain that there can be")?;
        if email.user().is_ascii() {
            Ok(Mailbox::new(read.name, email))
        } else {
            Err("must be ASCII before the @: most mail servers know no other sender")
        }
    }

    /// The address that mail is from.
    pub fn address(&self) -> String {
        self.from.email.to_string()
    }
}
