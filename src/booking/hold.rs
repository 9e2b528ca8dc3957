//! Holding a time: the first of the two transactions of a booking.
//!
//! It takes the patient's lock and then the provider's, looks for the first free time unless one was
//! asked for, and inserts. The database's rule is the referee: whatever was looked at, it decides.

use std::time::Duration;

use jiff::Timestamp;

use super::find_slots::{RankedOffer, Wanted};
use super::matching::Candidates;
use super::settle::{Held, Names};
use super::{Actor, BookAppointment, BookingError, BookingService, When};
use crate::db::idempotency::{self, Claim};
use crate::db::outbox::{self, Unsettled};
use crate::db::patients::Described;
use crate::db::{Connection, StoreError, Tx, appointments, busy, locks, patients, retrying};
use crate::domain::held_time::HeldByProvider as _;
use crate::domain::{
    Appointment, AppointmentId, AppointmentStatus, Patient, PatientId, PayerId, ProviderId,
    TimeSlot,
};

/// How many times a search starts again when others were faster each time.
const ROUNDS: usize = 3;

/// A visit that may be booked, as far as could be seen without a lock.
pub(super) struct Visit<'a> {
    pub(super) actor: &'a Actor,
    pub(super) command: &'a BookAppointment,
    pub(super) payer: PayerId,
    pub(super) candidates: Candidates,
    /// An appointment of this same request that the scheduling service refused.
    pub(super) instead_of: Option<AppointmentId>,
}

/// What came of trying to hold a time at one provider's.
enum Attempt {
    Held(Box<Held>),
    /// Somebody else books with this provider at this moment.
    Locked,
    /// The time, or every time, is gone.
    Gone,
    /// The patient has another appointment then.
    PatientBusy,
    /// A request with the same key has committed.
    KeyClaimed,
}

impl BookingService {
    /// Holds a time for the visit, or says why there is none.
    pub(super) async fn hold(&self, visit: &Visit<'_>) -> Result<Box<Held>, BookingError> {
        let known =
            patients::find_same(self.db.read(), &visit.command.name, &visit.command.email).await?;
        match visit.command.when {
            When::At(starts_at) => self.hold_at(visit, known.as_ref(), starts_at).await,
            When::From(after) => {
                self.hold_first(visit, known.as_ref(), after.unwrap_or(Timestamp::MIN)).await
            }
        }
    }

    async fn hold_at(
        &self,
        visit: &Visit<'_>,
        known: Option<&Patient>,
        starts_at: Timestamp,
    ) -> Result<Box<Held>, BookingError> {
        let (now, patient) = (self.now(), known.map(|patient| patient.id));
        let slot = self.bookable_slot(starts_at, visit.command.length, now)?;
        if !visit.candidates.providers.iter().any(|provider| provider.schedule.covers(slot)) {
            return Err(BookingError::OutsideWorkingHours);
        }
        let (patient_is_free, free) = self.rank_free_at(&visit.candidates, patient, slot).await?;
        if !patient_is_free {
            return Err(BookingError::PatientDoubleBooked);
        }
        match self.first_held(visit, known, &free).await? {
            Some(held) => Ok(held),
            None => {
                let wanted = Wanted { patient, from: starts_at, length: visit.command.length };
                let alternatives = self.alternatives(&visit.candidates, wanted).await?;
                Err(BookingError::SlotTaken { alternatives })
            }
        }
    }

    async fn hold_first(
        &self,
        visit: &Visit<'_>,
        known: Option<&Patient>,
        after: Timestamp,
    ) -> Result<Box<Held>, BookingError> {
        let patient = known.map(|patient| patient.id);
        let wanted = Wanted { patient, from: after, length: visit.command.length };
        if let [only] = visit.candidates.providers.as_slice()
            // The transaction searches itself, and there is nobody to choose.
            && let Some(held) = self.first_of(visit, known, &[(only.id, true)]).await?
        {
            return Ok(held);
        }
        for _round in 0..ROUNDS {
            let ranked = self.rank_first_offers(&visit.candidates, wanted).await?;
            if ranked.is_empty() {
                let searched_until = self.horizon_ends_at(self.now());
                return Err(BookingError::NoAvailability { searched_until });
            }
            if let Some(held) = self.first_held(visit, known, &ranked).await? {
                return Ok(held);
            }
        }
        Err(StoreError::Unavailable("too many bookings at once".to_owned()).into())
    }

    /// The first that can be held, in order. Among equal times it does not queue behind somebody
    /// who books with one provider while another is idle.
    async fn first_held(
        &self,
        visit: &Visit<'_>,
        known: Option<&Patient>,
        ranked: &[RankedOffer],
    ) -> Result<Option<Box<Held>>, BookingError> {
        let equal = ranked.iter().take_while(|offer| offer.slot == ranked[0].slot);
        let at_once = equal.filter(|_| ranked.len() > 1).map(|offer| (offer.provider_id, false));
        let in_turn = ranked.iter().map(|offer| (offer.provider_id, true));
        let turns: Vec<(ProviderId, bool)> = at_once.chain(in_turn).collect();
        self.first_of(visit, known, &turns).await
    }

    /// The first that can be held with one of these providers, waiting for their lock or not.
    async fn first_of(
        &self,
        visit: &Visit<'_>,
        known: Option<&Patient>,
        turns: &[(ProviderId, bool)],
    ) -> Result<Option<Box<Held>>, BookingError> {
        for &(provider_id, wait) in turns {
            let begun = self.under_way.begin(provider_id);
            if begun.is_none() && !wait {
                continue;
            }
            let attempt = retrying(
                || self.attempt(visit, known, provider_id, wait),
                BookingError::is_contended,
            );
            match attempt.await? {
                Attempt::Held(held) => return Ok(Some(held)),
                Attempt::PatientBusy => return Err(BookingError::PatientDoubleBooked),
                Attempt::KeyClaimed => return Err(BookingError::KeyInUse),
                Attempt::Locked | Attempt::Gone => {}
            }
        }
        Ok(None)
    }

    /// The whole transaction; running it again starts from scratch.
    async fn attempt(
        &self,
        visit: &Visit<'_>,
        known: Option<&Patient>,
        provider_id: ProviderId,
        wait: bool,
    ) -> Result<Attempt, BookingError> {
        metrics::counter!("clinic_hold_attempts_total").increment(1);
        let tx = self.db.begin().await?;
        let attempt = self.attempt_in(&tx, visit, known, provider_id, wait).await;
        let Ok(Attempt::Held(held)) = attempt else {
            tx.roll_back().await?;
            return attempt;
        };
        match self.commit_change(tx).await {
            Ok(()) => Ok(Attempt::Held(held)),
            Err(StoreError::CommitUnknown(cause)) => self.read_back(*held, cause).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn attempt_in(
        &self,
        tx: &Tx,
        visit: &Visit<'_>,
        known: Option<&Patient>,
        provider_id: ProviderId,
        wait: bool,
    ) -> Result<Attempt, BookingError> {
        let now = self.now();
        let id = AppointmentId::generate(now);
        if !self.claim_key(tx, visit, id, now).await? {
            return Ok(Attempt::KeyClaimed);
        }
        let command = visit.command;
        let patient = self.patient(tx, visit, known, now).await?;
        let patient_id = patient.id;
        if wait {
            locks::wait(tx, patient_id, provider_id).await?;
        } else if !locks::try_provider(tx, patient_id, provider_id).await? {
            return Ok(Attempt::Locked);
        }
        let Some(slot) = self.free_slot(tx, visit, patient_id, provider_id).await? else {
            return Ok(Attempt::Gone);
        };
        let appointment = Appointment {
            id,
            provider_id,
            patient_id,
            slot,
            moving_to: None,
            status: AppointmentStatus::Pending,
            ends_as: None,
            version: 1,
            state: command.state,
            payer_id: visit.payer,
            reason: command.reason.clone(),
            cancel_reason: None,
            external_id: None,
            created_at: now,
            updated_at: now,
        };
        if !appointments::insert(tx, &appointment).await? {
            return self.who_refused(tx, &appointment).await;
        }
        let provider = visit.candidates.of(provider_id).map(|provider| provider.name.clone());
        let names = Names { provider: provider.unwrap_or_default(), patient: patient.name };
        let held = self.leave_for_settling(tx, appointment, names, now).await?;
        Ok(Attempt::Held(Box::new(held)))
    }

    /// The patient of the visit: as known, if nothing about them is new, else made or brought up to
    /// date.
    async fn patient(
        &self,
        tx: &Tx,
        visit: &Visit<'_>,
        known: Option<&Patient>,
        now: Timestamp,
    ) -> Result<Patient, StoreError> {
        let (state, payer_id) = (visit.command.state, visit.payer);
        if let Some(known) = known
            && (known.state, known.payer_id) == (state, payer_id)
        {
            return Ok(known.clone());
        }
        let BookAppointment { name, email, .. } = visit.command;
        patients::insert_or_update(tx, &Described { name, email, state, payer_id }, now).await
    }

    /// Claims the key of the request, if it has one, in the transaction that commits its effect.
    async fn claim_key(
        &self,
        tx: &Tx,
        visit: &Visit<'_>,
        id: AppointmentId,
        now: Timestamp,
    ) -> Result<bool, BookingError> {
        let Some(key) = &visit.command.idempotency_key else {
            return Ok(true);
        };
        let scope = &visit.actor.scope;
        if visit.instead_of.is_some() {
            idempotency::point_to(tx, scope, key.as_str(), id).await?;
            return Ok(true);
        }
        let claim = Claim { request_hash: visit.command.fingerprint(), appointment_id: id };
        idempotency::claim(tx, scope, key.as_str(), &claim, now).await.map_err(|error| {
            if error.is_lock_timeout() { BookingError::KeyInUse } else { error.into() }
        })
    }

    /// The time to hold: the one asked for, of which the database's rule judges, or the earliest
    /// there is, found under the locks.
    async fn free_slot(
        &self,
        tx: &Tx,
        visit: &Visit<'_>,
        patient_id: PatientId,
        provider_id: ProviderId,
    ) -> Result<Option<TimeSlot>, BookingError> {
        let length = visit.command.length;
        match visit.command.when {
            When::At(starts_at) => self.bookable_slot(starts_at, length, self.now()).map(Some),
            When::From(after) => {
                let from = after.unwrap_or(Timestamp::MIN);
                let wanted = Wanted { patient: Some(patient_id), from, length };
                let candidates = &visit.candidates;
                Ok(self.first_under_lock(tx, candidates, provider_id, wanted).await?)
            }
        }
    }

    /// A rule of the database refused what had looked free. Says whose time it was; when it is free
    /// again by now, the race is run anew.
    async fn who_refused(&self, tx: &Tx, refused: &Appointment) -> Result<Attempt, BookingError> {
        let (provider, patient) = (refused.provider_id, Some(refused.patient_id));
        let busy = busy::find(tx, [provider], patient, refused.slot, None).await?;
        if !busy.of_patient().is_empty() {
            Ok(Attempt::PatientBusy)
        } else if !busy.of_provider(refused.provider_id).is_empty() {
            Ok(Attempt::Gone)
        } else {
            Err(StoreError::Contended("refused by a rule, and free again".to_owned()).into())
        }
    }

    /// Writes the outbox row, leased to this request, which is about to call the service.
    async fn leave_for_settling(
        &self,
        tx: &impl Connection,
        appointment: Appointment,
        names: Names,
        now: Timestamp,
    ) -> Result<Held, StoreError> {
        // With the breaker open no call is made, and then surely nothing is sent.
        let will_call = self.scheduling.is_available();
        let lease = self.new_lease(now);
        let unsettled = Unsettled {
            appointment_id: appointment.id,
            attempts: i32::from(will_call),
            unanswered_key: will_call.then(|| super::settle::reserve_key(appointment.id)),
            lease: will_call.then_some(lease),
        };
        outbox::put(tx, &unsettled, now, now).await?;
        let Unsettled { lease, unanswered_key, .. } = unsettled;
        Ok(Held { appointment, lease, unanswered_key, names: Some(names) })
    }

    /// After a connection lost in COMMIT only another connection can tell what became of it.
    async fn read_back(&self, held: Held, cause: String) -> Result<Attempt, BookingError> {
        tracing::warn!(appointment.id = %held.appointment.id, cause, "A commit was cut off; reading back");
        let look_again = || async { appointments::find(self.db.read(), held.appointment.id).await };
        let pauses = backon::ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(50))
            .with_max_times(5);
        match backon::Retryable::retry(look_again, pauses).await? {
            Some(_) => Ok(Attempt::Held(Box::new(held))),
            None => Err(StoreError::Unavailable(cause).into()),
        }
    }
}
