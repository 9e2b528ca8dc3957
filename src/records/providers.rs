//! Providers and payers, all of them at once.

use std::sync::Arc;

use jiff::tz::TimeZone;

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

    /// The zone of days that nobody gave another, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn clinic_zone(&self, _actor: &Actor) -> Result<TimeZone, Refusal> {
        Ok(self.roster.clinic_zone(self.roster.directory().await?.as_ref()))
    }
}
