//! Looking under the provider's lock, at them as they are now and for the time: what is judged then stays so
//! until the transaction ends.

use std::sync::Arc;

use super::busy_index::BusyIndex;
use super::{Candidates, Search, VisitWish};
use crate::db::busy;
use crate::db::{StoreError, Tx};
use crate::domain::busy::BusyTime;
use crate::domain::judge::{Judge, Judged, Reason};
use crate::domain::search_step::with_local_days;
use crate::domain::{
    AppointmentId, Directory, PatientId, Policy, Provider, ProviderId, TimeSlot, VisitTypeId,
};
use crate::request::When;

/// A provider under their lock, and their book, where the first time is looked for in it.
pub type UnderLock = (Arc<Provider>, Option<Arc<BusyIndex>>);

impl Search {
    /// The provider, whose lock `tx` has, as they are now: none who is not there any more. And their book,
    /// where the first time is looked for in it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn provider_under_lock(
        &self,
        tx: &Tx,
        directory: &Directory,
        (id, when): (ProviderId, When),
    ) -> Result<Option<UnderLock>, StoreError> {
        let (provider, book) = match when {
            When::At(_) => (self.roster.provider_under_lock(tx, directory, id).await?, None),
            When::From(_) => {
                let (is_as_it_was, book) = self.look_under_lock(tx, id, directory).await?;
                (self.roster.provider_where(tx, directory, (id, is_as_it_was)).await?, book)
            }
        };
        Ok(provider.map(|provider| (provider, book)))
    }

    /// The time to hold with a provider under their lock: the one asked for, if no rule but those `overruled`
    /// is against it, or the earliest there is. Of who overlaps the database's rule judges.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn free_under_lock(
        &self,
        tx: &Tx,
        candidates: &Candidates,
        (provider, book): UnderLock,
        (when, wish): (When, VisitWish<'_>),
        overruled: &[Policy],
    ) -> Result<Option<TimeSlot>, StoreError> {
        match when {
            When::At(starts_at) => {
                let Some(slot) = TimeSlot::starting(starts_at, wish.shape.length) else {
                    return Ok(None);
                };
                let reasons = self.rules_under_lock(tx, &provider, (slot, wish.shape.kind)).await?;
                let stands = reasons.iter().any(|reason| reason.stands(overruled));
                Ok((!stands).then_some(slot))
            }
            When::From(_) => self.first_under_lock(tx, candidates, (&provider, book), wish).await,
        }
    }

    /// What is against a visit of that kind with the provider at that time, by the rules alone: of who
    /// overlaps the database judges when it is written. Reads nothing where the provider keeps nothing free
    /// and has as many visits a day as there are.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    async fn rules_under_lock(
        &self,
        tx: &Tx,
        provider: &Provider,
        (slot, kind): (TimeSlot, Option<VisitTypeId>),
    ) -> Result<Vec<Reason>, StoreError> {
        let now = self.now();
        let busy = if provider.minds_other_visits() {
            busy::find(tx, [provider.id], None, with_local_days(slot), (None, now)).await?
        } else {
            BusyTime::default()
        };
        let visit = Judged { slot, kind, of_patient: &[], now };
        Ok(Judge::of(visit).reasons(provider, &busy))
    }

    /// All that is against moving a visit of that kind with the provider and that patient to that time.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn move_under_lock(
        &self,
        tx: &Tx,
        provider: &Provider,
        (id, patient): (AppointmentId, PatientId),
        (slot, kind): (TimeSlot, Option<VisitTypeId>),
    ) -> Result<Vec<Reason>, StoreError> {
        let minds = provider.minds_other_visits();
        let window = if minds { with_local_days(slot) } else { slot };
        let now = self.now();
        let busy = busy::find(tx, [provider.id], Some(patient), window, (Some(id), now)).await?;
        let visit = Judged { slot, kind, of_patient: busy.of_patient(), now };
        Ok(Judge::of(visit).reasons(provider, &busy))
    }

    /// What is against a visit with the provider at that time, whoever else has one.
    pub fn rules_without_visits(
        &self,
        provider: &Provider,
        (slot, kind): (TimeSlot, Option<VisitTypeId>),
    ) -> Vec<Reason> {
        let visit = Judged { slot, kind, of_patient: &[], now: self.now() };
        Judge::of(visit).reasons(provider, &BusyTime::default())
    }
}
