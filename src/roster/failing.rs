//! Providers whose visits the scheduling service keeps failing.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use crate::domain::ProviderId;

/// Who they are, as it was seen last: as good as others for whoever asks for one of them, and last among
/// equals for whoever asks for nobody.
#[derive(Debug, Default)]
pub(super) struct Failing(RwLock<Arc<HashSet<ProviderId>>>);

impl Failing {
    pub(super) fn now(&self) -> Arc<HashSet<ProviderId>> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn are(&self, providers: HashSet<ProviderId>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(providers);
    }
}
