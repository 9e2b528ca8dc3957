//! Noting what became of mail, and counting it; also of what is not sent at all.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::sleep;

use super::judging::Judged;
use crate::db::mail::{self, Lease};
use crate::db::{Ending, StoreError, Tx};
use crate::domain::ids::uuid_at;
use crate::domain::{Mail, MailOutcome, MailStatus};
use crate::mail::Mailing;

/// How many are kept in one transaction, where there is no mail server.
const KEPT_AT_ONCE: u16 = 100;
/// How long whoever sends mail has for it. What a server had that died is kept from leaving for as long.
const LEASE: SignedDuration = SignedDuration::from_secs(90);
/// How often it is tried to note what was sent: whoever does not send it again.
const NOTED_IN: u32 = 5;
/// After a try that failed.
const NOTED_AFTER: Duration = Duration::from_secs(1);

impl Mailing {
    /// Keeps what is due, where there is no mail server.
    pub(in crate::mail) async fn keep_what_is_due(&self) -> Result<(), StoreError> {
        while self.is_any_due().await? {
            let work = |tx: Tx| async move {
                let (now, lease) = (self.now(), self.new_lease());
                let due = self.lease_judged(&tx, KEPT_AT_ONCE, lease).await?;
                let settled = |Judged { mail, verdict, .. }: Judged| {
                    verdict.instead(&mail, now).unwrap_or_else(|| mail.kept(now))
                };
                let after: Vec<_> = due.into_iter().map(settled).collect();
                for one in &after {
                    mail::record(&tx, one, lease).await?;
                }
                Ok::<_, StoreError>(Ending::Commit(after))
            };
            count(&self.db().transaction("mail_keep", work).await?);
        }
        Ok(())
    }

    /// Whether any mail is due that nobody works on.
    pub(super) async fn is_any_due(&self) -> Result<bool, StoreError> {
        Ok(mail::count_due(self.db().read(), 1, self.now()).await? > 0)
    }

    /// Notes of the mail that is due first that the server could not be reached.
    pub(super) async fn note_unreachable(&self) -> Result<(), StoreError> {
        let outcome = MailOutcome::Unreachable;
        metrics::counter!("clinic_mail_attempts_total", "outcome" => outcome.as_str()).increment(1);
        let work = |tx: Tx| async move {
            let (now, lease) = (self.now(), self.new_lease());
            let mut settled = Vec::new();
            for Judged { mail: one, verdict, .. } in self.lease_judged(&tx, 1, lease).await? {
                let after = verdict
                    .instead(&one, now)
                    .unwrap_or_else(|| one.after(outcome, now, rand::random()));
                mail::record(&tx, &after, lease).await?;
                settled.push(after);
            }
            Ok::<_, StoreError>(Ending::Commit(settled))
        };
        count(&self.db().transaction("mail_unreachable", work).await?);
        Ok(())
    }

    pub(super) fn new_lease(&self) -> Lease {
        let now = self.now();
        let until = now.saturating_add(LEASE).unwrap_or(now);
        Lease { token: uuid_at(self.parts.clock.now()), until }
    }

    /// Stores how mail stands, also where the database is gone for a moment.
    pub(super) async fn note(&self, after: &[Mail], lease: Lease) -> Result<(), StoreError> {
        for _ in 1..NOTED_IN {
            match self.record(after, lease).await {
                Ok(()) => return Ok(()),
                Err(error) => {
                    tracing::warn!(%error, "What became of mail could not be noted; trying again");
                }
            }
            sleep(NOTED_AFTER).await;
        }
        self.record(after, lease).await
    }

    /// Stores how mail stands.
    async fn record(&self, after: &[Mail], lease: Lease) -> Result<(), StoreError> {
        let store = |tx: Tx| async move {
            for one in after {
                mail::record(&tx, one, lease).await?;
            }
            Ok::<_, StoreError>(Ending::Commit(()))
        };
        self.db().transaction("mail_record", store).await?;
        count(after);
        Ok(())
    }
}

/// Counts what is settled.
pub(super) fn count(mails: &[Mail]) {
    for mail in mails.iter().filter(|mail| mail.status != MailStatus::Pending) {
        let (kind, status) = (mail.kind.as_str(), mail.status.as_str());
        metrics::counter!("clinic_mails_total", "kind" => kind, "status" => status).increment(1);
    }
}
