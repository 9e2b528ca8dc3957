//! Booking what is held already: the hold becomes the visit, under its own id, so that its time is free at no
//! moment in between.

use crate::access::Forbidden;
use crate::booking::Booking;
use crate::booking::attempt::{Attempt, Patience, Seeker};
use crate::booking::command::BookAppointment;
use crate::booking::plan::BookingPlan;
use crate::db::{StoreError, holds};
use crate::domain::{Directory, Hold, ProviderId, VisitLength};
use crate::request::{AskedVisitType, Field, HoldToken, Refusal, Violation, When};
use crate::settling::Handover;

impl Booking {
    /// What is held by that token, and the booking of it: what it leaves open is as it is held.
    ///
    /// # Errors
    ///
    /// [`Refusal::HoldExpired`]; [`Refusal::Forbidden`] for whoever may book with `own` alone;
    /// [`Refusal::Invalid`] for what is not as it is held.
    pub(in crate::booking) async fn redeemed(
        &self,
        command: &BookAppointment,
        token: &HoldToken,
        own: Option<ProviderId>,
    ) -> Result<(BookAppointment, Hold), Refusal> {
        let hold = holds::find_by_token(self.db().read(), &token.hash()).await?;
        let hold = hold.filter(|hold| hold.is_live(self.now())).ok_or(Refusal::HoldExpired)?;
        if own.is_some_and(|own| own != hold.provider_id) {
            return Err(Forbidden.into());
        }
        let directory = self.parts.roster.directory().await?;
        let against = contradictions(command, &hold, &directory)?;
        if !against.is_empty() {
            return Err(Refusal::Invalid(against));
        }
        let command = BookAppointment {
            provider_id: Some(hold.provider_id),
            when: When::At(hold.slot.starts_at()),
            length: VisitLength::from_minutes(hold.slot.minutes()),
            visit_type: hold.visit_type_id.map(AskedVisitType::Id),
            ..command.clone()
        };
        Ok((command, hold))
    }

    /// Makes the hold a visit, whatever is against its time by now.
    pub(super) async fn redeem(
        &self,
        visit: &BookingPlan<'_>,
        seeker: Seeker<'_>,
        hold: &Hold,
    ) -> Result<Box<Handover>, Refusal> {
        match self.attempt(visit, seeker, hold.provider_id, Patience::Wait).await? {
            Attempt::Held(handover) => {
                // What was offered to one who waited is held by no token.
                if visit.accepts.is_none() {
                    metrics::counter!("clinic_holds_total", "outcome" => "redeemed").increment(1);
                }
                Ok(handover)
            }
            Attempt::Locked | Attempt::Gone => {
                // The provider may not treat the patient any more.
                self.as_it_is_now(visit).await?;
                Err(StoreError::Unavailable("the roster is being changed".to_owned()).into())
            }
        }
    }
}

/// What is said of the visit and is not as it is held.
fn contradictions(
    command: &BookAppointment,
    hold: &Hold,
    directory: &Directory,
) -> Result<Vec<Violation>, Refusal> {
    let kind = command.visit_type.as_ref().map(|asked| asked.find(directory)).transpose()?;
    let length = command.length.map(|length| i64::from(length.minutes()));
    let starts_at = match command.when {
        When::At(starts_at) => Some(starts_at),
        When::From(_) => None,
    };
    let differs = [
        (Field::ProviderId, command.provider_id.is_some_and(|id| id != hold.provider_id)),
        (Field::StartsAt, starts_at.is_some_and(|at| at != hold.slot.starts_at())),
        (Field::DurationMinutes, length.is_some_and(|length| length != hold.slot.minutes())),
        (Field::VisitType, kind.is_some_and(|kind| Some(kind.id) != hold.visit_type_id)),
    ];
    let differing = differs.into_iter().filter(|(_, differs)| *differs);
    let why = "must be as it was held, or left out";
    Ok(differing.map(|(field, _)| Violation::new(field, why)).collect())
}
