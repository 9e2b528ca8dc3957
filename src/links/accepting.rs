//! Answering an offer of the waitlist: by the patient's page, or by whoever has the token and may book.

use jiff::Timestamp;

use super::{Asking, Links, OpenOffer, PatientLink};
use crate::access::{Actor, Permission};
use crate::booking::WhichEntry;
use crate::db::{Ending, StoreError, Tx, appointments, patients};
use crate::domain::{Appointment, AppointmentId, LinkTarget, OfferOutcome, WaitlistEntryId};
use crate::request::{ExpectedVersion, Refusal, Resource};

/// What an answer to an offer came to.
pub enum Answered {
    /// It was answered so, now or before: where the visit is, and the time that was asked for.
    Done(PatientLink, Timestamp),
    /// It was not: what was offered, and why.
    Refused(Box<OpenOffer>, Refusal),
}

impl Links {
    /// Takes what is offered to whoever has that token, and leads on to the visit; none where it opens nothing. Sent
    /// twice, also at once, it leads there again.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn accept(
        &self,
        token: &str,
        asking: Asking<'_>,
    ) -> Result<Option<Answered>, Refusal> {
        let Some(open) = self.offer_of(token, asking).await? else { return Ok(None) };
        match open.offer.outcome {
            None if open.offer.is_live(self.parts.clock.now()) => {
                let accepted = self.parts.booking.accept_offer(&open.actor, &which(&open)).await;
                let Err(refusal) = accepted else { return self.leads_on(&open).await.map(Some) };
                if self.has_become(token, asking, OfferOutcome::Accepted).await {
                    return self.leads_on(&open).await.map(Some);
                }
                Ok(Some(Answered::Refused(Box::new(open), refusal)))
            }
            Some(OfferOutcome::Accepted) => self.leads_on(&open).await.map(Some),
            _ => Ok(None),
        }
    }

    /// Where whoever has taken that goes on.
    async fn leads_on(&self, open: &OpenOffer) -> Result<Answered, Refusal> {
        let id = open.entry.instead_of.unwrap_or(open.offer.id);
        let visit = appointments::find(self.db().read(), id).await?;
        let visit = visit.ok_or(Refusal::NotFound(Resource::Appointment))?;
        Ok(Answered::Done(self.link_to(&visit).await?, open.offer.slot.starts_at()))
    }

    /// Whether what was refused is as it was asked to be: the same was sent twice at once, and the other was faster.
    async fn has_become(&self, token: &str, asking: Asking<'_>, outcome: OfferOutcome) -> bool {
        let found = self.offer_of(token, asking).await;
        found.is_ok_and(|found| found.is_some_and(|open| open.offer.outcome == Some(outcome)))
    }

    /// Turns down what is offered to whoever has that token: false where it opens nothing.
    ///
    /// # Errors
    ///
    /// Those of any answer to an offer.
    pub async fn decline(&self, token: &str, asking: Asking<'_>) -> Result<bool, Refusal> {
        let Some(open) = self.offer_of(token, asking).await? else { return Ok(false) };
        match open.offer.outcome {
            None if open.offer.is_live(self.parts.clock.now()) => {
                match self.parts.booking.decline_offer(&open.actor, &which(&open)).await {
                    Err(_) if self.has_become(token, asking, OfferOutcome::Declined).await => {
                        Ok(true)
                    }
                    declined => declined.map(|_entry| true),
                }
            }
            Some(OfferOutcome::Declined) => Ok(true),
            _ => Ok(false),
        }
    }

    /// Whose offer a token is for, and which it is, for a caller who may answer offers: what opens nothing is told as
    /// what has lapsed.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::HoldExpired`]; [`Refusal::Store`] when the database fails.
    pub async fn offer_named(
        &self,
        actor: &Actor,
        token: &str,
    ) -> Result<(WaitlistEntryId, AppointmentId), Refusal> {
        actor.require(Permission::Book)?;
        let found = self.offer_behind(token).await?;
        let (entry, offer, _patient) = found.ok_or(Refusal::HoldExpired)?;
        Ok((entry.id, offer.id))
    }

    /// A link to a visit, for its patient.
    async fn link_to(&self, visit: &Appointment) -> Result<PatientLink, Refusal> {
        let patient = patients::find(self.db().read(), visit.patient_id).await?;
        let patient = &patient.ok_or_else(|| Refusal::missing("patient"))?;
        let work = |tx: Tx| async move {
            let target = LinkTarget::Visit(visit.id);
            Ok::<_, StoreError>(Ending::Commit(self.make_one(&tx, target, patient).await?))
        };
        Ok(self.db().transaction("visit_link", work).await?)
    }
}

fn which(open: &OpenOffer) -> WhichEntry {
    WhichEntry {
        id: open.entry.id,
        offer: Some(open.offer.id),
        expected: ExpectedVersion::default(),
        idempotency_key: None,
    }
}
