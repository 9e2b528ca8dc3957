//! The rows of mail, and what they say.

use sea_orm::ActiveValue::Set;

use crate::db::engine::{StoreError, from_db, slot_from_db, to_db};
use crate::db::entity::mail;
use crate::domain::{
    AppointmentId, EventPosition, Mail, MailKind, MailOutcome, MailStatus, MailSubject, ProviderId,
};

pub(super) fn of(mail: &Mail) -> mail::ActiveModel {
    let (mut position, mut entry, mut offer, mut lead, mut expires_at) =
        (None, None, None, None, None);
    match mail.subject {
        MailSubject::Event { position: place, .. } => position = Some(place.0),
        MailSubject::Upcoming { lead_minutes, .. } => lead = i32::try_from(lead_minutes).ok(),
        MailSubject::Offer { entry_id, offer_id, expires_at: end } => {
            (entry, offer, expires_at) =
                (Some(entry_id.uuid()), Some(offer_id.uuid()), Some(to_db(end)));
        }
    }
    mail::ActiveModel {
        id: Set(mail.id.uuid()),
        kind: Set(mail.kind.as_str().to_owned()),
        appointment_id: Set(mail.appointment_id().map(AppointmentId::uuid)),
        position: Set(position),
        entry_id: Set(entry),
        offer_id: Set(offer),
        lead_minutes: Set(lead),
        provider_id: Set(ProviderId::uuid(mail.provider_id)),
        starts_at: Set(to_db(mail.slot.starts_at())),
        ends_at: Set(to_db(mail.slot.ends_at())),
        previous_starts_at: Set(mail.previous_starts_at.map(to_db)),
        expires_at: Set(expires_at),
        at: Set(to_db(mail.at)),
        status: Set(mail.status.as_str().to_owned()),
        outcome: Set(mail.outcome.map(|outcome| outcome.as_str().to_owned())),
        attempts: Set(i32::try_from(mail.attempts).unwrap_or(i32::MAX)),
        tried_since: Set(mail.tried_since.map(to_db)),
        next_attempt_at: Set(mail.next_attempt_at.map(to_db)),
        settled_at: Set(mail.settled_at.map(to_db)),
        recipient: Set(mail.recipient.clone()),
        leased_until: Set(None),
        lease: Set(None),
    }
}

impl TryFrom<mail::Model> for Mail {
    type Error = StoreError;

    fn try_from(row: mail::Model) -> Result<Self, StoreError> {
        let unreadable = || StoreError::unreadable("mail");
        let subject = match (row.appointment_id, row.position, row.lead_minutes) {
            (Some(id), Some(position), None) => {
                MailSubject::Event { appointment_id: id.into(), position: EventPosition(position) }
            }
            (Some(id), None, Some(lead)) => MailSubject::Upcoming {
                appointment_id: id.into(),
                lead_minutes: u32::try_from(lead).map_err(|_negative| unreadable())?,
            },
            _ => MailSubject::Offer {
                entry_id: row.entry_id.ok_or_else(unreadable)?.into(),
                offer_id: row.offer_id.ok_or_else(unreadable)?.into(),
                expires_at: from_db(row.expires_at.ok_or_else(unreadable)?)?,
            },
        };
        let outcome = row.outcome.as_deref();
        Ok(Self {
            id: row.id.into(),
            kind: MailKind::named(&row.kind).ok_or_else(unreadable)?,
            subject,
            provider_id: row.provider_id.into(),
            slot: slot_from_db(row.starts_at, row.ends_at)?,
            previous_starts_at: row.previous_starts_at.map(from_db).transpose()?,
            at: from_db(row.at)?,
            status: MailStatus::named(&row.status).ok_or_else(unreadable)?,
            outcome: outcome
                .map(|name| MailOutcome::named(name).ok_or_else(unreadable))
                .transpose()?,
            attempts: u32::try_from(row.attempts).unwrap_or_default(),
            tried_since: row.tried_since.map(from_db).transpose()?,
            next_attempt_at: row.next_attempt_at.map(from_db).transpose()?,
            settled_at: row.settled_at.map(from_db).transpose()?,
            recipient: row.recipient,
        })
    }
}
