//! What patients are told by mail.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};

use super::appointment::AppointmentObject;
use super::instant::DateTime;
use super::waitlist::WaitlistEntryObject;
use crate::domain::{Mail, MailFacts};
use crate::graphql::error::ApiError;
use crate::graphql::{actor, loaders, services};
use crate::mail::MailContents;
use crate::request::Refusal;

/// `Mail` of the schema.
#[derive(Clone)]
pub(in crate::graphql) struct MailObject(pub(in crate::graphql) Mail);

/// A mail to a patient: of something that happened to a visit, of a visit that is soon, or of a time that is offered.
/// It is sent at least once, with the same `Message-ID` each time; without a mail server (`SMTP_URL`) it is kept, to be
/// read here. For administrators and schedulers.
#[Object(name = "Mail")]
impl MailObject {
    /// Identifies the mail; opaque, begins with `mai_`. It is the first part of the `Message-ID`.
    pub(in crate::graphql) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// When that happened, was due, or was offered.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }

    /// What it tells.
    async fn kind(&self) -> MailKindEnum {
        self.0.kind.into()
    }

    /// Where it stands.
    async fn status(&self) -> MailStatusEnum {
        self.0.status.into()
    }

    /// What became of the last attempt to send it, or why there was none; null before, and where it is kept.
    async fn outcome(&self) -> Option<MailOutcomeEnum> {
        self.0.outcome.map(Into::into)
    }

    /// How often it was tried since it was to be sent last.
    async fn attempts(&self) -> i32 {
        i32::try_from(self.0.attempts).unwrap_or(i32::MAX)
    }

    /// When it is tried next, unless an earlier mail about the same visit still waits then; null once it is over. The
    /// pauses are of a second, doubled each time to four hours at most, and shorter by up to half of that.
    async fn next_attempt_at(&self) -> Option<DateTime> {
        self.0.next_attempt_at.map(DateTime)
    }

    /// When it was sent, kept, dropped or given up; null while it waits. 90 days later it is forgotten.
    async fn settled_at(&self) -> Option<DateTime> {
        self.0.settled_at.map(DateTime)
    }

    /// The e-mail address that it was sent to; before, and where it is kept, the patient's present one.
    async fn recipient(&self, context: &Context<'_>) -> Result<String, ApiError> {
        let about = self.about(context).await?;
        actor(context).saw_patients([about.patient.id]);
        Ok(self.0.recipient.clone().unwrap_or_else(|| about.patient.email.clone()))
    }

    /// The visit that it is about; null for an offer.
    async fn appointment(
        &self,
        context: &Context<'_>,
    ) -> Result<Option<AppointmentObject>, ApiError> {
        match self.0.appointment_id() {
            Some(id) => Ok(loaders(context).load(id).await?.map(AppointmentObject)),
            None => Ok(None),
        }
    }

    /// Who is offered a time, on the waitlist; null for a mail about a visit.
    async fn waitlist_entry(
        &self,
        context: &Context<'_>,
    ) -> Result<Option<WaitlistEntryObject>, ApiError> {
        match self.0.subject.entry() {
            Some(id) => WaitlistEntryObject::load(context, id).await,
            None => Ok(None),
        }
    }

    /// What it says, as the clinic's templates say it now. The place of the patient's own link is marked, for each mail
    /// that is sent has a fresh one: `createMailLink` makes another.
    async fn content(&self, context: &Context<'_>) -> Option<Result<MailContentObject, ApiError>> {
        let content = async {
            let about = self.about(context).await?;
            let actor = actor(context);
            actor.saw_patients([about.patient.id]);
            actor.saw_appointments(self.0.appointment_id());
            let contents = services(context).mail.contents(actor, &self.0, &about).await?;
            Ok(MailContentObject(contents))
        };
        Some(content.await)
    }
}

impl MailObject {
    async fn about(&self, context: &Context<'_>) -> Result<Arc<MailFacts>, ApiError> {
        let about = loaders(context).load(self.0.subject).await?;
        about.ok_or_else(|| Refusal::missing("subject of a mail").into())
    }
}

/// `MailContent` of the schema.
pub(in crate::graphql) struct MailContentObject(MailContents);

/// What a mail says.
#[Object(name = "MailContent")]
impl MailContentObject {
    /// What it is about; never who the patient is.
    async fn subject(&self) -> &str {
        &self.0.text.subject
    }

    /// Its plain text.
    async fn text(&self) -> &str {
        &self.0.text.text
    }

    /// The same as HTML.
    async fn html(&self) -> &str {
        &self.0.text.html
    }

    /// The file for a calendar (iCalendar, RFC 5545) that goes with it; null where what it tells is not so any more,
    /// and for an offer.
    async fn calendar(&self) -> Option<&str> {
        self.0.calendar.as_deref()
    }
}

/// What a mail tells.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "MailKind", remote = "crate::domain::MailKind")]
pub(in crate::graphql) enum MailKindEnum {
    /// That a visit is confirmed.
    Confirmation,
    /// That it is at another time, or with another provider.
    Change,
    /// That it does not take place.
    Cancellation,
    /// That it is soon.
    Reminder,
    /// That a time has become free for somebody on the waitlist.
    Offer,
}

/// Where a mail stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "MailStatus", remote = "crate::domain::MailStatus")]
pub(in crate::graphql) enum MailStatusEnum {
    /// It is to be sent, or tried again.
    Pending,
    /// The mail server has taken it.
    Sent,
    /// No mail server is set: it is kept to be read.
    Kept,
    /// It made no sense any more before it left; `outcome` says why.
    Dropped,
    /// It was given up: refused, or not taken for three days.
    Failed,
}

/// What became of the last attempt to send a mail, or why there was none.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "MailOutcome", remote = "crate::domain::MailOutcome")]
pub(in crate::graphql) enum MailOutcomeEnum {
    /// The mail server has taken it.
    Accepted,
    /// The mail server will never take it, mostly because there is no such address. It is not tried again.
    Refused,
    /// The mail server does not take it for now.
    PutOff,
    /// The mail server could not be reached, or did not let us in.
    Unreachable,
    /// The mail server did not answer in time.
    TimedOut,
    /// The visit was moved or cancelled, or the offer answered, before it left.
    Superseded,
    /// The visit had begun, or the moment of the reminder had passed when it was booked, or the next reminder was due.
    TooLate,
    /// The patient wants no reminders.
    Unsubscribed,
}
