//! Why a time can't be booked: every reason that applies, in the order in which booking refuses, so that the
//! first is the one that booking gives. Nobody learns by it whose visit is in the way.

mod asked;
mod question;
mod reason;
mod seen;

pub(in crate::search) use asked::Asked;
pub use question::TimeQuestion;
pub use reason::{TimeExplanation, TimeReason};
pub(in crate::search) use seen::Eyes;

use jiff::SignedDuration;

use super::words::{Words, said_of};
use crate::access::{Actor, Permission};
use crate::db::{busy, open_visits, patients};
use crate::domain::busy::BusyTime;
use crate::domain::judge::{Judge, Judged, Obstacle};
use crate::domain::openings::{Openings, Sought};
use crate::domain::search_step::with_local_days;
use crate::domain::{Directory, PatientId, TimeSlot};
use crate::request::{Refusal, Resource, parse_state, payer_named};
use crate::search::{Search, instead};

impl Search {
    /// Every reason why a visit can't be at that time, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`], also for whoever asks of a patient and may see none;
    /// [`Refusal::Invalid`], [`Refusal::UnknownState`], [`Refusal::UnknownInsurance`], [`Refusal::NotFound`]
    /// for what the question names; [`Refusal::Store`] when the database fails.
    pub async fn explain(
        &self,
        actor: &Actor,
        question: &TimeQuestion,
    ) -> Result<TimeExplanation, Refusal> {
        actor.require(Permission::ReadSchedule)?;
        let (now, directory) = (self.now(), self.roster.directory().await?);
        let state = question.state.as_deref().map(parse_state).transpose()?;
        let payer = question.insurance.as_deref();
        let payer = payer.map(|name| payer_named(&directory, name)).transpose()?;
        let patient = match question.patient_id {
            None => None,
            Some(id) => {
                let own = actor.patients_for(Permission::ReadPatients)?;
                let known = patients::find_of(self.db.read(), id, own).await?;
                Some(known.ok_or(Refusal::NotFound(Resource::Patient))?)
            }
        };
        actor.saw_patients(patient.as_ref().map(|patient| patient.id));
        let instead = self.instead_of(actor, question.instead_of).await?;
        let of_visit = (question.visit_type.as_ref(), question.length);
        let shape = instead::shape(of_visit, instead.as_ref(), &directory)?;
        let provider = directory
            .provider(question.provider_id)
            .ok_or(Refusal::NotFound(Resource::Provider))?;
        let slot = TimeSlot::starting(question.starts_at, shape.length);
        let fits = question.to_fit((state, payer), patient.as_ref(), instead.as_ref(), shape.kind);
        let asked = Asked {
            directory: &directory,
            provider,
            shape,
            fits,
            starts_at: question.starts_at,
            patient: patient.map(|patient| patient.id),
            instead: instead.as_ref(),
            now,
        };
        let mut reasons = asked.against_whom();
        let is_eligible = reasons.is_empty();
        let Some(slot) = slot else {
            let obstacle = Obstacle::BeyondHorizon { ends_at: provider.rules.horizon_ends_at(now) };
            let refusal = Refusal::of(obstacle, Vec::new());
            let overrulable = obstacle.policy().is_some();
            let plain = TimeReason::plain(refusal.code(), said_of(&refusal));
            reasons.push(TimeReason { overrulable, ..plain });
            return Ok(TimeExplanation { offered: false, reasons });
        };
        let busy = self.busy_for(&asked, slot).await?;
        let visit = Judged { slot, kind: shape.kind, of_patient: busy.of_patient(), now };
        let against = Judge::of(visit).reasons(provider, &busy);
        let words = Words { provider, directory: &directory, slot, now };
        let eyes = Eyes::of(actor, provider.id);
        let except = asked.instead.map(|instead| instead.visit.id);
        let whose = (asked.patient_to_judge(), except);
        let theirs = self.visits_seen(eyes, whose, slot, &against).await?;
        for reason in &against {
            let (reason, is_told) = eyes.see(*reason, slot, &theirs);
            reasons.push(TimeReason::of(reason, is_told, words));
        }
        // A move makes it no more.
        if let Some(patient) = asked.patient.filter(|_| asked.instead.is_none()) {
            reasons.extend(self.one_too_many(actor, patient, &directory).await?);
        }
        let offered = is_eligible && reasons.is_empty() && is_offered(&asked, slot, &busy);
        Ok(TimeExplanation { offered, reasons })
    }

    /// When the provider and the patient are busy around the visit.
    async fn busy_for(&self, asked: &Asked<'_>, slot: TimeSlot) -> Result<BusyTime, Refusal> {
        let except = asked.instead.map(|instead| instead.visit.id);
        let (whom, window) = ([asked.provider.id], with_local_days(slot));
        let (patient, which) = (asked.patient_to_judge(), (except, asked.now));
        Ok(busy::find_to_offer(self.db.read(), whom, patient, window, which).await?)
    }

    /// That the patient has as many visits to come as one may have.
    pub(in crate::search) async fn one_too_many(
        &self,
        actor: &Actor,
        patient: PatientId,
        directory: &Directory,
    ) -> Result<Option<TimeReason>, Refusal> {
        let own = actor.patients_for(Permission::ReadPatients)?;
        let open = open_visits::count(self.db.read(), patient, own, self.now()).await?;
        let most = directory.rules().most_open_visits;
        if open.count < most {
            return Ok(None);
        }
        let one_ends_at = open.next_ends_at;
        let refusal = Refusal::TooManyOpenVisits { most, one_ends_at, ends_within: None };
        let plain = TimeReason::plain(refusal.code(), said_of(&refusal));
        Ok(Some(TimeReason { until: one_ends_at, ..plain }))
    }
}

/// Whether it is among the times that are offered, given that nothing is against it.
fn is_offered(asked: &Asked<'_>, slot: TimeSlot, busy: &BusyTime) -> bool {
    let a_minute = slot.starts_at().saturating_add(SignedDuration::from_mins(1));
    let starts = a_minute.ok().and_then(|end| TimeSlot::new(slot.starts_at(), end).ok());
    starts.is_some_and(|starts| {
        let (shape, state, of_patient) = (asked.shape, asked.fits.state, busy.of_patient());
        let sought = Sought { shape, starts, state, of_patient, now: asked.now };
        Openings::of(asked.provider, &sought, busy).offers().any(|offer| offer == slot)
    })
}
