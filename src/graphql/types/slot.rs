//! Free times.

use async_graphql::Object;

use super::instant::DateTime;
use super::provider::ProviderObject;
use crate::domain::Offer;

/// `Slot` of the schema.
pub(in crate::graphql) struct SlotObject(pub(in crate::graphql) Offer);

/// A free time that can be booked, unless somebody takes it first.
#[Object(name = "Slot")]
impl SlotObject {
    /// With whom.
    async fn provider(&self) -> ProviderObject {
        ProviderObject(self.0.provider.clone())
    }

    /// When it starts.
    async fn starts_at(&self) -> DateTime {
        DateTime(self.0.slot.starts_at())
    }

    /// When it ends; the end does not belong to it.
    async fn ends_at(&self) -> DateTime {
        DateTime(self.0.slot.ends_at())
    }

    /// When it starts on the provider's clock, with the offset of that day, such as
    /// `2027-01-15T09:30:00-05:00`.
    async fn local_starts_at(&self) -> String {
        self.0.provider.local(self.0.slot.starts_at())
    }
}
