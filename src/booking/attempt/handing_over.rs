//! Handing over what is held: to nobody where our book is the truth, else to whoever asks the scheduling
//! service.

use jiff::Timestamp;

use crate::audit::Act;
use crate::booking::Booking;
use crate::db::outbox::{self, OutboxEntry};
use crate::db::{StoreError, Tx, appointments};
use crate::domain::Appointment;
use crate::domain::next_step::reserve_key;
use crate::settling::{Handover, Names};

impl Booking {
    /// Confirms what is held, where nobody else is asked. Inserted first and confirmed then, the log tells
    /// of it what it tells of every booking.
    pub(super) async fn confirm_here(
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

    /// Writes the outbox row, leased to this request, which is about to call the service.
    pub(super) async fn leave_for_settling(
        &self,
        tx: &Tx,
        (act, names): (&Act, Names),
        appointment: Appointment,
        now: Timestamp,
    ) -> Result<Handover, StoreError> {
        // With the breaker open no call is made, and then surely nothing is sent.
        let settling = &self.parts.settling;
        let will_call = settling.is_available_for(appointment.provider_id);
        let lease = will_call.then(|| settling.new_lease(now));
        let unanswered_key = will_call.then(|| reserve_key(appointment.id));
        let unsettled = OutboxEntry {
            appointment_id: appointment.id,
            attempts: i32::from(will_call),
            unanswered_key: unanswered_key.clone(),
            lease,
            failures: 0,
            ends_at: settling.ends_at(&appointment, unanswered_key.as_deref()),
            late_until: will_call.then(|| settling.late_until()),
        };
        outbox::put(tx, &unsettled, now, now).await?;
        let (by, late_until, names) = (act.principal(), None, Some(names));
        Ok(Handover { appointment, by, lease, unanswered_key, late_until, names })
    }
}
