//! The rows of answers: one for each that shows patients' data, to whomever and through whichever door.

use std::borrow::Cow;
use std::sync::Arc;

use super::queue::plain_name;
use super::waiting::{Promise, Receipt};
use super::{AuditReads, Trail, caller};
use crate::access::{Actor, Seen};
use crate::db::StoreError;
use crate::domain::AuditEventId;
use crate::domain::audit::{AuditEntry, AuditKind};

/// What was asked, for the row of its answer.
#[derive(Debug, Clone, Default)]
pub struct Answered {
    /// What was done, in the words of the door: `GET /patients`, `query Day`.
    pub operation: String,
    /// The names of the fields with patients' data that it shows, apart by spaces.
    pub fields: String,
}

/// An answer must not leave: that it does can't be written down.
#[derive(Debug, Clone, thiserror::Error)]
#[error(transparent)]
pub struct NotRecorded(#[from] StoreError);

/// Somebody who follows what happens, from the row of its beginning to that of its end.
pub struct Following {
    actor: Actor,
    asked: Answered,
    /// As the rows of events have them.
    recipient: String,
}

impl Following {
    /// Who follows.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
}

impl Trail {
    /// A row that says who did what, and nothing else yet.
    pub(super) fn blank(
        &self,
        id: AuditEventId,
        kind: AuditKind,
        actor: &Actor,
        operation: impl Into<Cow<'static, str>>,
    ) -> AuditEntry {
        let now = self.now();
        AuditEntry {
            id,
            // As it is stored: what is made of it must be what is read back.
            at: jiff::Timestamp::from_second(now.as_second()).unwrap_or(now),
            kind,
            actor: caller(actor),
            address: actor.address.map(|address| address.to_string()),
            on_behalf_of: None,
            operation: operation.into(),
            fields: String::new(),
            patients: Vec::new(),
            appointments: Vec::new(),
            change: None,
            outcome: "OK".into(),
            request_id: actor.request_id.as_deref().map(plain_name),
            recipients: String::new(),
            object: None,
        }
    }

    fn shown(&self, kind: AuditKind, actor: &Actor, asked: &Answered, seen: Seen) -> AuditEntry {
        let id = AuditEventId::generate(self.now());
        AuditEntry {
            fields: asked.fields.clone(),
            patients: seen.patients.into_iter().collect(),
            appointments: seen.appointments.into_iter().collect(),
            ..self.blank(id, kind, actor, asked.operation.clone())
        }
    }

    /// An answer is about to leave: what the caller's sheet says that it shows of patients is written
    /// down, if it shows any. Only after this returns may it leave.
    ///
    /// # Errors
    ///
    /// [`NotRecorded`] when it can't be written: the answer must not leave.
    pub async fn answered(
        &self,
        actor: &Actor,
        asked: impl FnOnce() -> Answered,
    ) -> Result<(), NotRecorded> {
        let receipt = self.answering(actor, asked)?;
        self.written(receipt).await
    }

    /// An answer is about to leave, and others after it may be worked on meanwhile: it may leave when
    /// [`written`](Self::written) says so.
    ///
    /// # Errors
    ///
    /// [`NotRecorded`] when it can't be written.
    pub fn answering(
        &self,
        actor: &Actor,
        asked: impl FnOnce() -> Answered,
    ) -> Result<Receipt, NotRecorded> {
        let seen = actor.take_seen();
        if seen.is_empty() || self.reads == AuditReads::Nothing {
            return Ok(Receipt(Promise::None));
        }
        Ok(self.send(self.shown(AuditKind::Read, actor, &asked(), seen))?)
    }

    /// Waits until what a receipt is for is written.
    ///
    /// # Errors
    ///
    /// [`NotRecorded`] when it can't be written: the answer must not leave.
    pub async fn written(&self, receipt: Receipt) -> Result<(), NotRecorded> {
        Ok(self.settle(receipt).await?)
    }

    /// Somebody begins to follow what happens.
    ///
    /// # Errors
    ///
    /// [`NotRecorded`] when it can't be written: nothing must be told.
    pub async fn followed(&self, actor: &Actor, asked: Answered) -> Result<Following, NotRecorded> {
        let entry = self.shown(AuditKind::LiveBegin, actor, &asked, Seen::default());
        self.record(entry).await?;
        Ok(Following { actor: actor.clone(), asked, recipient: recipient(actor) })
    }

    /// An event that shows this is about to be told to somebody who follows, when
    /// [`written`](Self::written) says so. Those who are told of it at the same moment share a row. Where many
    /// such rows wait this waits too: whoever asks for something comes before those who follow.
    ///
    /// # Errors
    ///
    /// [`NotRecorded`] when it can't be written: it must not be told.
    pub async fn telling(&self, to: &Following, seen: &Seen) -> Result<Receipt, NotRecorded> {
        if seen.is_empty() || self.reads == AuditReads::Nothing {
            return Ok(Receipt(Promise::None));
        }
        let place = Arc::clone(&self.places_of_followers).acquire_owned().await.ok();
        let mut entry = self.shown(AuditKind::LiveEvent, &Actor::system(), &to.asked, seen.clone());
        entry.recipients.clone_from(&to.recipient);
        Ok(self.send_in(entry, place)?)
    }

    /// They follow no further. They may be gone long since, so nobody waits for this row.
    pub fn left(&self, following: &Following) {
        let Following { actor, asked, .. } = following;
        self.record_later(self.shown(AuditKind::LiveEnd, actor, asked, Seen::default()));
    }
}

/// One line: kind, id, role, address and request, with a `-` for what there is not.
fn recipient(actor: &Actor) -> String {
    let address = actor.address.map(|address| address.to_string());
    let request = actor.request_id.as_deref().map(plain_name);
    let parts = [
        Some(actor.caller.kind().to_owned()),
        actor.caller.id(),
        Some(actor.role.as_str().to_owned()),
        address,
        request,
    ];
    parts.map(|part| part.unwrap_or_else(|| "-".to_owned())).join(" ")
}
