//! What patients are told by mail: of each event that concerns them once, before a visit that they are reminded of, and
//! of an offer from the waitlist.

mod facts;
mod reminders;
mod subject;

pub use facts::MailFacts;
pub use reminders::{Reminders, RemindersError};
pub use subject::MailSubject;

use jiff::{SignedDuration, Timestamp};

use super::appointment_event::AppointmentEventKind;
use super::ids::{AppointmentId, MailId, ProviderId};
use super::named::named;
use super::time_slot::TimeSlot;
use super::webhook::pause_after;

/// For so long a mail is tried: 3 days, and never longer than what it tells makes sense.
pub const TRIED_FOR: SignedDuration = SignedDuration::from_hours(3 * 24);

named! {
    /// What a mail tells.
    MailKind {
        /// That a visit is confirmed.
        Confirmation "CONFIRMATION",
        /// That it is at another time, or with somebody else.
        Change "CHANGE",
        /// That it does not take place.
        Cancellation "CANCELLATION",
        /// That it is soon.
        Reminder "REMINDER",
        /// That a time has become free for somebody who waits.
        Offer "OFFER",
    }
}

named! {
    /// Where a mail stands.
    MailStatus {
        /// It is to be sent, or tried again.
        Pending "PENDING",
        /// The mail server has taken it.
        Sent "SENT",
        /// No mail server is set: it is kept to be read.
        Kept "KEPT",
        /// It made no sense any more before it left.
        Dropped "DROPPED",
        /// It was given up.
        Failed "FAILED",
    }
}

named! {
    /// What became of the last attempt to send a mail, or why there was none.
    MailOutcome {
        /// The mail server has taken it.
        Accepted "ACCEPTED",
        /// The mail server will never take it: the address does not exist, mostly.
        Refused "REFUSED",
        /// The mail server does not take it for now.
        PutOff "PUT_OFF",
        /// The mail server could not be reached, or did not let us in.
        Unreachable "UNREACHABLE",
        /// The mail server did not answer in time.
        TimedOut "TIMED_OUT",
        /// The visit was moved or cancelled, or the offer answered, before it left.
        Superseded "SUPERSEDED",
        /// The visit had begun, or the moment of the reminder had passed when it was booked.
        TooLate "TOO_LATE",
        /// The patient wants no reminders.
        Unsubscribed "UNSUBSCRIBED",
    }
}

/// A mail to a patient, with what it tells as it was then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its id, which its `Message-ID` is made of: the same each time it is sent.
    pub id: MailId,
    /// What it tells.
    pub kind: MailKind,
    /// What it is about.
    pub subject: MailSubject,
    /// With whom the visit is.
    pub provider_id: ProviderId,
    /// When.
    pub slot: TimeSlot,
    /// When it began before, where that is another moment.
    pub previous_starts_at: Option<Timestamp>,
    /// When that happened, was due or was offered.
    pub at: Timestamp,
    /// Where it stands.
    pub status: MailStatus,
    /// What became of the last attempt, or why there was none.
    pub outcome: Option<MailOutcome>,
    /// How often it was tried, since it was to be sent last.
    pub attempts: u32,
    /// Since when.
    pub tried_since: Option<Timestamp>,
    /// When it is tried next.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was sent, kept, dropped or given up.
    pub settled_at: Option<Timestamp>,
    /// To which address it was sent.
    pub recipient: Option<String>,
}

/// Which mail is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MailFilter {
    /// Only what stands so.
    pub status: Option<MailStatus>,
    /// Only what is about that visit.
    pub appointment_id: Option<AppointmentId>,
}

impl MailKind {
    /// What a patient is told of an event, if anything: only what is so, not what is on its way. One that was never
    /// confirmed was never told of, and neither is its end.
    pub fn telling(event: AppointmentEventKind, was_confirmed: bool) -> Option<Self> {
        use AppointmentEventKind as Event;
        match event {
            Event::Confirmed => Some(Self::Confirmation),
            Event::Rescheduled | Event::Reassigned => Some(Self::Change),
            Event::Cancelled | Event::Failed | Event::Expired => {
                was_confirmed.then_some(Self::Cancellation)
            }
            Event::Booked
            | Event::Cancelling
            | Event::Rescheduling
            | Event::RescheduleRefused
            | Event::CheckedIn
            | Event::Completed
            | Event::NoShow
            | Event::Reinstated
            | Event::Reassigning
            | Event::ReassignRefused
            | Event::Updated => None,
        }
    }
}

impl Mail {
    /// The visit that it is about, where it is about one.
    pub fn appointment_id(&self) -> Option<AppointmentId> {
        self.subject.visit()
    }

    /// Whether what it tells makes no sense any more at `now`, whatever became of the visit: it has begun, or is over
    /// where it was cancelled, or the offer has lapsed.
    pub fn is_too_late(&self, now: Timestamp) -> bool {
        match (self.kind, self.subject) {
            (_, MailSubject::Offer { expires_at, .. }) => expires_at <= now,
            (MailKind::Cancellation, _) => self.slot.ends_at() <= now,
            _ => self.slot.starts_at() <= now,
        }
    }

    /// Whether the visit is as it tells: there, and with whom; or that it does not take place.
    pub fn is_borne_out_by(&self, facts: &MailFacts) -> bool {
        facts.visit.as_ref().is_some_and(|visit| match self.kind {
            MailKind::Cancellation => visit.never_takes_place(),
            _ => {
                !visit.never_takes_place()
                    && visit.slot == self.slot
                    && visit.provider_id == self.provider_id
            }
        })
    }

    /// What it tells by what is known now: a reminder is of the visit as it is, with whomever, for however long.
    #[must_use]
    pub fn as_of(self, facts: &MailFacts) -> Self {
        match (self.subject, &facts.visit) {
            (MailSubject::Upcoming { .. }, Some(visit))
                if visit.slot.starts_at() == self.slot.starts_at() =>
            {
                Self { provider_id: visit.provider_id, slot: visit.slot, ..self }
            }
            _ => self,
        }
    }

    /// What it is after an attempt that ended at `now`. `jitter`, from 0 to 1, tells one mail's pauses from another's.
    #[must_use]
    pub fn after(self, outcome: MailOutcome, now: Timestamp, jitter: f64) -> Self {
        let attempts = self.attempts.saturating_add(1);
        let since = self.tried_since.unwrap_or(now);
        let tried = Self { attempts, tried_since: Some(since), outcome: Some(outcome), ..self };
        match outcome {
            MailOutcome::Accepted => tried.settled(MailStatus::Sent, now),
            MailOutcome::Refused => tried.settled(MailStatus::Failed, now),
            MailOutcome::Superseded | MailOutcome::TooLate | MailOutcome::Unsubscribed => {
                tried.settled(MailStatus::Dropped, now)
            }
            MailOutcome::PutOff | MailOutcome::Unreachable | MailOutcome::TimedOut => {
                let next = now.saturating_add(pause_after(attempts, jitter)).unwrap_or(now);
                if next.duration_since(since) > TRIED_FOR {
                    return tried.settled(MailStatus::Failed, now);
                }
                Self { next_attempt_at: Some(next), ..tried }
            }
        }
    }

    /// The same, dropped without an attempt.
    #[must_use]
    pub fn dropped(self, why: MailOutcome, now: Timestamp) -> Self {
        Self { outcome: Some(why), ..self }.settled(MailStatus::Dropped, now)
    }

    /// The same, kept to be read.
    #[must_use]
    pub fn kept(self, now: Timestamp) -> Self {
        self.settled(MailStatus::Kept, now)
    }

    /// The same, to be sent anew from `now` on.
    #[must_use]
    pub fn again(self, now: Timestamp) -> Self {
        Self {
            status: MailStatus::Pending,
            outcome: None,
            attempts: 0,
            tried_since: None,
            next_attempt_at: Some(now),
            settled_at: None,
            ..self
        }
    }

    fn settled(self, status: MailStatus, now: Timestamp) -> Self {
        Self { status, next_attempt_at: None, settled_at: Some(now), ..self }
    }
}

#[cfg(test)]
mod tests;
