//! Joining the waitlist: what can ever fit is looked at first, and what is free is offered at once.

use super::answer::WaitlistOutcome;
use super::offer::touched;
use crate::access::{Actor, Forbidden, Permission};
use crate::audit::{Act, Audited};
use crate::booking::Booking;
use crate::booking::change::own_visit;
use crate::booking::command::{BookAppointment, JoinWaitlist, WhoIsSeen, window_violation};
use crate::booking::moving::movable;
use crate::booking::plan::BookingPlan;
use crate::db::idempotency::Made;
use crate::db::{StoreError, Tx, appointments, look_again, waitlist};
use crate::domain::time_slot::just_after;
use crate::domain::{
    Appointment, Directory, EventPosition, Patient, PatientClock, ProviderId, TimeZoneName,
    VisitLength, VisitShape, WaitlistEntry, WaitlistEntryId, WaitlistStatus, WaitlistWindow,
};
use crate::request::{AskedVisitType, Field, Refusal, Resource, Violation};
use crate::retry::Retry;
use crate::search::Candidates;

/// How often it is tried where the patient was merged into another meanwhile.
const ROUNDS: usize = 3;

impl Booking {
    /// Puts a patient on the waitlist, and offers them what is free.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`], also for a clinician who asks for another provider; [`Refusal::Invalid`] for a window
    /// that nothing can ever fit; [`Refusal::NotFound`]; those of matching; [`Refusal::IllegalTransition`] for a visit that
    /// can't be moved.
    pub async fn join_waitlist(
        &self,
        actor: &Actor,
        command: &JoinWaitlist,
    ) -> Result<WaitlistOutcome, Refusal> {
        let act = &match &command.patient {
            Some(WhoIsSeen::Known(id)) => Act::on_patients(actor, "joinWaitlist", [*id]),
            _ => Act::of(actor, "joinWaitlist"),
        };
        let attempt = async {
            let own = actor.patients_for(Permission::Book)?;
            let asked = command.provider_id;
            if own.is_some_and(|own| asked.is_some_and(|asked| asked != own)) {
                return Err(Forbidden.into());
            }
            let (key, fingerprint) = (command.idempotency_key.as_ref(), command.fingerprint());
            let retry = Retry { actor, key, fingerprint: &fingerprint };
            let with_whom = JoinWaitlist { provider_id: asked.or(own), ..command.clone() };
            let join = Box::pin(self.join_anew(retry, act, (&with_whom, own)));
            let again = |made| async move { self.entry_again(made, own).await };
            retry.once(self.db(), join, again).await
        };
        self.parts.trail.attempt(act, Box::pin(attempt)).await
    }

    async fn join_anew(
        &self,
        retry: Retry<'_>,
        act: &Act,
        (command, own): (&JoinWaitlist, Option<ProviderId>),
    ) -> Result<WaitlistOutcome, Refusal> {
        for _round in 0..ROUNDS {
            let visit = self.visit_to_move(command, own).await?;
            let directory = self.parts.roster.directory().await?;
            let asked = asked(command, visit.as_ref(), &directory)?;
            let plan = self.plan((retry.actor, own), (act, retry.fingerprint), &asked).await?;
            let known = self.who_is_meant(&asked.patient).await?;
            let window = self.window(command, (&plan, visit.as_ref()), known.as_ref())?;
            let wish = (window, visit.as_ref());
            let entry = match self.enter(retry, &plan, known.as_ref(), wish).await {
                // The patient was merged into another meanwhile.
                Err(Refusal::Store(StoreError::Dangling(_))) => continue,
                entered => entered?,
            };
            if let Err(error) = self.offer_at_once(entry.joined).await {
                // They have joined: whoever looks for times goes on.
                tracing::warn!(
                    %error,
                    "Could not look at once for a time for one who has joined the waitlist"
                );
            }
            self.waiting.wake.notify_one();
            let entry = waitlist::find(self.db().read(), entry.id).await?.unwrap_or(entry);
            return Ok(WaitlistOutcome { entry, replayed: false });
        }
        Err(StoreError::Unavailable("the patient is being merged".to_owned()).into())
    }

    /// The visit that is to move, if one is.
    async fn visit_to_move(
        &self,
        command: &JoinWaitlist,
        own: Option<ProviderId>,
    ) -> Result<Option<Appointment>, Refusal> {
        let Some(id) = command.instead_of else { return Ok(None) };
        let found = own_visit(appointments::find(self.db().read(), id).await?, own);
        let visit = found.map_err(|_none| Refusal::NotFound(Resource::InsteadOf))?;
        let visit = movable(visit, self.now())?;
        if let Some(patient) = &command.patient {
            let known = self.who_is_meant(patient).await?;
            if known.is_none_or(|known| known.id != visit.patient_id) {
                let why = "must be the patient of the visit that is to move, or left out";
                return Err(Refusal::Invalid(vec![Violation::new(Field::PatientId, why)]));
            }
        }
        Ok(Some(visit))
    }

    /// Which starts will do; at some of them somebody may treat the patient.
    fn window(
        &self,
        command: &JoinWaitlist,
        (plan, visit): (&BookingPlan<'_>, Option<&Appointment>),
        known: Option<&Patient>,
    ) -> Result<WaitlistWindow, Refusal> {
        let (now, directory) = (self.now(), &plan.directory);
        let moves_from = visit.map(|visit| visit.slot.starts_at());
        let ends = (plan.candidates.horizon_ends_at(now), moves_from);
        let window = command.window(now, ends).map_err(|why| Refusal::Invalid(vec![why]))?;
        let given = match &plan.command.patient {
            WhoIsSeen::Described(details) => details.time_zone.as_ref().map(TimeZoneName::as_str),
            WhoIsSeen::Known(_) => None,
        };
        let zone = given.or(known.and_then(|known| known.time_zone.as_deref()));
        let clock = PatientClock::of(plan.patient.state, zone);
        if let Some(fault) = window.fault(&clock, directory.rules().patient_hours, now) {
            return Err(Refusal::Invalid(vec![window_violation(fault)]));
        }
        let period = (window.earliest.max(now), just_after(window.latest));
        match command.provider_id {
            Some(id) => Candidates::asked_provider(directory, id, plan.patient, period),
            None => Candidates::who_may_treat(directory, plan.patient, period),
        }?;
        Ok(window)
    }

    async fn enter(
        &self,
        retry: Retry<'_>,
        plan: &BookingPlan<'_>,
        known: Option<&Patient>,
        (window, visit): (WaitlistWindow, Option<&Appointment>),
    ) -> Result<WaitlistEntry, Refusal> {
        let shape = shape(plan, visit);
        let work = |tx: Tx| async move {
            let now = self.now();
            let id = WaitlistEntryId::generate(now);
            retry.claim(&tx, Made::WaitlistEntry(id), now).await?;
            let (patient, _is_new) = self.patient_of(&tx, plan, known, now).await?;
            let new = WaitlistEntry {
                id,
                version: 1,
                status: WaitlistStatus::Waiting,
                patient_id: patient.id,
                state: plan.patient.state,
                payer_id: plan.patient.payer,
                provider_id: plan.command.provider_id,
                shape,
                window,
                instead_of: visit.map(|visit| visit.id),
                offers: Vec::new(),
                joined: EventPosition(0),
                position: EventPosition(0),
                created_at: now,
                updated_at: now,
            };
            Self::note_clock(&tx, known, &patient).await?;
            let entry = waitlist::insert(&tx, new).await?;
            let fields = vec!["patient", "state", "insurance", "provider", "earliest", "latest"];
            let touched = touched(&entry, fields);
            Ok::<_, Refusal>(Audited::Commit(entry, touched))
        };
        let proof = |entry: WaitlistEntry| async move {
            let found = look_again(|| waitlist::find(self.db().read(), entry.id)).await;
            (entry, found.ok().map(|found| found.is_some()))
        };
        self.parts.trail.transaction("waitlist_join", plan.act, work, proof).await
    }
}

/// The visit that is waited for, as it would be booked: but for its time as the one that is to move, if one is.
fn asked(
    command: &JoinWaitlist,
    visit: Option<&Appointment>,
    directory: &Directory,
) -> Result<BookAppointment, Refusal> {
    let Some(visit) = visit else {
        let patient = command.patient.clone();
        let patient = patient.ok_or_else(|| Refusal::bug("nobody is to wait"))?;
        return Ok(command.visit(patient));
    };
    Ok(BookAppointment {
        state: Some(visit.state),
        insurance: directory.payer_name(visit.payer_id).map(str::to_owned),
        visit_type: visit.visit_type_id.map(AskedVisitType::Id),
        ..command.visit(WhoIsSeen::Known(visit.patient_id))
    })
}

/// What the visit is like: as long as the one that is to move unless said otherwise.
fn shape(plan: &BookingPlan<'_>, visit: Option<&Appointment>) -> VisitShape {
    let says_nothing = plan.command.length.is_none();
    let as_it_is = visit.filter(|_| says_nothing);
    let length = as_it_is.and_then(|visit| VisitLength::from_minutes(visit.slot.minutes()));
    VisitShape { length: length.unwrap_or(plan.shape.length), ..plan.shape }
}
