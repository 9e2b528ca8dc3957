//! What of another visit is told to whom: its time only to whom that visit is visible.

use super::asked::Asked;
use crate::access::{Actor, Grant, Permission};
use crate::db::appointments;
use crate::domain::judge::{Obstacle, Reason};
use crate::domain::{AppointmentFilter, Page, ProviderId, TimeSlot};
use crate::request::Refusal;
use crate::search::Search;

/// Which visits the caller may see.
#[derive(Debug, Clone, Copy)]
pub(super) struct Eyes {
    /// Whether those with the provider who is asked about.
    provider: bool,
    /// The one provider whose visits they may see, if it is one.
    own: Option<ProviderId>,
}

impl Eyes {
    pub(super) fn of(actor: &Actor, provider: ProviderId) -> Self {
        let grant = actor.grant(Permission::ReadAppointments);
        let sees_none = grant == Grant::No;
        let own = grant.only_with().or(sees_none.then_some(ProviderId::NOBODY));
        Self { provider: grant.reaches(provider), own }
    }
}

impl Search {
    /// The reason as the caller may know of it, and whether its span is told.
    pub(super) async fn as_seen(
        &self,
        eyes: Eyes,
        asked: &Asked<'_>,
        slot: TimeSlot,
        reason: Reason,
    ) -> Result<(Reason, bool), Refusal> {
        match (reason.obstacle, eyes.own) {
            (Obstacle::SlotTaken | Obstacle::SlotHeld { .. } | Obstacle::InBuffer, _) => {
                Ok((reason, eyes.provider))
            }
            (Obstacle::PatientDoubleBooked, Some(own)) => {
                // The patient may have a visit with anybody: one with the caller's own provider is told.
                let filter = AppointmentFilter {
                    window: Some(slot),
                    provider_id: Some(own),
                    patient_id: asked.patient_to_judge(),
                    ..AppointmentFilter::default()
                };
                let page = Page::first(2);
                let theirs = appointments::page(self.db.read(), &filter, page).await?;
                let except = asked.instead.map(|instead| instead.visit.id);
                let other = theirs.into_iter().find(|visit| Some(visit.id) != except);
                let span = other.map(|visit| visit.slot);
                Ok((Reason { span, ..reason }, span.is_some()))
            }
            _ => Ok((reason, true)),
        }
    }
}
