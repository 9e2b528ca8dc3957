//! Booking: check, hold, hand over to be settled; where there is a choice, again after a refusal.

use std::borrow::Cow;

use tokio::time::Instant;

use super::Booking;
use super::command::{BookAppointment, WhoIsSeen};
use super::outcome::Outcome;
use super::replay::RequestIdentity;
use crate::access::{Actor, Forbidden, Permission};
use crate::audit::Act;
use crate::domain::{LateRefusal, ProviderId};
use crate::request::{Refusal, When};

/// How many further offers are tried in one request, where no time was asked for.
const FURTHER_OFFERS: usize = 5;

/// How often a booking that was refused for good is tried otherwise. Without a time, with the next offers:
/// a time that was refused is passed over by every search for some minutes. At a time, with one other
/// provider where anybody will do.
/// What is held is one time.
fn further_tries(command: &BookAppointment) -> usize {
    match (command.when, command.provider_id) {
        _ if command.hold.is_some() => 0,
        (When::From(_), _) => FURTHER_OFFERS,
        (When::At(_), None) => 1,
        (When::At(_), Some(_)) => 0,
    }
}

/// The booking as a caller may have it who may book with that provider alone, if one is given: with whom was
/// not said means with them.
fn with_whom(
    command: &BookAppointment,
    own: Option<ProviderId>,
) -> Result<Cow<'_, BookAppointment>, Forbidden> {
    match (own, command.provider_id) {
        (None, _) => Ok(Cow::Borrowed(command)),
        (Some(own), Some(asked)) if own == asked => Ok(Cow::Borrowed(command)),
        (Some(_), Some(_)) => Err(Forbidden),
        // With whom it is is said by the hold.
        (Some(_), None) if command.hold.is_some() => Ok(Cow::Borrowed(command)),
        (Some(own), None) => {
            Ok(Cow::Owned(BookAppointment { provider_id: Some(own), ..command.clone() }))
        }
    }
}

impl Booking {
    /// Books one visit, or says why it cannot be booked.
    ///
    /// Once the time is held the answer is an appointment: `CONFIRMED` when the scheduling service
    /// has confirmed in time, else `PENDING`, and the outbox settles it.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`], also for a clinician who asks for another provider; then [`Refusal`], in the
    /// order of the contract; [`Refusal::SchedulingRefused`] carries
    /// the appointment that failed.
    pub async fn book(&self, actor: &Actor, command: &BookAppointment) -> Result<Outcome, Refusal> {
        let act = &match &command.patient {
            WhoIsSeen::Known(id) => Act::on_patients(actor, "bookAppointment", [*id]),
            WhoIsSeen::Described(_) => Act::of(actor, "bookAppointment"),
        };
        let request = async {
            let own = actor.patients_for(Permission::Book)?;
            Self::may_overrule(actor, &command.overrule)?;
            let fingerprint = command.fingerprint();
            let command = &*with_whom(command, own)?;
            let retry = RequestIdentity {
                own,
                key: command.idempotency_key.as_ref(),
                fingerprint: fingerprint.clone(),
                may_try_another: further_tries(command) > 0,
            };
            let request = (act, fingerprint.as_str());
            self.once(actor, retry, || self.book_anew((actor, own), request, command)).await
        };
        self.parts.trail.attempt(act, Box::pin(request)).await
    }

    async fn book_anew(
        &self,
        (actor, own): (&Actor, Option<ProviderId>),
        request: (&Act, &str),
        command: &BookAppointment,
    ) -> Result<Outcome, Refusal> {
        let (command, redeems) = match &command.hold {
            Some(token) => {
                let (command, hold) = self.redeemed(command, token, own).await?;
                (Cow::Owned(command), Some(hold))
            }
            None => (Cow::Borrowed(command), None),
        };
        let command = &*command;
        let mut visit = self.plan((actor, own), request, command).await?;
        visit.redeems = redeems;
        let mut held = self.hold(&visit).await?;
        let (settling, mut tries) = (&self.parts.settling, further_tries(command));
        // One for all tries: a request that is answered late is not a request that waited in vain.
        let deadline = settling.deadline();
        loop {
            let (refused_by, refused) = (held.appointment.provider_id, held.appointment.id);
            let refusal = match settling.settle_by(*held, deadline).await {
                Err(refusal @ Refusal::SchedulingRefused { .. }) => refusal,
                settled => return settled.map(Outcome::first),
            };
            let at_any_time =
                matches!(refusal, Refusal::SchedulingRefused { why: LateRefusal::Unfit, .. });
            if at_any_time || tries == 0 || Instant::now() >= deadline {
                return Err(refusal);
            }
            tries -= 1;
            visit.instead_of = Some(refused);
            if matches!(command.when, When::At(_)) {
                visit.candidates.providers.retain(|provider| provider.id != refused_by);
            }
            if visit.candidates.providers.is_empty() {
                return Err(refusal);
            }
            held = match self.hold(&visit).await {
                Ok(held) => held,
                // What is not known to have failed must not be told as a refusal.
                Err(error @ Refusal::Store(_)) => return Err(error),
                Err(_nothing_else) => return Err(refusal),
            };
        }
    }
}
