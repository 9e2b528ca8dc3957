//! Planning a booking: who may treat the patient, and when, as far as can be seen without a lock.

use std::sync::Arc;

use jiff::Timestamp;

use super::Booking;
use super::command::{BookAppointment, WhoIsSeen};
use crate::access::Actor;
use crate::audit::Act;
use crate::db::patients;
use crate::domain::{
    AppointmentId, Directory, Hold, Policy, ProviderId, VisitShape, WaitlistEntry,
};
use crate::request::{AskedVisitType, Field, Refusal, Resource, Violation, When, payer_named};
use crate::search::{Candidates, ToTreat};

/// A visit that may be booked, as far as could be seen without a lock.
pub(super) struct BookingPlan<'a> {
    pub(super) actor: &'a Actor,
    /// The one provider whose visits and patients the caller may know of, if it is one.
    pub(super) own: Option<ProviderId>,
    pub(super) act: &'a Act,
    /// Tells the request, as it came, from others under its key.
    pub(super) fingerprint: &'a str,
    pub(super) command: &'a BookAppointment,
    pub(super) shape: VisitShape,
    /// The roster that it was seen by.
    pub(super) directory: Arc<Directory>,
    pub(super) patient: ToTreat,
    /// From the first moment at which it may be to the last.
    pub(super) period: (Timestamp, Timestamp),
    pub(super) candidates: Candidates,
    /// What is held for it already.
    pub(super) redeems: Option<Hold>,
    /// Whose wait ends with it: what is held was offered to them.
    pub(super) accepts: Option<WaitlistEntry>,
    /// An appointment of this same request that the scheduling service refused.
    pub(super) instead_of: Option<AppointmentId>,
}

impl BookingPlan<'_> {
    /// The rules that do not count.
    pub(super) fn overruled(&self) -> &[Policy] {
        &self.command.overrule.rules
    }
}

impl Booking {
    /// Who may treat this patient at that time.
    pub(super) async fn plan<'a>(
        &self,
        (actor, own): (&'a Actor, Option<ProviderId>),
        (act, fingerprint): (&'a Act, &'a str),
        command: &'a BookAppointment,
    ) -> Result<BookingPlan<'a>, Refusal> {
        let now = self.now();
        if let WhoIsSeen::Described(details) = &command.patient
            && details.birth_date.is_some_and(|birth| !birth.has_come(now))
        {
            let not_born = Violation::new(Field::PatientBirthDate, "must not be in the future");
            return Err(Refusal::Invalid(vec![not_born]));
        }
        let directory = self.parts.roster.directory().await?;
        let payer = command.insurance.as_deref().map(|name| payer_named(&directory, name));
        let payer = payer.transpose()?;
        let (state, payer) = match command.patient {
            WhoIsSeen::Described(_) => command.state.zip(payer),
            WhoIsSeen::Known(id) => {
                let known = patients::find_of(self.db().read(), id, own).await?;
                let known = known.ok_or(Refusal::NotFound(Resource::Patient))?;
                Some((command.state.unwrap_or(known.state), payer.unwrap_or(known.payer_id)))
            }
        }
        .ok_or_else(|| Refusal::bug("somebody is described without state or insurance"))?;
        let shape = AskedVisitType::shape(command.visit_type.as_ref(), command.length, &directory)?;
        let asked = command.provider_id.and_then(|id| directory.provider(id));
        let horizon = match asked {
            Some(provider) => provider.rules.horizon_ends_at(now),
            None => directory.horizon_ends_at(now),
        };
        let period = match command.when {
            // A time that can't be booked is judged on the nearest day that can.
            When::At(starts_at) => {
                let passed = command.overrule.rules.contains(&Policy::BeyondHorizon);
                let on = starts_at.clamp(now, if passed { Timestamp::MAX } else { horizon });
                (on, on)
            }
            When::From(after) => (after.unwrap_or(now).clamp(now, horizon), horizon),
        };
        let patient = ToTreat { state, payer, kind: shape.kind };
        let candidates = match command.provider_id {
            Some(id) => Candidates::asked_provider(&directory, id, patient, period)?,
            None => Candidates::who_may_treat(&directory, patient, period)?,
        };
        let horizon = candidates.horizon_ends_at(now);
        if let When::From(Some(after)) = command.when
            && after > horizon
        {
            return Err(Refusal::BeyondHorizon { ends_at: horizon });
        }
        Ok(BookingPlan {
            actor,
            own,
            act,
            fingerprint,
            command,
            shape,
            directory,
            patient,
            period,
            candidates,
            redeems: None,
            accepts: None,
            instead_of: None,
        })
    }

    /// The same, by the roster as it is now, with none who was not considered before: for whom somebody
    /// was faster, or the roster has changed meanwhile.
    pub(super) async fn as_it_is_now<'a>(
        &self,
        visit: &BookingPlan<'a>,
    ) -> Result<BookingPlan<'a>, Refusal> {
        let (by, request) = ((visit.actor, visit.own), (visit.act, visit.fingerprint));
        let mut now = self.plan(by, request, visit.command).await?;
        now.candidates.providers.retain(|provider| visit.candidates.of(provider.id).is_some());
        now.redeems.clone_from(&visit.redeems);
        now.accepts.clone_from(&visit.accepts);
        now.instead_of = visit.instead_of;
        Ok(now)
    }
}
