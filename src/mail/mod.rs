//! What patients are told by mail: a durable reader of the event log, of which visits come, and of who is offered a time.
//! What is to be told is written down once, whoever looks; it is judged again in the last transaction before it leaves,
//! and sent at least once, with the same `Message-ID` each time. Without a mail server it is kept to be read.

mod change;
pub mod command;
mod keeper;
mod linking;
mod reading;
mod sending;
mod settings;
mod taking;
mod words;

pub use change::{LinkOutcome, ResendOutcome};
pub use command::{CreateMailLink, ResendMail};
pub use keeper::keep_mail;
pub use reading::MailContents;
pub use sending::{SmtpServer, SmtpUrlError};
pub use settings::MailSettings;
pub use words::{MailText, TemplateError, Templates};

use std::sync::Arc;

use jiff::Timestamp;

use crate::audit::Trail;
use crate::db::Db;
use crate::domain::Clock;
use crate::links::Links;
use crate::roster::Roster;

/// What mail is made with.
pub struct MailParts {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Who works here.
    pub roster: Arc<Roster>,
    /// Where every attempt of a caller is written down.
    pub trail: Arc<Trail>,
    /// Makes patients' links.
    pub links: Arc<Links>,
    /// How the clinic wants it.
    pub settings: Arc<MailSettings>,
}

/// Mail to patients.
pub struct Mailing {
    parts: MailParts,
}

impl Mailing {
    /// Mail with its parts.
    pub fn new(parts: MailParts) -> Self {
        Self { parts }
    }

    fn db(&self) -> &Db {
        &self.parts.db
    }

    fn settings(&self) -> &MailSettings {
        &self.parts.settings
    }

    /// The present moment in whole seconds, as it is stored.
    fn now(&self) -> Timestamp {
        let now = self.parts.clock.now();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }
}
