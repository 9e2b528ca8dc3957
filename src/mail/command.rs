//! From what a caller sent to what is to be sent again, or linked to.

use crate::domain::MailId;
use crate::request::{FieldReader, IdempotencyKey, Refusal, Resource, fingerprint};

/// A mail, and what makes a retry safe.
fn of_mail(id: &str, key: Option<&str>) -> Result<(MailId, Option<IdempotencyKey>), Refusal> {
    let mut fields = FieldReader::default();
    let key = fields.key(key);
    fields.finish()?;
    let id = id.parse().map_err(|_malformed| Refusal::NotFound(Resource::Mail))?;
    Ok((id, key))
}

/// Send a mail, or send it again.
#[derive(Debug, Clone)]
pub struct ResendMail {
    /// Which.
    pub id: MailId,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl ResendMail {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(id: &str, idempotency_key: Option<&str>) -> Result<Self, Refusal> {
        let (id, idempotency_key) = of_mail(id, idempotency_key)?;
        Ok(Self { id, idempotency_key })
    }

    pub(super) fn fingerprint(&self) -> String {
        fingerprint(&["resend mail", &self.id.to_string()])
    }
}

/// Make a fresh link of the patient to what a mail is about.
#[derive(Debug, Clone)]
pub struct CreateMailLink {
    /// Which mail.
    pub id: MailId,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl CreateMailLink {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(id: &str, idempotency_key: Option<&str>) -> Result<Self, Refusal> {
        let (id, idempotency_key) = of_mail(id, idempotency_key)?;
        Ok(Self { id, idempotency_key })
    }

    pub(super) fn fingerprint(&self) -> String {
        fingerprint(&["create mail link", &self.id.to_string()])
    }
}
