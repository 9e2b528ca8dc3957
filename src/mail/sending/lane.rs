//! Sending what is due: one connection to the mail server, and some mail after the other over it.

use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::client::AsyncSmtpConnection;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::handing::hand_over;
use super::message::{self, MessageError};
use super::noting::count;
use super::server::{self, SmtpServer};
use crate::db::mail::{self, Lease};
use crate::db::{Ending, StoreError, Tx};
use crate::domain::webhook::pause_after;
use crate::domain::{Mail, MailFacts, MailOutcome, MailStatus};
use crate::links::PatientLink;
use crate::mail::{MailText, Mailing};
use crate::request::Refusal;

/// How many are judged and sent after one look.
pub(in crate::mail) const AT_ONCE: u16 = 8;
/// How long it takes at the most until a mail is taken.
const WITHIN: Duration = Duration::from_secs(30);
/// What has not left so long after it was taken is taken anew, so that the lease outlasts what is sent and noted.
const LEAVES_WITHIN: Duration = Duration::from_secs(45);
/// What was judged longer ago is judged again before it leaves.
const JUDGED_FOR: Duration = Duration::from_secs(2);
/// How long it is waited at the most until a server that can't be reached is tried again, in failures.
const MOST_FAILURES: u32 = 6;

/// A mail that may leave, and what it says that with.
struct Ready {
    judged_at: Instant,
    mail: Mail,
    facts: MailFacts,
    link: Option<PatientLink>,
}

/// A connection, where there is one.
type Line = Option<AsyncSmtpConnection>;

impl Mailing {
    /// Sends what is due until nothing is, or `stop` turns true.
    pub(in crate::mail) async fn send_what_is_due(
        self: Arc<Self>,
        server: SmtpServer,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), StoreError> {
        let (mut line, mut failures): (Line, u32) = (None, 0);
        while !*stop.borrow() && self.is_any_due().await? {
            if line.as_ref().is_none_or(AsyncSmtpConnection::has_broken) {
                line = server.line(&self.settings().name).await;
            }
            let Some(connection) = line.as_mut() else {
                failures = (failures + 1).min(MOST_FAILURES);
                self.note_unreachable().await?;
                let pause = pause_after(failures, rand::random());
                tokio::select! {
                    () = sleep(pause.unsigned_abs()) => continue,
                    _ = stop.wait_for(|stop| *stop) => break,
                }
            };
            failures = 0;
            let (lease, ready) = self.begin().await?;
            let mut after = Vec::new();
            for one in ready {
                // Told to stop, it ends with what is on its way: the others leave by another server, or later.
                let stops = *stop.borrow();
                after.push(if stops { one.mail } else { self.send(connection, one).await });
            }
            self.note(&after, lease).await?;
        }
        if let Some(mut connection) = line {
            drop(timeout(WITHIN, connection.quit()).await);
        }
        Ok(())
    }

    /// Takes some of what is due, in the last transaction before it leaves: what makes no sense any more does not.
    async fn begin(&self) -> Result<(Lease, Vec<Ready>), StoreError> {
        let work = |tx: Tx| async move {
            let (now, lease) = (self.now(), self.new_lease());
            let (mut leaving, mut settled) = (Vec::new(), Vec::new());
            for one in self.lease_judged(&tx, AT_ONCE, lease).await? {
                match one.verdict.instead(&one.mail, now) {
                    Some(after) => {
                        mail::record(&tx, &after, lease).await?;
                        settled.push(after);
                    }
                    None => leaving.push((one.mail, one.facts)),
                }
            }
            let links = self.links_for(&tx, &leaving).await?;
            let judged_at = Instant::now();
            let ready = |((mail, facts), link)| Ready { judged_at, mail, facts, link };
            let ready: Vec<_> = leaving.into_iter().zip(links).map(ready).collect();
            Ok::<_, StoreError>(Ending::Commit((lease, ready, settled)))
        };
        let (lease, ready, settled) = self.db().transaction("mail_begin", work).await?;
        count(&settled);
        Ok((lease, ready))
    }

    /// Sends a mail once, and says how it stands then.
    async fn send(
        &self,
        connection: &mut AsyncSmtpConnection,
        Ready { judged_at, mail, facts, link }: Ready,
    ) -> Mail {
        if connection.has_broken() || judged_at.elapsed() > LEAVES_WITHIN {
            // It goes over the next one, or with the next.
            return mail;
        }
        let (mail, facts) = if judged_at.elapsed() < JUDGED_FOR {
            (mail, facts)
        } else {
            match self.judged_again(mail.clone(), link.as_ref()).await {
                Ok(Ok(anew)) => anew,
                Ok(Err(instead)) => return instead,
                Err(error) => {
                    // What has left before it is to be noted all the same.
                    tracing::warn!(%error, "A mail could not be judged; trying again");
                    return mail;
                }
            }
        };
        let link = link.map(|link| link.url());
        let outcome = match self.written(&mail, &facts, link.as_deref()).await {
            Ok(message) => {
                let text = message.formatted();
                match timeout(WITHIN, hand_over(connection, message.envelope(), &text)).await {
                    Ok(outcome) => outcome,
                    Err(_elapsed) => {
                        server::hang_up(connection).await;
                        MailOutcome::TimedOut
                    }
                }
            }
            Err(outcome) => outcome,
        };
        metrics::counter!("clinic_mail_attempts_total", "outcome" => outcome.as_str()).increment(1);
        let recipient = Some(facts.patient.email);
        let after = Mail { recipient, ..mail }.after(outcome, self.now(), rand::random());
        if after.status == MailStatus::Failed {
            let (id, outcome) = (after.id, outcome.as_str());
            tracing::warn!(mail.id = %id, outcome, "The mail {id} is given up: {outcome}");
        }
        after
    }

    /// A mail as it goes over the line.
    async fn written(
        &self,
        mail: &Mail,
        facts: &MailFacts,
        link: Option<&str>,
    ) -> Result<lettre::Message, MailOutcome> {
        let later = |error: &dyn std::fmt::Display| {
            tracing::error!(mail.id = %mail.id, %error, "The mail {} could not be written", mail.id);
            MailOutcome::PutOff
        };
        let provider = self.provider(mail).await;
        let provider =
            provider.map_err(|_refusal: Refusal| later(&"its provider can't be read"))?;
        let about = (facts, provider.as_ref());
        let says: MailText = self.says(mail, about, link).map_err(|error| later(&error))?;
        let calendar = self.calendar(mail, about);
        let parts = message::Parts {
            id: mail.id,
            kind: mail.kind,
            from: &self.settings().from,
            to: &facts.patient.email,
            says: &says,
            calendar: calendar.as_ref(),
            link,
            now: self.parts.clock.now(),
        };
        message::message(&parts).map_err(|error| match error {
            MessageError::Address => MailOutcome::Refused,
            MessageError::Message => later(&error),
        })
    }
}
