//! Free times, as they are offered.

use std::sync::Arc;

use super::provider::Provider;
use super::time_slot::TimeSlot;

/// A free time at a provider's.
#[derive(Debug, Clone)]
pub struct Offer {
    /// With whom; shared, because a search may offer hundreds of times of one provider.
    pub provider: Arc<Provider>,
    /// When.
    pub slot: TimeSlot,
}
