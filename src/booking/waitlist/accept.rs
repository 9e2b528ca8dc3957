//! Taking what is offered: what is held becomes the visit, or the visit that is there moves to it.

use crate::access::{Actor, Forbidden, Permission};
use crate::audit::Act;
use crate::booking::Booking;
use crate::booking::change::visit_change::{Changer, VisitChange};
use crate::booking::command::{BookAppointment, Overrule, WhichEntry, WhichVisit, WhoIsSeen};
use crate::booking::moving::MoveWish;
use crate::booking::outcome::Outcome;
use crate::booking::replay::RequestIdentity;
use crate::db::appointments;
use crate::domain::{
    AppointmentId, Hold, Policy, Provenance, ProviderId, VisitLength, WaitlistEntry, WaitlistOffer,
};
use crate::request::{AskedVisitType, ExpectedVersion, Refusal, Resource, When};

impl Booking {
    /// Takes what is offered to one who waits: their visit, or the visit that moves there.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`], also for a clinician who is offered another's time; [`Refusal::NotFound`];
    /// [`Refusal::VersionConflict`]; [`Refusal::HoldExpired`] where nothing is offered; then those of a booking or of a
    /// move, but none that is about its time.
    pub async fn accept_offer(
        &self,
        actor: &Actor,
        which: &WhichEntry,
    ) -> Result<Outcome, Refusal> {
        let own = actor.book_for_entry(which.id);
        let entry = match own {
            Ok(own) => self.own_entry(which.id, own).await,
            Err(forbidden) => Err(forbidden.into()),
        };
        let outcome = match entry.as_ref().map(|entry| entry.instead_of) {
            Ok(Some(visit)) => {
                let (id, idempotency_key) = (visit, which.idempotency_key.clone());
                let expected = ExpectedVersion::default();
                let visit = WhichVisit { id, expected, idempotency_key };
                self.change(actor, &AcceptInstead { visit, which: which.clone() }).await
            }
            _ => {
                let act = &Act::on_object(actor, "acceptOffer", &which.id);
                let request = async {
                    let entry = entry?;
                    let retry = RequestIdentity {
                        own: actor.book_for_entry(which.id)?,
                        key: which.idempotency_key.as_ref(),
                        fingerprint: which.fingerprint("accept offer"),
                        may_try_another: false,
                    };
                    self.once(actor, retry, || self.accept_anew(actor, act, (which, &entry))).await
                };
                self.parts.trail.attempt(act, Box::pin(request)).await
            }
        };
        self.note_fate(which).await;
        outcome
    }

    async fn accept_anew(
        &self,
        actor: &Actor,
        act: &Act,
        (which, entry): (&WhichEntry, &WaitlistEntry),
    ) -> Result<Outcome, Refusal> {
        let offer = self.offered(actor, which, entry)?;
        let directory = self.parts.roster.directory().await?;
        let command = BookAppointment {
            patient: WhoIsSeen::Known(entry.patient_id),
            state: Some(entry.state),
            insurance: directory.payer_name(entry.payer_id).map(str::to_owned),
            provider_id: Some(offer.provider_id),
            when: When::At(offer.slot.starts_at()),
            length: VisitLength::from_minutes(offer.slot.minutes()),
            visit_type: entry.shape.kind.map(AskedVisitType::Id),
            reason: None,
            hold: None,
            overrule: Overrule::default(),
            provenance: Some(Provenance::Waitlist),
            idempotency_key: which.idempotency_key.clone(),
        };
        let fingerprint = which.fingerprint("accept offer");
        let mut plan = self.plan((actor, None), (act, &fingerprint), &command).await?;
        plan.redeems = Some(Hold {
            id: offer.id,
            provider_id: offer.provider_id,
            slot: offer.slot,
            visit_type_id: entry.shape.kind,
            state: Some(entry.state),
            expires_at: offer.expires_at,
        });
        plan.accepts = Some(entry.clone());
        let held = self.hold(&plan).await?;
        let settling = &self.parts.settling;
        settling.settle_by(*held, settling.deadline()).await.map(Outcome::first)
    }

    /// What is offered, to a caller who may take it.
    fn offered<'a>(
        &self,
        actor: &Actor,
        which: &WhichEntry,
        entry: &'a WaitlistEntry,
    ) -> Result<&'a WaitlistOffer, Refusal> {
        which.expected.check(entry.version)?;
        let offer = which.means(entry, self.now()).ok_or(Refusal::HoldExpired)?;
        let own = actor.book_for_entry(which.id)?;
        if own.is_some_and(|own| own != offer.provider_id) {
            return Err(Forbidden.into());
        }
        Ok(offer)
    }

    /// Notes on the entry what became of what was taken, so that it is told with it.
    async fn note_fate(&self, which: &WhichEntry) {
        if let Err(error) = self.conclude(which.id).await
            && !matches!(error, Refusal::NotFound(Resource::WaitlistEntry))
        {
            // Whoever looks for times notes it.
            tracing::warn!(
                code = error.code().as_str(),
                "Could not note what became of an offer that was taken"
            );
        }
        self.waiting.wake.notify_one();
    }
}

/// Moving a visit to what is offered instead of its time.
struct AcceptInstead {
    visit: WhichVisit,
    which: WhichEntry,
}

impl VisitChange for AcceptInstead {
    const OPERATION: &'static str = "acceptOffer";
    const WORD: &'static str = "accept offer";
    const TRANSACTION: &'static str = "waitlist_move";
    const PERMISSION: Permission = Permission::Book;
    const BY_LINK: bool = true;

    fn visit(&self) -> &WhichVisit {
        &self.visit
    }

    fn told(&self) -> Vec<String> {
        vec![self.which.fingerprint("accept offer")]
    }

    async fn begin(&self, booking: &Booking, by: Changer<'_>) -> Result<Outcome, Refusal> {
        let entry = booking.own_entry(self.which.id, by.own).await?;
        let offer = booking.offered(by.actor, &self.which, &entry)?;
        let all = Overrule { rules: Policy::ALL.to_vec(), reason: None };
        let wish = MoveWish {
            to: booking.another_provider(self.visit.id, offer.provider_id).await?,
            starts_at: Some(offer.slot.starts_at()),
            length: VisitLength::from_minutes(offer.slot.minutes()),
            overrule: &all,
            accepts: Some(&entry),
        };
        booking.move_visit(by, (self, wish)).await
    }
}

impl Booking {
    /// That provider, unless the visit is with them already.
    async fn another_provider(
        &self,
        visit: AppointmentId,
        to: ProviderId,
    ) -> Result<Option<ProviderId>, Refusal> {
        let visit = appointments::find(self.db().read(), visit).await?;
        let visit = visit.ok_or(Refusal::NotFound(Resource::Appointment))?;
        Ok((visit.provider_id != to).then_some(to))
    }
}
