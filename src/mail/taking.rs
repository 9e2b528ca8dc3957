//! Writing down what is to be told: of what has happened, of what comes, and of what is offered.

use jiff::Timestamp;

use super::Mailing;
use crate::db::{Ending, StoreError, Tx, events, mail};
use crate::domain::ids::ids_at;
use crate::domain::{
    Mail, MailId, MailKind, MailStatus, MailSubject, ProviderId, Reminders, TimeSlot, ToldEvent,
};

/// How many events, visits or offers are written down in one transaction.
const AT_ONCE: u16 = 500;
/// How many of these before other things are looked after.
const IN_A_ROW: u8 = 4;

impl Mailing {
    /// Writes down what is to be told of what has happened.
    pub(super) async fn take_down(&self) -> Result<(), StoreError> {
        let end = events::last(self.db().read()).await?;
        if mail::reached(self.db().read()).await? >= end {
            return Ok(());
        }
        let work = |tx: Tx| async move {
            let Some(position) = mail::position(&tx).await? else {
                // Another server is about to.
                return Ok::<_, StoreError>(Ending::RollBack(false));
            };
            let events = mail::events_after(&tx, position, AT_ONCE).await?;
            let more = events.len() == usize::from(AT_ONCE);
            let last = events.last().map_or(position, |(event, _)| event.position);
            mail::insert(&tx, &self.of_events(&events)).await?;
            // Also past those that were deleted, with their visits.
            mail::move_on(&tx, if more { last } else { last.max(end) }).await?;
            Ok(Ending::Commit(more))
        };
        for _ in 0..IN_A_ROW {
            if !self.db().transaction("mail_take_down", work).await? {
                break;
            }
        }
        Ok(())
    }

    fn of_events(&self, events: &[(ToldEvent, bool)]) -> Vec<Mail> {
        let mut ids = self.ids();
        let told = |(event, was_confirmed): &(ToldEvent, bool)| {
            let kind = MailKind::telling(event.kind, *was_confirmed)?;
            let slot = TimeSlot::new(event.starts_at, event.ends_at).ok()?;
            let subject = MailSubject::Event {
                appointment_id: event.appointment_id,
                position: event.position,
            };
            let mail = self.pending(ids(), (kind, subject), (event.provider_id, slot), event.at);
            Some(Mail { previous_starts_at: event.previous_starts_at, ..mail })
        };
        events.iter().filter_map(told).collect()
    }

    /// Writes down who is to be reminded.
    pub(super) async fn take_reminders(&self) -> Result<(), StoreError> {
        for &lead in self.settings().reminders.leads() {
            let now = self.now();
            let until = now.saturating_add(jiff::SignedDuration::from_mins(lead.into()));
            let until = until.unwrap_or(Timestamp::MAX);
            let found = mail::upcoming(self.db().read(), lead, (now, until), AT_ONCE).await?;
            let mut ids = self.ids();
            let reminder = |visit: mail::Upcoming| {
                let subject = MailSubject::Upcoming {
                    appointment_id: visit.appointment_id,
                    lead_minutes: lead,
                };
                let due_at = Reminders::due_at(visit.slot.starts_at(), lead);
                let what = (MailKind::Reminder, subject);
                self.pending(ids(), what, (visit.provider_id, visit.slot), due_at)
            };
            let mails: Vec<Mail> = found.into_iter().map(reminder).collect();
            self.write_down(&mails).await?;
        }
        Ok(())
    }

    /// Writes down who is to be told of an offer.
    pub(super) async fn take_offers(&self) -> Result<(), StoreError> {
        let found = mail::untold_offers(self.db().read(), self.now(), AT_ONCE).await?;
        let mut ids = self.ids();
        let told = |offer: mail::Untold| {
            let subject = MailSubject::Offer {
                entry_id: offer.entry_id,
                offer_id: offer.offer_id,
                expires_at: offer.expires_at,
            };
            let with = (offer.provider_id, offer.slot);
            self.pending(ids(), (MailKind::Offer, subject), with, offer.offered_at)
        };
        let mails: Vec<Mail> = found.into_iter().map(told).collect();
        self.write_down(&mails).await
    }

    async fn write_down(&self, mails: &[Mail]) -> Result<(), StoreError> {
        if mails.is_empty() {
            return Ok(());
        }
        let insert = |tx: Tx| async move {
            mail::insert(&tx, mails).await?;
            Ok::<_, StoreError>(Ending::Commit(()))
        };
        self.db().transaction("mail_write_down", insert).await
    }

    /// Ids that sort by when they were made.
    fn ids(&self) -> impl FnMut() -> MailId {
        let mut ids = ids_at(self.parts.clock.now());
        move || ids().into()
    }

    /// A mail that is to be sent at once.
    fn pending(
        &self,
        id: MailId,
        (kind, subject): (MailKind, MailSubject),
        (provider_id, slot): (ProviderId, TimeSlot),
        at: Timestamp,
    ) -> Mail {
        Mail {
            id,
            kind,
            subject,
            provider_id,
            slot,
            previous_starts_at: None,
            at,
            status: MailStatus::Pending,
            outcome: None,
            attempts: 0,
            tried_since: None,
            next_attempt_at: Some(self.now()),
            settled_at: None,
            recipient: None,
        }
    }
}
