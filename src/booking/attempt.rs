//! The transaction that holds a time with one provider.
//!
//! It takes the patient's lock and then the provider's, looks for the first free time unless one was
//! asked for, and inserts. The database's rule is the referee: whatever was looked at, it decides.

use std::sync::Arc;

use jiff::Timestamp;

use super::Booking;
use super::command::BookAppointment;
use crate::access::Actor;
use crate::audit::Act;
use crate::changes::Change;
use crate::db::idempotency::{self, FIRST_VERSION};
use crate::db::outbox::{self, OutboxEntry};
use crate::db::{StoreError, Tx, appointments, busy, locks};
use crate::domain::busy::BusyByProvider as _;
use crate::domain::next_step::reserve_key;
use crate::domain::{
    Appointment, AppointmentId, AppointmentStatus, Directory, Patient, PatientClock, PatientId,
    Policy, Provider, ProviderId, TimeSlot, VisitShape,
};
use crate::request::{Refusal, When};
use crate::search::{Candidates, TimeOfDay, ToTreat, VisitWish, may_treat};
use crate::settling::{Handover, Names, tell};

/// A visit that may be booked, as far as could be seen without a lock.
pub(super) struct BookingPlan<'a> {
    pub(super) actor: &'a Actor,
    /// The one provider whose visits and patients the caller may know of, if it is one.
    pub(super) own: Option<ProviderId>,
    pub(super) act: &'a Act,
    pub(super) command: &'a BookAppointment,
    pub(super) shape: VisitShape,
    /// The roster that it was seen by.
    pub(super) directory: Arc<Directory>,
    pub(super) patient: ToTreat,
    /// From the first moment at which it may be to the last.
    pub(super) period: (Timestamp, Timestamp),
    pub(super) candidates: Candidates,
    /// An appointment of this same request that the scheduling service refused.
    pub(super) instead_of: Option<AppointmentId>,
}

impl BookingPlan<'_> {
    /// The rules that do not count.
    pub(super) fn overruled(&self) -> &[Policy] {
        &self.command.overrule.rules
    }
}

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
    /// [`Refusal::PatientDoubleBooked`]; [`Refusal::TooManyOpenVisits`]; [`Refusal::KeyInUse`] when a request with the same key has
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
        let id = AppointmentId::generate(now);
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
        let Some(provider) = self.provider_under_lock(tx, visit, provider_id).await? else {
            return Ok(Attempt::Gone);
        };
        let seen = (patient.id, seeker.time_of_day);
        let Some(slot) = self.free_slot(tx, visit, seen, &provider).await? else {
            return Ok(Attempt::Gone);
        };
        let appointment = Appointment {
            id,
            provider_id,
            patient_id: patient.id,
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
        };
        if !appointments::insert(tx, &appointment).await? {
            return self.who_refused(tx, &appointment).await;
        }
        if appointment.kept_here {
            let handover = self.confirm_here(tx, visit.act, &appointment, now).await?;
            return Ok(Attempt::Held(Box::new(handover)));
        }
        let names = Names::new(provider.name.clone(), patient.name).map_err(Refusal::missing)?;
        let handover = self.leave_for_settling(tx, (visit.act, names), appointment, now).await?;
        Ok(Attempt::Held(Box::new(handover)))
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
        self.claim_key(tx, visit.actor, key, visit.command.fingerprint(), made).await
    }

    /// The provider, whose lock `tx` has, as they are now; none where the roster has changed meanwhile and
    /// they may not have this visit any more.
    async fn provider_under_lock(
        &self,
        tx: &Tx,
        visit: &BookingPlan<'_>,
        id: ProviderId,
    ) -> Result<Option<Arc<Provider>>, StoreError> {
        let provider = self.parts.roster.provider_under_lock(tx, &visit.directory, id).await?;
        let ToTreat { state, payer, kind } = visit.patient;
        Ok(provider.filter(|provider| {
            provider.offers(kind) && may_treat(provider, state, payer, visit.period).is_ok()
        }))
    }

    /// The time to hold: the one asked for, if no rule is against it, or the earliest there is, found
    /// under the locks. Of who overlaps the database's rule judges.
    async fn free_slot(
        &self,
        tx: &Tx,
        visit: &BookingPlan<'_>,
        (patient_id, time_of_day): (PatientId, TimeOfDay<'_>),
        provider: &Arc<Provider>,
    ) -> Result<Option<TimeSlot>, Refusal> {
        let (shape, search) = (visit.shape, &self.parts.search);
        match visit.command.when {
            When::At(starts_at) => {
                let Some(slot) = TimeSlot::starting(starts_at, shape.length) else {
                    return Ok(None);
                };
                let reasons = search.rules_under_lock(tx, provider, (slot, shape.kind)).await?;
                let stands = reasons.iter().any(|reason| reason.stands(visit.overruled()));
                Ok((!stands).then_some(slot))
            }
            When::From(after) => {
                let from = after.unwrap_or(Timestamp::MIN);
                let wish = VisitWish { patient: Some(patient_id), from, shape, time_of_day };
                Ok(search.first_under_lock(tx, &visit.candidates, provider, wish).await?)
            }
        }
    }

    /// A rule of the database refused what had looked free. Says whose time it was; when it is free
    /// again by now, the race is run anew.
    async fn who_refused(&self, tx: &Tx, refused: &Appointment) -> Result<Attempt, Refusal> {
        let (provider, patient) = (refused.provider_id, Some(refused.patient_id));
        let busy = busy::find(tx, [provider], patient, refused.slot, None).await?;
        if !busy.of_patient().is_empty() {
            Err(Refusal::PatientDoubleBooked)
        } else if busy.is_busy(refused.provider_id) {
            Ok(Attempt::Gone)
        } else {
            Err(StoreError::Contended("refused by a rule, and free again".to_owned()).into())
        }
    }

    /// Confirms what is held, where nobody else is asked. Inserted first and confirmed then, the log tells
    /// of it what it tells of every booking.
    async fn confirm_here(
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
    async fn leave_for_settling(
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
