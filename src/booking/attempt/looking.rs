//! Looking under the locks: at the provider as they are now, and for the time.

use std::sync::Arc;

use jiff::Timestamp;

use crate::booking::Booking;
use crate::booking::plan::BookingPlan;
use crate::db::{StoreError, Tx};
use crate::domain::{PatientId, Provider, ProviderId, TimeSlot};
use crate::request::{Refusal, When};
use crate::search::{BusyIndex, TimeOfDay, ToTreat, VisitWish, may_treat};

impl Booking {
    /// The provider, whose lock `tx` has, as they are now; none where the roster has changed meanwhile and
    /// they may not have this visit any more. And their book, where the first time is looked for in it.
    pub(super) async fn provider_under_lock(
        &self,
        tx: &Tx,
        visit: &BookingPlan<'_>,
        id: ProviderId,
    ) -> Result<(Option<Arc<Provider>>, Option<Arc<BusyIndex>>), StoreError> {
        let (roster, directory) = (&self.parts.roster, &visit.directory);
        let (provider, book) = match visit.command.when {
            When::At(_) => (roster.provider_under_lock(tx, directory, id).await?, None),
            When::From(_) => {
                let search = &self.parts.search;
                let (is_as_it_was, book) = search.look_under_lock(tx, id, directory).await?;
                (roster.provider_where(tx, directory, (id, is_as_it_was)).await?, book)
            }
        };
        let ToTreat { state, payer, kind } = visit.patient;
        let provider = provider.filter(|provider| {
            provider.offers(kind) && may_treat(provider, state, payer, visit.period).is_ok()
        });
        Ok((provider, book))
    }

    /// The time to hold: the one asked for, if no rule is against it, or the earliest there is, found
    /// under the locks. Of who overlaps the database's rule judges.
    pub(super) async fn free_slot(
        &self,
        tx: &Tx,
        visit: &BookingPlan<'_>,
        (patient, time_of_day): (Option<PatientId>, TimeOfDay<'_>),
        (provider, book): (&Arc<Provider>, Option<Arc<BusyIndex>>),
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
                let wish = VisitWish { patient, from, shape, time_of_day };
                let of_whom = (provider, book);
                Ok(search.first_under_lock(tx, &visit.candidates, of_whom, wish).await?)
            }
        }
    }
}
