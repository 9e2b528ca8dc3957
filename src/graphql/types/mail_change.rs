//! What the mutations of mail take and answer.

use async_graphql::{ID, InputObject, SimpleObject};

use super::access_change::refused;
use super::booking_error::BookingErrorObject;
use super::mail::MailObject;
use crate::graphql::error::ApiError;
use crate::graphql::notes::Notes;
use crate::mail::{CreateMailLink, LinkOutcome, ResendMail, ResendOutcome};
use crate::request::Refusal;

/// A mail that is to be sent, or sent again.
#[derive(InputObject)]
pub(in crate::graphql) struct ResendMailInput {
    /// The mail.
    id: ID,
    /// Makes a retry safe: the same key answers the same mail. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl ResendMailInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<ResendMail, Refusal> {
        ResendMail::parse(&self.id, notes.key(self.idempotency_key).as_deref())
    }
}

/// A mail whose patient is to have a fresh link.
#[derive(InputObject)]
pub(in crate::graphql) struct CreateMailLinkInput {
    /// The mail.
    id: ID,
    /// Makes a retry safe: the same key makes no second link, and answers without one. 1 to 255 visible ASCII
    /// characters.
    idempotency_key: Option<String>,
}

impl CreateMailLinkInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<CreateMailLink, Refusal> {
        CreateMailLink::parse(&self.id, notes.key(self.idempotency_key).as_deref())
    }
}

/// What sending a mail again answers.
#[derive(SimpleObject)]
pub(in crate::graphql) struct ResendMailPayload {
    /// The mail as it now is; null when it was refused.
    mail: Option<MailObject>,
    /// Why it was refused.
    error: Option<BookingErrorObject>,
}

impl ResendMailPayload {
    pub(in crate::graphql) fn of(result: Result<ResendOutcome, Refusal>) -> Result<Self, ApiError> {
        match result {
            Ok(outcome) => Ok(Self { mail: Some(MailObject(outcome.mail)), error: None }),
            Err(refusal) => Ok(Self { mail: None, error: Some(refused(refusal)?) }),
        }
    }
}

/// What making a link answers.
#[derive(SimpleObject)]
pub(in crate::graphql) struct CreateMailLinkPayload {
    /// Where the patient goes; whoever has it can do as they can. It is told this once: null when it was refused,
    /// and for a repeated request.
    url: Option<String>,
    /// Why it was refused.
    error: Option<BookingErrorObject>,
}

impl CreateMailLinkPayload {
    pub(in crate::graphql) fn of(result: Result<LinkOutcome, Refusal>) -> Result<Self, ApiError> {
        match result {
            Ok(outcome) => Ok(Self { url: outcome.url, error: None }),
            Err(refusal) => Ok(Self { url: None, error: Some(refused(refusal)?) }),
        }
    }
}
