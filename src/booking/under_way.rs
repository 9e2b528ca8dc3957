//! With whom this server is booking at this moment.
//!
//! Only a hint: among providers who are equally good it saves a transaction that would find the
//! provider's lock taken. Other replicas are noticed by the lock itself.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use crate::domain::ProviderId;

#[derive(Default)]
pub(super) struct UnderWay(Mutex<HashSet<ProviderId>>);

/// One booking with a provider; none with the same one begins until it is dropped.
pub(super) struct Begun<'a> {
    all: &'a UnderWay,
    provider_id: ProviderId,
}

impl UnderWay {
    /// Begins, unless another booking with this provider is under way.
    pub(super) fn begin(&self, provider_id: ProviderId) -> Option<Begun<'_>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(provider_id).then(|| Begun { all: self, provider_id })
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&self.provider_id);
    }
}

#[cfg(test)]
mod tests {
    use super::UnderWay;
    use crate::domain::ProviderId;

    #[test]
    fn one_at_a_time_begins_with_a_provider() {
        let under_way = UnderWay::default();
        let first = under_way.begin(ProviderId::NOBODY);
        assert!(first.is_some());
        assert!(under_way.begin(ProviderId::NOBODY).is_none());
        // Having been turned away ends nothing.
        assert!(under_way.begin(ProviderId::NOBODY).is_none());
        drop(first);
        assert!(under_way.begin(ProviderId::NOBODY).is_some());
    }
}
