//! Providers and payers, all of them at once.

use std::sync::Arc;

use super::Records;
use crate::access::Actor;
use crate::domain::Directory;
use crate::request::Refusal;

impl Records {
    /// The provider directory as it is stored now, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn directory(&self, _actor: &Actor) -> Result<Arc<Directory>, Refusal> {
        Ok(self.roster.directory().await?)
    }
}
