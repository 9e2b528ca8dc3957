//! Handing over what is held: to nobody where our book is the truth, else to whoever asks the scheduling
//! service.

use jiff::Timestamp;

use crate::audit::Act;
use crate::booking::Booking;
use crate::db::outbox::OutboxEntry;
use crate::db::{StoreError, Tx, appointments};
use crate::domain::Appointment;
use crate::domain::next_step::reserve_key;
use crate::settling::{Handover, Names};
use crate::traces::spans;

impl Booking {
    /// Confirms what is held, where nobody else is asked. Inserted first and confirmed then, the log tells
    /// of it what it tells of every booking.
    pub(in crate::booking) async fn confirm_here(
        &self,
        tx: &Tx,
        act: &Act,
        held: &Appointment,
        now: Timestamp,
    ) -> Result<Handover, StoreError> {
        let appointment = held.confirmed_here(now);
        if !appointments::replace(tx, held, &appointment).await? {
            return Err(StoreError::Contended("changed meanwhile".to_owned()));
        }
        let (by, lease, unanswered_key) = (act.principal(), None, None);
        Ok(Handover { appointment, by, lease, unanswered_key, late_until: None, names: None })
    }

    /// The outbox row of what is held, leased to this request, which is about to call the service.
    pub(super) fn unsettled(&self, held: &Appointment, now: Timestamp) -> OutboxEntry {
        // With the breaker open no call is made, and then surely nothing is sent.
        let settling = &self.parts.settling;
        let will_call = settling.is_available_for(held.provider_id);
        let unanswered_key = will_call.then(|| reserve_key(held.id));
        OutboxEntry {
            appointment_id: held.id,
            attempts: i32::from(will_call),
            lease: will_call.then(|| settling.new_lease(now)),
            failures: 0,
            asked_for_by: spans::current(),
            ends_at: settling.ends_at(held, unanswered_key.as_deref()),
            late_until: will_call.then(|| settling.late_until()),
            unanswered_key,
        }
    }
}

/// What is handed to whoever settles it.
pub(super) fn handover(
    act: &Act,
    (appointment, unsettled): (Appointment, OutboxEntry),
    names: Names,
) -> Handover {
    let OutboxEntry { lease, unanswered_key, .. } = unsettled;
    let (by, late_until, names) = (act.principal(), None, Some(names));
    Handover { appointment, by, lease, unanswered_key, late_until, names }
}
