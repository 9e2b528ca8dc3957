//! With whom this server is booking at this moment.
//!
//! Only a hint: among providers who are equally good it saves a transaction that would find the
//! provider's lock taken, or would queue for a later time. Other replicas are noticed by the lock itself.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use crate::domain::ProviderId;

/// The providers with whom a booking is under way.
#[derive(Default)]
pub(super) struct ProviderTurns(Mutex<HashSet<ProviderId>>);

/// One booking with a provider; nobody else's turn begins until it is dropped.
pub(super) struct ProviderTurn<'a> {
    all: &'a ProviderTurns,
    provider_id: ProviderId,
}

impl ProviderTurns {
    /// A turn with that provider, unless somebody has one.
    pub(super) fn begin(&self, provider_id: ProviderId) -> Option<ProviderTurn<'_>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(provider_id).then(|| ProviderTurn { all: self, provider_id })
    }
}

impl Drop for ProviderTurn<'_> {
    fn drop(&mut self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&self.provider_id);
    }
}

#[cfg(test)]
mod tests {
    use super::ProviderTurns;
    use crate::domain::ProviderId;

    #[test]
    fn one_at_a_time_has_a_turn_with_a_provider() {
        let turns = ProviderTurns::default();
        let first = turns.begin(ProviderId::NOBODY);
        assert!(first.is_some());
        assert!(turns.begin(ProviderId::NOBODY).is_none());
        // Having been turned away ends nothing.
        assert!(turns.begin(ProviderId::NOBODY).is_none());
        drop(first);
        assert!(turns.begin(ProviderId::NOBODY).is_some());
    }
}
