//! Sending a mail again, and fresh links of patients, for staff who are asked for them.

use super::Mailing;
use super::command::{CreateMailLink, ResendMail};
use crate::access::{Actor, Permission};
use crate::audit::{Act, Attempted, Audited, Touched};
use crate::db::idempotency::Made;
use crate::db::{Tx, look_again, mail};
use crate::domain::{Mail, MailStatus};
use crate::request::{Field, Refusal, Resource, Violation};
use crate::retry::Retry;

/// What sending a mail again answers.
#[derive(Clone)]
pub struct ResendOutcome {
    /// The mail as it now is.
    pub mail: Mail,
    /// Whether this repeats the answer to an earlier request with the same key.
    pub replayed: bool,
}

/// What is wrong with a mail that nothing can be linked to for.
fn over() -> Violation {
    let why = "is about a visit or an offer that is over: a link would open nothing";
    Violation::new(Field::Other("id".to_owned()), why)
}

/// What is wrong with a mail that would not be sent any more.
fn too_late() -> Violation {
    let why =
        "tells of a visit that has begun or is over, or of an offer that is: it would not be sent";
    Violation::new(Field::Other("id".to_owned()), why)
}

/// What making a link answers.
#[derive(Clone)]
pub struct LinkOutcome {
    /// Where the patient goes, to whoever had it made; none for a repeat.
    pub url: Option<String>,
    /// Whether this repeats the answer to an earlier request with the same key.
    pub replayed: bool,
}

impl Attempted for ResendOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Attempted for LinkOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Mailing {
    /// Has a mail sent, or sent again, for `actor`: from now on, and only if it makes sense then.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`]; [`Refusal::Invalid`] where it is too late;
    /// [`Refusal::Store`] when the database fails.
    pub async fn resend(
        &self,
        actor: &Actor,
        command: &ResendMail,
    ) -> Result<ResendOutcome, Refusal> {
        let act = &Act::on_object(actor, "resendMail", &command.id);
        let fingerprint = command.fingerprint();
        let key = command.idempotency_key.as_ref();
        let retry = Retry { actor, key, fingerprint: &fingerprint };
        let attempt = async {
            actor.require(Permission::MergePatients)?;
            let request = async {
                let now = self.now();
                let work = |tx: Tx| async move {
                    let before = mail::find_to_change(&tx, command.id).await?;
                    let before = before.ok_or(Refusal::NotFound(Resource::Mail))?;
                    retry.claim(&tx, Made::Mail(before.id), now).await?;
                    // It stays as it is noted: one that was sent does not turn into one that was dropped.
                    if before.is_too_late(now) {
                        return Err(Refusal::Invalid(vec![too_late()]));
                    }
                    let touched = Touched::object(&before.id, vec!["status"]);
                    if before.status == MailStatus::Pending && before.attempts == 0 {
                        return Ok(Audited::Commit(before, touched));
                    }
                    let after = before.again(now);
                    mail::replace(&tx, &after).await?;
                    Ok::<_, Refusal>(Audited::Commit(after, touched))
                };
                let mail = self.committed(act, work).await?;
                Ok(ResendOutcome { mail, replayed: false })
            };
            let again = |made| async move {
                let mail = self.made(made).await?;
                Ok(ResendOutcome { mail, replayed: true })
            };
            retry.once(self.db(), request, again).await
        };
        self.parts.trail.attempt(act, Box::pin(attempt)).await
    }

    /// Makes a fresh link of the patient to what a mail is about, for `actor`, who alone is told it.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`]; [`Refusal::Invalid`] where what it is about is over;
    /// [`Refusal::Store`] when the database fails.
    pub async fn create_link(
        &self,
        actor: &Actor,
        command: &CreateMailLink,
    ) -> Result<LinkOutcome, Refusal> {
        let act = &Act::on_object(actor, "createMailLink", &command.id);
        let fingerprint = command.fingerprint();
        let key = command.idempotency_key.as_ref();
        let retry = Retry { actor, key, fingerprint: &fingerprint };
        let attempt = async {
            actor.require(Permission::MergePatients)?;
            let request = async {
                let now = self.now();
                let work = |tx: Tx| async move {
                    let found = mail::find_to_change(&tx, command.id).await?;
                    let found = found.ok_or(Refusal::NotFound(Resource::Mail))?;
                    retry.claim(&tx, Made::Mail(found.id), now).await?;
                    let about = mail::about(&tx, found.subject).await?;
                    if !about.is_standing(now) {
                        return Err(Refusal::Invalid(vec![over()]));
                    }
                    let link = self.link(&tx, &found, &about).await?;
                    let touched = Touched::object(&found.id, vec!["link"]);
                    Ok::<_, Refusal>(Audited::Commit((found, link), touched))
                };
                // Whether it was stored is not to be told from any other: made again, it is another.
                let proof = |made| async move { (made, None) };
                let trail = &self.parts.trail;
                let (_, link) = trail.transaction("mail_change", act, work, proof).await?;
                Ok(LinkOutcome { url: link.map(|link| link.url()), replayed: false })
            };
            let again = |made| async move {
                self.made(made).await?;
                Ok(LinkOutcome { url: None, replayed: true })
            };
            retry.once(self.db(), request, again).await
        };
        self.parts.trail.attempt(act, Box::pin(attempt)).await
    }

    async fn made(&self, made: Made) -> Result<Mail, Refusal> {
        let Made::Mail(id) = made else { return Err(Refusal::KeyReused) };
        mail::find(self.db().read(), id).await?.ok_or(Refusal::NotFound(Resource::Mail))
    }

    async fn committed<Fut>(&self, act: &Act, work: impl Fn(Tx) -> Fut) -> Result<Mail, Refusal>
    where
        Fut: Future<Output = Result<Audited<Mail>, Refusal>>,
    {
        let proof = |after: Mail| async move {
            let stored = look_again(|| mail::find(self.db().read(), after.id)).await;
            // It may have been sent meanwhile.
            let is_since = |stored: &Mail| {
                let waits = stored.status == MailStatus::Pending && stored.attempts == 0;
                waits || stored.tried_since.max(stored.settled_at) >= after.next_attempt_at
            };
            let stored = stored.ok().map(|stored| stored.as_ref().is_some_and(is_since));
            (after, stored)
        };
        self.parts.trail.transaction("mail_change", act, work, proof).await
    }
}
