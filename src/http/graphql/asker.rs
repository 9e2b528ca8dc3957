//! Who asks for an operation whose answers go on.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::access::Actor;
use crate::http::identity::RequestId;
use crate::people::Standing;

/// Who asks for an operation, and over what.
pub(super) struct Asker {
    pub(super) actor: Actor,
    /// Whether they still may.
    pub(super) standing: Standing,
    pub(super) request_id: RequestId,
    /// What subscriptions of their connection may still cost, where it may have several.
    pub(super) budget: Option<Arc<Semaphore>>,
}
