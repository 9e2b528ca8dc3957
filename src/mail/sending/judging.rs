//! Judging mail by how things stand, all of a batch in a few statements.

use super::verdict::Verdict;
use crate::db::mail::{self, Lease};
use crate::db::{Connection, StoreError, Tx};
use crate::domain::{Mail, MailFacts, MailOutcome};
use crate::links::PatientLink;
use crate::mail::Mailing;

/// A mail as things stand, what is known of what it is about, and what becomes of it.
pub(super) struct Judged {
    pub(super) mail: Mail,
    pub(super) facts: MailFacts,
    pub(super) verdict: Verdict,
}

impl Mailing {
    /// Takes at most so many of what is due, and says what becomes of each.
    pub(super) async fn lease_judged(
        &self,
        tx: &Tx,
        limit: u16,
        lease: Lease,
    ) -> Result<Vec<Judged>, StoreError> {
        let due = mail::lease_due(tx, (limit, lease), self.now()).await?;
        self.judge_all(tx, due).await
    }

    /// What becomes of each, in the same order.
    async fn judge_all(
        &self,
        conn: &impl Connection,
        mails: Vec<Mail>,
    ) -> Result<Vec<Judged>, StoreError> {
        let about = mail::about_each(conn, &mails).await?;
        let mut judged = Vec::with_capacity(mails.len());
        for (mail, facts) in mails.into_iter().zip(about) {
            let verdict = self.verdict(conn, &mail, &facts).await?;
            judged.push(Judged { mail: mail.as_of(&facts), facts, verdict });
        }
        Ok(judged)
    }

    async fn verdict(
        &self,
        conn: &impl Connection,
        mail: &Mail,
        facts: &MailFacts,
    ) -> Result<Verdict, StoreError> {
        let verdict = Verdict::of(mail, facts, &self.settings().reminders, self.now());
        // What was told since would not be told after it once more, as it is where both wait.
        let misleads = verdict == Verdict::Tell
            && !mail.is_borne_out_by(facts)
            && mail::is_told_since(conn, mail.subject).await?;
        Ok(if misleads { Verdict::Drop(MailOutcome::Superseded) } else { verdict })
    }

    /// A mail that was judged a while ago, as things stand now; or else what becomes of it. One whose link opens nothing
    /// any more is taken anew, with another.
    pub(super) async fn judged_again(
        &self,
        mail: Mail,
        link: Option<&PatientLink>,
    ) -> Result<Result<(Mail, MailFacts), Mail>, StoreError> {
        let facts = mail::about(self.db().read(), mail.subject).await?;
        let verdict = self.verdict(self.db().read(), &mail, &facts).await?;
        if let Some(instead) = verdict.instead(&mail, self.now()) {
            return Ok(Err(instead));
        }
        if let Some(link) = link
            && !self.parts.links.is_good_for(link, &facts.patient).await?
        {
            return Ok(Err(mail));
        }
        Ok(Ok((mail.as_of(&facts), facts)))
    }
}
