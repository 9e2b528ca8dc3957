//! Judging one time under the provider's lock: what is judged then stays so until the visit is
//! committed.

use super::Search;
use crate::db::busy;
use crate::db::{StoreError, Tx};
use crate::domain::busy::BusyTime;
use crate::domain::judge::{Judge, Judged, Reason};
use crate::domain::search_step::with_local_days;
use crate::domain::{AppointmentId, PatientId, Provider, TimeSlot, VisitTypeId};

impl Search {
    /// What is against a visit of that kind with the provider at that time, by the rules alone: of who
    /// overlaps the database judges when it is written. Reads nothing where the provider keeps nothing free
    /// and has as many visits a day as there are.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn rules_under_lock(
        &self,
        tx: &Tx,
        provider: &Provider,
        (slot, kind): (TimeSlot, Option<VisitTypeId>),
    ) -> Result<Vec<Reason>, StoreError> {
        let busy = if provider.minds_other_visits() {
            busy::find(tx, [provider.id], None, with_local_days(slot), None).await?
        } else {
            BusyTime::default()
        };
        let visit = Judged { slot, kind, of_patient: &[], now: self.now() };
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
        let busy = busy::find(tx, [provider.id], Some(patient), window, Some(id)).await?;
        let visit = Judged { slot, kind, of_patient: busy.of_patient(), now: self.now() };
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
