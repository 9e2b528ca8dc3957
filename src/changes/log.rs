//! Reading the log.

use super::Changes;
use crate::access::{Actor, Grant, Permission};
use crate::db::{Ending, StoreError, events};
use crate::domain::{AppointmentEvent, EventFilter, EventPosition, Page};
use crate::request::Refusal;

impl Changes {
    /// One page of the log, for `actor`: of visits that they may see. All that was committed before is in it.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn events(
        &self,
        actor: &Actor,
        filter: &EventFilter,
        page: Page<EventPosition>,
    ) -> Result<Vec<AppointmentEvent>, Refusal> {
        let grant = actor.require(Permission::ReadAppointments)?;
        let Some(filter) = narrowed(grant, *filter) else { return Ok(Vec::new()) };
        self.put_in_order().await?;
        Ok(events::page(self.db.read(), &filter, page).await?)
    }

    /// How many events there are, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn count_events(&self, actor: &Actor, filter: &EventFilter) -> Result<u64, Refusal> {
        let grant = actor.require(Permission::ReadAppointments)?;
        let Some(filter) = narrowed(grant, *filter) else { return Ok(0) };
        Ok(events::count(self.db.read(), &filter).await?)
    }

    /// Where the log ends, for `actor`; all that was committed before is in it.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn end_of_events(&self, actor: &Actor) -> Result<EventPosition, Refusal> {
        actor.require(Permission::ReadAppointments)?;
        Ok(self.end().await?)
    }

    pub(super) async fn end(&self) -> Result<EventPosition, StoreError> {
        self.put_in_order().await?;
        events::last(self.db.read()).await
    }

    async fn put_in_order(&self) -> Result<(), StoreError> {
        let give_positions =
            |tx| async move { events::give_positions(&tx).await.map(Ending::Commit) };
        // Once is enough for all that was committed before, however much is written meanwhile.
        if events::any_without_position(&self.db).await? {
            while self.db.transaction("event_positions", give_positions).await? {}
        }
        Ok(())
    }
}

/// The filter for what the caller may see of it; none where they ask for somebody else's alone.
pub(super) fn narrowed(grant: Grant, filter: EventFilter) -> Option<EventFilter> {
    match (grant.only_with(), filter.provider_id) {
        (Some(own), Some(asked)) if own != asked => None,
        (Some(own), _) => {
            let own = Some(own);
            Some(EventFilter { provider_id: own, only_for: own, ..filter })
        }
        (None, _) => Some(filter),
    }
}
