//! Looking under the locks: at the provider as they are now, and for the time.

use jiff::Timestamp;

use crate::booking::Booking;
use crate::booking::plan::BookingPlan;
use crate::db::{StoreError, Tx};
use crate::domain::{PatientId, ProviderId, TimeSlot};
use crate::request::When;
use crate::search::{TimeOfDay, ToTreat, UnderLock, VisitWish, may_treat};

impl Booking {
    /// The provider, whose lock `tx` has, as they are now; none where the roster has changed meanwhile and
    /// they may not have this visit any more. And their book, where the first time is looked for in it.
    pub(in crate::booking) async fn provider_under_lock(
        &self,
        tx: &Tx,
        visit: &BookingPlan<'_>,
        id: ProviderId,
    ) -> Result<Option<UnderLock>, StoreError> {
        let wanted = (id, visit.command.when);
        let found = self.parts.search.provider_under_lock(tx, &visit.directory, wanted).await?;
        let ToTreat { state, payer, kind } = visit.patient;
        Ok(found.filter(|(provider, _)| {
            provider.offers(kind) && may_treat(provider, state, payer, visit.period).is_ok()
        }))
    }

    /// The time to hold: what is held for this visit already, the one asked for, if no rule is against it, or
    /// the earliest there is, found under the locks.
    pub(super) async fn free_slot(
        &self,
        tx: &Tx,
        visit: &BookingPlan<'_>,
        (patient, time_of_day): (Option<PatientId>, TimeOfDay<'_>),
        provider: UnderLock,
    ) -> Result<Option<TimeSlot>, StoreError> {
        if let Some(hold) = &visit.redeems {
            return Ok(Some(hold.slot));
        }
        let from = match visit.command.when {
            When::At(starts_at) => starts_at,
            When::From(after) => after.unwrap_or(Timestamp::MIN),
        };
        let wish = VisitWish { patient, from, shape: visit.shape, time_of_day };
        let (wanted, overruled) = ((visit.command.when, wish), visit.overruled());
        let search = &self.parts.search;
        search.free_under_lock(tx, &visit.candidates, provider, wanted, overruled).await
    }
}
