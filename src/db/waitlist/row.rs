//! The rows of the waitlist, and what they say.

use sea_orm::ActiveValue::Set;

use crate::db::engine::{StoreError, from_db, slot_from_db, to_db};
use crate::db::entity::{waitlist_entry, waitlist_offer};
use crate::domain::waitlist::Weekdays;
use crate::domain::{
    AppointmentId, EventPosition, LocalTime, OfferOutcome, ProviderId, UsState, VisitLength,
    VisitShape, VisitTypeId, WaitlistEntry, WaitlistEntryId, WaitlistOffer, WaitlistStatus,
    WaitlistWindow,
};

pub(super) fn of(entry: &WaitlistEntry) -> waitlist_entry::ActiveModel {
    waitlist_entry::ActiveModel {
        id: Set(entry.id.uuid()),
        version: Set(entry.version),
        status: Set(entry.status.as_str().to_owned()),
        patient_id: Set(entry.patient_id.uuid()),
        state: Set(entry.state.code().to_owned()),
        insurance_id: Set(entry.payer_id.uuid()),
        provider_id: Set(entry.provider_id.map(ProviderId::uuid)),
        duration_minutes: Set(entry.shape.length.minutes().into()),
        visit_type_id: Set(entry.shape.kind.map(VisitTypeId::uuid)),
        earliest: Set(to_db(entry.window.earliest)),
        latest: Set(to_db(entry.window.latest)),
        weekdays: Set(entry.window.weekdays.bits().into()),
        local_from: Set(entry.window.local_from.minutes().into()),
        local_until: Set(entry.window.local_until.minutes().into()),
        instead_of: Set(entry.instead_of.map(AppointmentId::uuid)),
        joined: Set(entry.joined.0),
        position: Set(entry.position.0),
        created_at: Set(to_db(entry.created_at)),
        updated_at: Set(to_db(entry.updated_at)),
    }
}

pub(super) fn read(row: &waitlist_entry::Model) -> Result<WaitlistEntry, StoreError> {
    let unreadable = || StoreError::unreadable("entry of the waitlist");
    let local = |minutes: i32| {
        u16::try_from(minutes).ok().and_then(LocalTime::from_minutes).ok_or_else(unreadable)
    };
    let weekdays = u8::try_from(row.weekdays).ok().and_then(Weekdays::from_bits);
    let length = VisitLength::from_minutes(row.duration_minutes.into()).ok_or_else(unreadable)?;
    Ok(WaitlistEntry {
        id: row.id.into(),
        version: row.version,
        status: WaitlistStatus::named(&row.status).ok_or_else(unreadable)?,
        patient_id: row.patient_id.into(),
        state: UsState::parse(&row.state).map_err(|_unknown| unreadable())?,
        payer_id: row.insurance_id.into(),
        provider_id: row.provider_id.map(Into::into),
        shape: VisitShape { length, kind: row.visit_type_id.map(Into::into) },
        window: WaitlistWindow {
            earliest: from_db(row.earliest)?,
            latest: from_db(row.latest)?,
            weekdays: weekdays.ok_or_else(unreadable)?,
            local_from: local(row.local_from)?,
            local_until: local(row.local_until)?,
        },
        instead_of: row.instead_of.map(Into::into),
        offers: Vec::new(),
        joined: EventPosition(row.joined),
        position: EventPosition(row.position),
        created_at: from_db(row.created_at)?,
        updated_at: from_db(row.updated_at)?,
    })
}

pub(super) fn of_offer(
    entry_id: WaitlistEntryId,
    offer: &WaitlistOffer,
) -> waitlist_offer::ActiveModel {
    waitlist_offer::ActiveModel {
        id: Set(offer.id.uuid()),
        entry_id: Set(entry_id.uuid()),
        provider_id: Set(offer.provider_id.uuid()),
        starts_at: Set(to_db(offer.slot.starts_at())),
        ends_at: Set(to_db(offer.slot.ends_at())),
        offered_at: Set(to_db(offer.offered_at)),
        expires_at: Set(to_db(offer.expires_at)),
        outcome: Set(offer.outcome.map(|outcome| outcome.as_str().to_owned())),
    }
}

pub(super) fn read_offer(row: &waitlist_offer::Model) -> Result<WaitlistOffer, StoreError> {
    let outcome = |name: &str| {
        OfferOutcome::named(name).ok_or_else(|| StoreError::unreadable("outcome of an offer"))
    };
    Ok(WaitlistOffer {
        id: row.id.into(),
        provider_id: row.provider_id.into(),
        slot: slot_from_db(row.starts_at, row.ends_at)?,
        offered_at: from_db(row.offered_at)?,
        expires_at: from_db(row.expires_at)?,
        outcome: row.outcome.as_deref().map(outcome).transpose()?,
    })
}
