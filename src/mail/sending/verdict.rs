//! Whether a mail may leave, judged by how things stand.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{AppointmentStatus, Mail, MailFacts, MailOutcome, MailSubject, Reminders};

/// Until it is looked again whether a visit stays where it is.
const WAIT: SignedDuration = SignedDuration::from_secs(30);

/// What is to be done with a mail that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mail) enum Verdict {
    /// It leaves.
    Tell,
    /// It waits: whether it is so is being decided.
    Wait,
    /// It makes no sense any more.
    Drop(MailOutcome),
}

impl Verdict {
    /// What becomes of a mail by what is known at `now`.
    pub(in crate::mail) fn of(
        mail: &Mail,
        facts: &MailFacts,
        reminders: &Reminders,
        now: Timestamp,
    ) -> Self {
        if mail.is_too_late(now) {
            return Self::Drop(MailOutcome::TooLate);
        }
        match mail.subject {
            MailSubject::Event { .. } => Self::Tell,
            MailSubject::Upcoming { lead_minutes, .. } => {
                of_reminder(mail, (facts, lead_minutes), reminders, now)
            }
            MailSubject::Offer { .. }
                if facts.open_offer.as_ref().is_some_and(|offer| offer.is_live(now)) =>
            {
                Self::Tell
            }
            MailSubject::Offer { .. } => Self::Drop(MailOutcome::Superseded),
        }
    }

    /// What becomes of a mail that does not leave; none of one that does.
    pub(in crate::mail) fn instead(self, mail: &Mail, now: Timestamp) -> Option<Mail> {
        match self {
            Self::Tell => None,
            Self::Drop(why) => Some(mail.clone().dropped(why, now)),
            Self::Wait => {
                let next = now.saturating_add(WAIT).unwrap_or(now);
                Some(Mail { next_attempt_at: Some(next), ..mail.clone() })
            }
        }
    }
}

fn of_reminder(
    mail: &Mail,
    (facts, lead): (&MailFacts, u32),
    reminders: &Reminders,
    now: Timestamp,
) -> Verdict {
    let stands = facts.visit.as_ref().is_some_and(|visit| {
        visit.status == AppointmentStatus::Confirmed
            && visit.slot.starts_at() == mail.slot.starts_at()
    });
    if !stands || !reminders.leads().contains(&lead) {
        Verdict::Drop(MailOutcome::Superseded)
    } else if !facts.patient.reminders {
        Verdict::Drop(MailOutcome::Unsubscribed)
    } else if reminders.is_overtaken(mail.slot.starts_at(), lead, now) {
        Verdict::Drop(MailOutcome::TooLate)
    } else if facts.visit.as_ref().is_some_and(crate::domain::Appointment::is_on_the_move) {
        Verdict::Wait
    } else {
        Verdict::Tell
    }
}
