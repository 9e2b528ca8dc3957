//! What a token opens now: a visit or an offer, or nothing, for whatever reason.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;

use super::Links;
use super::token::{LinkToken, hash_of_address};
use crate::access::{Actor, LinkOpens, Linked};
use crate::db::{appointments, patients, visit_links, waitlist};
use crate::domain::{
    Appointment, AppointmentStatus, LinkTarget, Patient, PatientId, Provider, ProviderId,
    VisitLink, VisitType, VisitTypeId, WaitlistEntry, WaitlistOffer,
};
use crate::request::Refusal;

/// From where it is asked, and how the log names the request.
pub type Asking<'a> = (IpAddr, Option<&'a str>);

/// A visit that a link opens.
#[derive(Clone)]
pub struct OpenVisit {
    /// The patient, as the caller of what they do here.
    pub actor: Actor,
    /// The visit.
    pub visit: Appointment,
    /// Whose it is.
    pub patient: Patient,
    /// With whom.
    pub provider: Arc<Provider>,
    /// With whom it is to be, where another was asked.
    pub next_provider: Option<Arc<Provider>>,
    /// What kind of visit, where that was said.
    pub visit_type: Option<Arc<VisitType>>,
    /// Whether it may be moved at all, by what it is.
    pub is_movable: bool,
    /// Whether it may be cancelled at all, by what it is.
    pub is_cancellable: bool,
    /// Until when the patient may do either.
    pub cutoff: Timestamp,
    /// When it was opened.
    pub now: Timestamp,
}

impl OpenVisit {
    /// Whether it is too late for the patient to move or cancel it by themselves.
    pub fn is_past_cutoff(&self) -> bool {
        self.now >= self.cutoff
    }

    /// Whether it takes place, and has begun: the last cut-off is past then.
    pub fn has_begun(&self) -> bool {
        self.visit.status == AppointmentStatus::Confirmed && self.visit.has_begun(self.now)
    }

    /// Whether it was called off, by whoever did.
    pub fn is_called_off(&self) -> bool {
        is_called_off(&self.visit)
    }
}

/// An offer of the waitlist that a link opens.
#[derive(Clone)]
pub struct OpenOffer {
    /// The patient, as the caller of what they do here.
    pub actor: Actor,
    /// Who waits.
    pub entry: WaitlistEntry,
    /// What is offered.
    pub offer: WaitlistOffer,
    /// To whom.
    pub patient: Patient,
    /// With whom.
    pub provider: Arc<Provider>,
    /// What kind of visit, where that was said.
    pub visit_type: Option<Arc<VisitType>>,
    /// The visit that moves to it, where it is one.
    pub moves: Option<Appointment>,
}

impl Links {
    /// The visit that a token opens; none where it opens none, for whatever reason: nobody made it, it was revoked, the
    /// patient has another address by now, the visit is over.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn open_visit(
        &self,
        token: &str,
        asking: Asking<'_>,
    ) -> Result<Option<OpenVisit>, Refusal> {
        let Some((link, LinkTarget::Visit(id))) = self.found(token).await? else {
            return Ok(None);
        };
        let now = self.parts.clock.now();
        let visit = appointments::find(self.db().read(), id).await?;
        let Some(visit) = visit.filter(|visit| now < visit.slot.ends_at()) else {
            return Ok(None);
        };
        let Some(patient) = self.patient_of(&link, visit.patient_id).await? else {
            return Ok(None);
        };
        let settled = visit.status == AppointmentStatus::Confirmed && !visit.is_on_the_move();
        let opens = LinkOpens::Visit(visit.id);
        Ok(Some(OpenVisit {
            actor: linked(patient.id, opens, asking),
            provider: self.provider(visit.provider_id).await?,
            next_provider: match visit.reassigning {
                Some(to) => Some(self.provider(to.provider_id).await?),
                None => None,
            },
            visit_type: self.visit_type(visit.visit_type_id).await?,
            is_movable: settled && !visit.has_begun(now),
            is_cancellable: visit.may_be_cancelled(now),
            cutoff: self.parts.rules.cutoff_of(&visit),
            visit,
            patient,
            now,
        }))
    }

    /// The offer that a token opens, while it may be answered; none else.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn open_offer(
        &self,
        token: &str,
        asking: Asking<'_>,
    ) -> Result<Option<OpenOffer>, Refusal> {
        let found = self.offer_of(token, asking).await?;
        let now = self.parts.clock.now();
        Ok(found.filter(|found| found.offer.is_live(now)))
    }

    /// The offer that a token is for, whatever has become of it.
    pub(super) async fn offer_of(
        &self,
        token: &str,
        asking: Asking<'_>,
    ) -> Result<Option<OpenOffer>, Refusal> {
        let Some((entry, offer, patient)) = self.offer_behind(token).await? else {
            return Ok(None);
        };
        let opens = LinkOpens::Offer { entry: entry.id, moves: entry.instead_of };
        Ok(Some(OpenOffer {
            actor: linked(patient.id, opens, asking),
            provider: self.provider(offer.provider_id).await?,
            visit_type: self.visit_type(entry.shape.kind).await?,
            moves: match entry.instead_of {
                Some(visit) => appointments::find(self.db().read(), visit).await?,
                None => None,
            },
            entry,
            offer,
            patient,
        }))
    }

    /// The same, and nothing around it.
    pub(super) async fn offer_behind(
        &self,
        token: &str,
    ) -> Result<Option<(WaitlistEntry, WaitlistOffer, Patient)>, Refusal> {
        let Some((link, LinkTarget::Offer(id))) = self.found(token).await? else {
            return Ok(None);
        };
        let entry = waitlist::with_offer(self.db().read(), id).await?;
        let Some(entry) = entry else { return Ok(None) };
        let offer = entry.offers.iter().find(|offer| offer.id == id).cloned();
        let patient = self.patient_of(&link, entry.patient_id).await?;
        Ok(offer.zip(patient).map(|(offer, patient)| (entry, offer, patient)))
    }

    /// The link that a token is of, unless it was revoked.
    async fn found(&self, token: &str) -> Result<Option<(VisitLink, LinkTarget)>, Refusal> {
        let Some(token) = LinkToken::parse(token) else { return Ok(None) };
        let found = visit_links::by_token(self.db().read(), &token.hash()).await?;
        let kept = found.filter(|link| link.revoked_at.is_none());
        Ok(kept.map(|link| {
            let target = link.target;
            (link, target)
        }))
    }

    /// The patient, if they still have the address that the link was sent to.
    async fn patient_of(
        &self,
        link: &VisitLink,
        id: PatientId,
    ) -> Result<Option<Patient>, Refusal> {
        let patient = patients::find(self.db().read(), id).await?;
        Ok(patient.filter(|known| link.address_hash == hash_of_address(&known.email)))
    }

    async fn provider(&self, id: ProviderId) -> Result<Arc<Provider>, Refusal> {
        let directory = self.parts.roster.directory().await?;
        let provider = directory.provider_of_visit(id).cloned();
        provider.ok_or_else(|| Refusal::missing("provider"))
    }

    async fn visit_type(&self, id: Option<VisitTypeId>) -> Result<Option<Arc<VisitType>>, Refusal> {
        let Some(id) = id else { return Ok(None) };
        Ok(self.parts.roster.directory().await?.visit_type(id).cloned())
    }
}

/// Whether a visit that was agreed on is cancelled, or is being so.
pub(super) fn is_called_off(visit: &Appointment) -> bool {
    match visit.status {
        AppointmentStatus::Cancelled => true,
        // Else what was never confirmed is being undone.
        AppointmentStatus::Cancelling => {
            let given_up = [AppointmentStatus::Failed, AppointmentStatus::Expired];
            !visit.ends_as.is_some_and(|end| given_up.contains(&end))
        }
        _ => false,
    }
}

fn linked(patient: PatientId, opens: LinkOpens, (address, request_id): Asking<'_>) -> Actor {
    Actor::patient_by_link(Linked { patient, opens }).asking(Some(address), request_id)
}
