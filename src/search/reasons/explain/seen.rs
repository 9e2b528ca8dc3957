//! What of another visit is told to whom: its time only to whom that visit is visible.

use crate::access::{Actor, Grant, Permission};
use crate::db::appointments;
use crate::domain::judge::{Obstacle, Reason};
use crate::domain::{AppointmentFilter, AppointmentId, Page, PatientId, ProviderId, TimeSlot};
use crate::request::Refusal;
use crate::search::Search;

/// How many visits of one patient are looked at: more than anybody has in the time of a series.
const MOST: u64 = 1000;

/// Which visits the caller may see.
#[derive(Debug, Clone, Copy)]
pub(in crate::search) struct Eyes {
    /// Whether those with the provider who is asked about.
    provider: bool,
    /// The one provider whose visits they may see, if it is one.
    own: Option<ProviderId>,
}

impl Eyes {
    pub(in crate::search) fn of(actor: &Actor, provider: ProviderId) -> Self {
        let grant = actor.grant(Permission::ReadAppointments);
        let sees_none = grant == Grant::No;
        let own = grant.only_with().or(sees_none.then_some(ProviderId::NOBODY));
        Self { provider: grant.reaches(provider), own }
    }

    /// The reason as the caller may know of it, and whether its span is told. `theirs`: those visits of the
    /// patient that they may see, where they may not see all.
    pub(in crate::search) fn see(
        self,
        reason: Reason,
        slot: TimeSlot,
        theirs: &[TimeSlot],
    ) -> (Reason, bool) {
        match (reason.obstacle, self.own) {
            (Obstacle::SlotTaken | Obstacle::SlotHeld { .. } | Obstacle::InBuffer, _) => {
                (reason, self.provider)
            }
            (Obstacle::PatientDoubleBooked, Some(_)) => {
                // The patient may have a visit with anybody: one with the caller's own provider is told.
                let span = theirs.iter().find(|visit| visit.overlaps(slot)).copied();
                (Reason { span, ..reason }, span.is_some())
            }
            _ => (reason, true),
        }
    }
}

impl Search {
    /// Those visits of the patient in a window that a caller with such eyes may see, where they may not see
    /// all of them, and where it matters to one of `reasons`.
    pub(in crate::search) async fn visits_seen(
        &self,
        eyes: Eyes,
        (patient, except): (Option<PatientId>, Option<AppointmentId>),
        window: TimeSlot,
        reasons: impl IntoIterator<Item = &Reason>,
    ) -> Result<Vec<TimeSlot>, Refusal> {
        let is_of_patient = |reason: &Reason| reason.obstacle == Obstacle::PatientDoubleBooked;
        let Some(own) = eyes.own.filter(|_| reasons.into_iter().any(is_of_patient)) else {
            return Ok(Vec::new());
        };
        let filter = AppointmentFilter {
            window: Some(window),
            provider_id: Some(own),
            patient_id: patient,
            ..AppointmentFilter::default()
        };
        let theirs = appointments::page(self.db.read(), &filter, Page::first(MOST)).await?;
        let theirs = theirs.into_iter().filter(|visit| Some(visit.id) != except);
        Ok(theirs.map(|visit| visit.slot).collect())
    }
}
