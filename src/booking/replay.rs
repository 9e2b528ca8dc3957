//! Safe retry: a request that comes again with its key has the effect of the first, and is told the
//! truth about it.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use super::Booking;
use super::change::own_visit;
use super::outcome::Outcome;
use crate::access::Actor;
use crate::db::idempotency::{self, Claim, FIRST_VERSION, Made};
use crate::db::outbox::{self, OutboxEntry};
use crate::db::{StoreError, appointments};
use crate::domain::{Appointment, AppointmentStatus, LateRefusal, ProviderId};
use crate::request::{IdempotencyKey, Refusal};

const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// What tells a repeat of a request from others, and who is told of it.
pub(super) struct RequestIdentity<'a> {
    /// The one provider with whom the caller may change visits, if it is one. They may have been allowed
    /// more when the request came first.
    pub(super) own: Option<ProviderId>,
    pub(super) key: Option<&'a IdempotencyKey>,
    pub(super) fingerprint: String,
    /// Whether the request goes on with another offer after a refusal.
    pub(super) may_try_another: bool,
}

impl Booking {
    /// Carries out `request`, unless one with the same key was: then answers how that stands now.
    pub(super) async fn once<F, Fut>(
        &self,
        actor: &Actor,
        retry: RequestIdentity<'_>,
        request: F,
    ) -> Result<Outcome, Refusal>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Outcome, Refusal>>,
    {
        let Some(key) = retry.key else { return request().await };
        if let Some(replayed) = self.replay(actor, key, &retry).await? {
            return Ok(replayed);
        }
        match request().await {
            // What failed without committing anything may have been beaten by its own twin.
            Err(error) if !matches!(error, Refusal::SchedulingRefused { .. }) => {
                Ok(self.replay(actor, key, &retry).await?.ok_or(error)?)
            }
            answered => answered,
        }
    }

    async fn replay(
        &self,
        actor: &Actor,
        key: &IdempotencyKey,
        retry: &RequestIdentity<'_>,
    ) -> Result<Option<Outcome>, Refusal> {
        let gives_up_at = Instant::now() + self.parts.settling.answer_within();
        loop {
            let Some(claim) = self.find_claim(actor, key).await? else { return Ok(None) };
            let Made::Appointment(id, _) = claim.made else { return Err(Refusal::KeyReused) };
            if claim.request_hash != retry.fingerprint {
                return Err(Refusal::KeyReused);
            }
            // Looked at before the appointment: work that has ended by now shows in that.
            let unsettled = outbox::find(self.db().read(), id).await?;
            let appointment =
                own_visit(appointments::find(self.db().read(), id).await?, retry.own)?;
            // And the key once more after it: a refusal is noted with the change that it makes.
            let Some(claim) = self.find_claim(actor, key).await? else { return Ok(None) };
            let Made::Appointment(id, made) = claim.made else { return Err(Refusal::KeyReused) };
            if id != appointment.id {
                continue;
            }
            let refusal = refusal(&claim, made, &appointment);
            let is_worked_on = self.is_worked_on(&appointment, unsettled, refusal, retry);
            if Instant::now() < gives_up_at && is_worked_on {
                tokio::time::sleep(LOOK_AGAIN_AFTER).await;
                continue;
            }
            return match refusal {
                None => Ok(Some(Outcome { appointment, replayed: true })),
                Some(why) => {
                    let appointment = Box::new(appointment);
                    Err(Refusal::SchedulingRefused { appointment, why, replayed: true })
                }
            };
        }
    }

    async fn find_claim(
        &self,
        actor: &Actor,
        key: &IdempotencyKey,
    ) -> Result<Option<Claim>, StoreError> {
        idempotency::find(self.db().read(), &actor.scope(), key.as_str()).await
    }

    /// Whether the first request may still be at it.
    fn is_worked_on(
        &self,
        appointment: &Appointment,
        unsettled: Option<OutboxEntry>,
        refusal: Option<LateRefusal>,
        retry: &RequestIdentity<'_>,
    ) -> bool {
        let now = self.now();
        if refusal == Some(LateRefusal::Refused) && retry.may_try_another {
            // It may be trying another offer, and then point the key to a new appointment. Moments are
            // stored without what is past the second.
            let failed_for = now.duration_since(appointment.updated_at).unsigned_abs();
            return failed_for < self.parts.settling.answer_within() + Duration::from_secs(1);
        }
        unsettled.and_then(|row| row.lease).is_some_and(|lease| lease.until > now)
    }
}

/// Why the request was not done in the end, if it was not. That is noted on its key, but not by a server
/// of before: what the appointment itself tells is heeded too.
fn refusal(claim: &Claim, made: Option<i32>, appointment: &Appointment) -> Option<LateRefusal> {
    // One that failed in a later move has changed more often: it was booked all the same.
    let failed = appointment.status == AppointmentStatus::Failed
        && made.is_none_or(|version| appointment.version == version + 1);
    let is_or_will_be = [Some(appointment.status), appointment.ends_as];
    let expired = is_or_will_be.contains(&Some(AppointmentStatus::Expired))
        && made.is_none_or(|version| version == FIRST_VERSION);
    claim
        .refusal
        .or(failed.then_some(LateRefusal::Refused))
        .or(expired.then_some(LateRefusal::Unanswered))
}
