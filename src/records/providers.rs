//! Providers and payers, all of them at once.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::Records;
use crate::access::{Actor, Permission};
use crate::domain::Directory;
use crate::request::Refusal;

impl Records {
    /// The provider directory as it is stored now, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn directory(&self, actor: &Actor) -> Result<Arc<Directory>, Refusal> {
        actor.require(Permission::ReadSchedule)?;
        Ok(self.roster.directory().await?)
    }

    /// The zone of days that nobody gave another, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn clinic_zone(&self, actor: &Actor) -> Result<TimeZone, Refusal> {
        Ok(self.roster.clinic_zone(self.directory(actor).await?.as_ref()))
    }
}
