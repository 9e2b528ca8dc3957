//! What an edit may look at.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::Directory;

/// What an edit may look at beside the provider.
pub struct Circumstances {
    /// The clinic, as it was just before.
    pub directory: Arc<Directory>,
    /// The present moment.
    pub now: Timestamp,
}
