//! The waitlist: who waits for a time, and what they are offered.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};

use super::appointment::AppointmentObject;
use super::instant::DateTime;
use super::patient::PatientObject;
use super::patient_seen::{Visible, clock, shown};
use super::provider::ProviderObject;
use super::slot::SlotObject;
use super::visit_type::VisitTypeObject;
use super::waitlist_list::change_cursor;
use super::working_hours::Weekday;
use crate::access::Permission;
use crate::domain::{Offer, WaitlistEntry, WaitlistEntryId, WaitlistOffer};
use crate::graphql::error::ApiError;
use crate::graphql::{actor, loaders, services};
use crate::request::Refusal;

/// Where an entry of the waitlist stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "WaitlistStatus", remote = "crate::domain::WaitlistStatus")]
pub(in crate::graphql) enum WaitlistStatusEnum {
    /// A time is looked for.
    Waiting,
    /// A time is held for the patient until they have answered; also while the scheduling service has not
    /// confirmed what was accepted.
    Offered,
    /// The patient has a confirmed visit by it. Final.
    Booked,
    /// The patient waits no more. Final.
    Left,
    /// The latest start that would have done has passed. Final.
    Lapsed,
}

/// What became of an offer.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "OfferOutcome", remote = "crate::domain::OfferOutcome")]
pub(in crate::graphql) enum OfferOutcomeEnum {
    /// It was accepted.
    Accepted,
    /// It was turned down, or the patient has left the waitlist.
    Declined,
    /// Nobody had answered when it ended.
    Lapsed,
    /// It was accepted, and the scheduling service would not have it: the patient waits again.
    Refused,
}

/// `WaitlistEntry` of the schema.
#[derive(Clone)]
pub(in crate::graphql) struct WaitlistEntryObject(pub(in crate::graphql) WaitlistEntry);

/// A patient who waits for a time. Whatever frees one (a visit that is cancelled or moved, a hold that ends, new
/// hours) offers it to the first who fits, in the order of joining, one offer at a time.
#[Object(name = "WaitlistEntry")]
impl WaitlistEntryObject {
    /// Identifies the entry; opaque, begins with `wle_`.
    pub(in crate::graphql) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The place of its last change among all changes of the waitlist; opaque. Passed as `after` to `waitlistChanged` it
    /// continues where you were.
    async fn cursor(&self) -> String {
        change_cursor(self.0.position)
    }

    /// Counts what has changed about it, from 1. Passed as `expectedVersion` it keeps a change from undoing
    /// another that you have not seen.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Where it stands.
    async fn status(&self) -> WaitlistStatusEnum {
        self.0.status.into()
    }

    /// Who waits. Null, with the error `FORBIDDEN`, for whom it is not to see.
    async fn patient(&self, context: &Context<'_>) -> Option<Result<PatientObject, ApiError>> {
        Some(shown(context, self.visible_patient(context).await))
    }

    /// With whom the visit is to be; null where anybody who fits will do.
    async fn provider(&self, context: &Context<'_>) -> Result<Option<ProviderObject>, ApiError> {
        let Some(id) = self.0.provider_id else { return Ok(None) };
        let directory = loaders(context).directory().await?;
        Ok(directory.provider_of_visit(id).map(Arc::clone).map(ProviderObject))
    }

    /// Two-letter code of the state the patient is in.
    async fn state(&self) -> &'static str {
        self.0.state.code()
    }

    /// Name of the payer of the visit.
    async fn insurance(&self, context: &Context<'_>) -> Result<String, ApiError> {
        loaders(context).payer_name(self.0.payer_id).await
    }

    /// How long a visit is waited for, in minutes.
    async fn duration_minutes(&self) -> i32 {
        self.0.shape.length.minutes().into()
    }

    /// What kind of visit is waited for. Null where that was not said.
    async fn visit_type(&self, context: &Context<'_>) -> Option<Result<VisitTypeObject, ApiError>> {
        let id = self.0.shape.kind?;
        Some(loaders(context).visit_type(id).await.map(VisitTypeObject))
    }

    /// The earliest start that will do.
    async fn earliest(&self) -> DateTime {
        DateTime(self.0.window.earliest)
    }

    /// The latest start that will do.
    async fn latest(&self) -> DateTime {
        DateTime(self.0.window.latest)
    }

    /// On which days of the week, on the patient's clock.
    async fn weekdays(&self) -> Vec<Weekday> {
        self.0.window.weekdays.days().map(Into::into).collect()
    }

    /// The earliest start of a day on the patient's clock, `HH:MM`.
    async fn local_from(&self) -> String {
        self.0.window.local_from.to_string()
    }

    /// Before when a visit starts on a day, on the patient's clock, `HH:MM`.
    async fn local_until(&self) -> String {
        self.0.window.local_until.to_string()
    }

    /// The visit that moves to the time that is found; null where that is a new visit.
    async fn instead_of(
        &self,
        context: &Context<'_>,
    ) -> Result<Option<AppointmentObject>, ApiError> {
        let Some(id) = self.0.instead_of else { return Ok(None) };
        Ok(loaders(context).load(id).await?.map(AppointmentObject))
    }

    /// What was offered so far, in order.
    async fn offers(&self, context: &Context<'_>) -> Result<Vec<WaitlistOfferObject>, ApiError> {
        if self.0.offers.is_empty() {
            return Ok(Vec::new());
        }
        let directory = loaders(context).directory().await?;
        let clock = clock(context, self.0.state, self.visible_patient(context).await)?;
        let of = |offer: &WaitlistOffer| {
            let provider = directory.provider_of_visit(offer.provider_id).map(Arc::clone);
            let provider = provider.ok_or_else(|| ApiError::missing("provider"))?;
            let (slot, patient_clock) = (offer.slot, Some(clock.clone()));
            let slot = Offer { provider, slot, patient_clock };
            Ok(WaitlistOfferObject { offer: offer.clone(), slot })
        };
        self.0.offers.iter().map(of).collect()
    }

    /// When the patient joined.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

impl WaitlistEntryObject {
    /// The entry of that id, as the caller may see it.
    pub(in crate::graphql) async fn load(
        context: &Context<'_>,
        id: WaitlistEntryId,
    ) -> Result<Option<Self>, ApiError> {
        match services(context).records.waitlist_entry(actor(context), id).await {
            Ok(found) => Ok(Some(Self(found))),
            Err(Refusal::NotFound(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The patient, for a caller who may see them.
    async fn visible_patient(&self, context: &Context<'_>) -> Visible {
        if actor(context).patients_for(Permission::ReadPatients).is_err() {
            return Ok(None);
        }
        loaders(context).load(self.0.patient_id).await
    }
}

/// `WaitlistOffer` of the schema.
pub(in crate::graphql) struct WaitlistOfferObject {
    offer: WaitlistOffer,
    slot: Offer,
}

/// A time that is held for one who waits, or was.
#[Object(name = "WaitlistOffer")]
impl WaitlistOfferObject {
    /// Identifies it; opaque. Also that of the visit that it became, where that is a new one.
    async fn id(&self) -> ID {
        ID(self.offer.id.to_string())
    }

    /// The time, and with whom.
    async fn slot(&self) -> SlotObject {
        SlotObject(self.slot.clone())
    }

    /// When it was offered.
    async fn offered_at(&self) -> DateTime {
        DateTime(self.offer.offered_at)
    }

    /// From when on the time is free again, unless the offer was accepted.
    async fn expires_at(&self) -> DateTime {
        DateTime(self.offer.expires_at)
    }

    /// What became of it; null while it is open.
    async fn outcome(&self) -> Option<OfferOutcomeEnum> {
        self.offer.outcome.map(Into::into)
    }
}
