//! The transaction that holds a time with one provider.
//!
//! It takes the patient's lock and then the provider's, looks for the first free time unless one was
//! asked for, and inserts. The database's rule is the referee: whatever was looked at, it decides.

mod handing_over;
mod looking;
mod writing;

use std::sync::Arc;

use jiff::Timestamp;

use self::handing_over::handover;
pub(super) use self::writing::{accept, write};
use super::Booking;
use super::plan::BookingPlan;
use crate::changes::Change;
use crate::db::idempotency::{self, FIRST_VERSION};
use crate::db::{StoreError, Tx, busy, locks};
use crate::domain::busy::BusyByProvider as _;
use crate::domain::{
    Appointment, AppointmentId, AppointmentStatus, Patient, PatientClock, PatientId, ProviderId,
    TimeSlot,
};
use crate::request::{Refusal, When};
use crate::search::TimeOfDay;
use crate::settling::{Handover, Names, tell};

/// What to do where somebody else books with the same provider at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// Queue, and take the earliest time that is left.
    Wait,
    /// Look elsewhere: others are free at the same time.
    MoveOn,
}

/// What came of trying to hold a time at one provider's.
pub(super) enum Attempt {
    Held(Box<Handover>),
    /// Somebody else books with this provider at this moment.
    Locked,
    /// The time, or every time, is gone.
    Gone,
}

/// Whom a time is looked for: the patient, if known, and the clock they live by.
#[derive(Clone, Copy)]
pub(super) struct Seeker<'a> {
    pub(super) known: Option<&'a Patient>,
    pub(super) clock: &'a PatientClock,
    pub(super) time_of_day: TimeOfDay<'a>,
}

impl Booking {
    /// Tries to hold a time for the visit with that provider.
    ///
    /// # Errors
    ///
    /// [`Refusal::PatientDoubleBooked`]; [`Refusal::TooManyOpenVisits`]; [`Refusal::HoldExpired`]; [`Refusal::KeyInUse`] when a request with the same key has
    /// committed.
    pub(super) async fn attempt(
        &self,
        visit: &BookingPlan<'_>,
        seeker: Seeker<'_>,
        provider_id: ProviderId,
        patience: Patience,
    ) -> Result<Attempt, Refusal> {
        let hold = |tx| async move {
            metrics::counter!("clinic_hold_attempts_total").increment(1);
            let attempt = self.attempt_in(&tx, visit, seeker, provider_id, patience).await?;
            Ok::<_, Refusal>(match &attempt {
                Attempt::Held(held) => {
                    let held = held.appointment.clone();
                    Change::new(attempt, &held)
                }
                _ => Change::None(attempt),
            })
        };
        self.db().check_rules()?;
        // Whoever waits for this provider waits here, not on a connection that others need.
        let _room = self.db().room_for(provider_id.uuid()).await?;
        let attempt = self.parts.changes.transaction("hold", visit.act, hold).await?;
        if let Attempt::Held(held) = &attempt
            && held.appointment.kept_here
        {
            tell(&held.appointment);
        }
        Ok(attempt)
    }

    async fn attempt_in(
        &self,
        tx: &Tx,
        visit: &BookingPlan<'_>,
        seeker: Seeker<'_>,
        provider_id: ProviderId,
        patience: Patience,
    ) -> Result<Attempt, Refusal> {
        let now = self.now();
        let id =
            visit.redeems.as_ref().map_or_else(|| AppointmentId::generate(now), |hold| hold.id);
        if !self.claim_booking(tx, visit, id).await? {
            return Err(Refusal::KeyInUse);
        }
        let (patient, is_new) = self.patient_of(tx, visit, seeker.known, now).await?;
        match patience {
            Patience::Wait => locks::wait(tx, patient.id, provider_id).await?,
            Patience::MoveOn => {
                if !locks::try_provider(tx, patient.id, provider_id).await? {
                    return Ok(Attempt::Locked);
                }
            }
        }
        // Who is new and has a birth date may be known under another.
        if !is_new || patient.birth_date.is_some() {
            self.may_have_one_more(tx, patient.id, visit.own, now).await?;
        }
        let found = self.provider_under_lock(tx, visit, provider_id).await?;
        let Some(found) = found else { return Ok(Attempt::Gone) };
        let provider = Arc::clone(&found.0);
        // Who is new has no visit that could be in the way.
        let seen = ((!is_new).then_some(patient.id), seeker.time_of_day);
        let Some(slot) = self.free_slot(tx, visit, seen, found).await? else {
            return Ok(Attempt::Gone);
        };
        let appointment = self.new_visit(visit, id, (provider_id, patient.id), (slot, now));
        let unsettled = (!appointment.kept_here).then(|| self.unsettled(&appointment, now));
        if !write(tx, visit, (&appointment, unsettled.as_ref()), now).await? {
            return self.who_refused(tx, visit.command.when, &appointment).await;
        }
        Self::note_clock(tx, seeker.known, &patient).await?;
        let held = match unsettled {
            Some(unsettled) => {
                let names = Names::new(provider.name.clone(), patient.name);
                let names = names.map_err(Refusal::missing)?;
                handover(visit.act, (appointment, unsettled), names)
            }
            None => self.confirm_here(tx, visit.act, &appointment, now).await?,
        };
        Ok(Attempt::Held(Box::new(held)))
    }

    /// The visit as it begins.
    pub(super) fn new_visit(
        &self,
        visit: &BookingPlan<'_>,
        id: AppointmentId,
        (provider_id, patient_id): (ProviderId, PatientId),
        (slot, now): (TimeSlot, Timestamp),
    ) -> Appointment {
        Appointment {
            id,
            provider_id,
            patient_id,
            slot,
            moving_to: None,
            reassigning: None,
            status: AppointmentStatus::Pending,
            ends_as: None,
            version: FIRST_VERSION,
            state: visit.patient.state,
            payer_id: visit.patient.payer,
            visit_type_id: visit.shape.kind,
            reason: visit.command.reason.clone(),
            cancel_reason: None,
            external_id: None,
            kept_here: self.parts.nobody_outside,
            unsettled_outside: false,
            provenance: visit.command.provenance,
            overruled: visit.command.overrule.noted(FIRST_VERSION),
            created_at: now,
            updated_at: now,
        }
    }

    /// Claims the key of the request, if it has one, in the transaction that commits its effect.
    async fn claim_booking(
        &self,
        tx: &Tx,
        visit: &BookingPlan<'_>,
        id: AppointmentId,
    ) -> Result<bool, Refusal> {
        let key = visit.command.idempotency_key.as_ref();
        if let (Some(key), Some(refused)) = (key, visit.instead_of) {
            let scope = &visit.actor.scope();
            return Ok(idempotency::point_to(tx, scope, key.as_str(), (refused, id)).await?);
        }
        let made = (id, FIRST_VERSION);
        self.claim_key(tx, visit.actor, key, visit.fingerprint.to_owned(), made).await
    }

    /// A rule of the database refused what had looked free. Says whose time it was; when it is free
    /// again by now, the race is run anew.
    async fn who_refused(
        &self,
        tx: &Tx,
        when: When,
        refused: &Appointment,
    ) -> Result<Attempt, Refusal> {
        if let When::From(_) = when {
            self.parts.search.forget_busy();
        }
        let (provider, patient) = (refused.provider_id, Some(refused.patient_id));
        let busy = busy::find(tx, [provider], patient, refused.slot, (None, self.now())).await?;
        if !busy.of_patient().is_empty() {
            Err(Refusal::PatientDoubleBooked)
        } else if busy.is_busy(refused.provider_id) {
            Ok(Attempt::Gone)
        } else {
            Err(StoreError::Contended("refused by a rule, and free again".to_owned()).into())
        }
    }
}
