//! Reading the log.

use super::Changes;
use crate::access::Actor;
use crate::db::{Ending, StoreError, events};
use crate::domain::{AppointmentEvent, EventFilter, EventPosition, Page};
use crate::request::Refusal;

impl Changes {
    /// One page of the log, for `actor`; all that was committed before is in it.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn events(
        &self,
        _actor: &Actor,
        filter: &EventFilter,
        page: Page<EventPosition>,
    ) -> Result<Vec<AppointmentEvent>, Refusal> {
        self.put_in_order().await?;
        Ok(events::page(self.db.read(), filter, page).await?)
    }

    /// How many events there are, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn count_events(&self, _actor: &Actor, filter: &EventFilter) -> Result<u64, Refusal> {
        Ok(events::count(self.db.read(), filter).await?)
    }

    /// Where the log ends, for `actor`; all that was committed before is in it.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn end_of_events(&self, _actor: &Actor) -> Result<EventPosition, Refusal> {
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
