//! What happens to the roster: reading its log, and following it.

use crate::access::{Actor, Permission};
use crate::db::{Db, StoreError, roster_events};
use crate::domain::{EventPosition, Page, RosterEvent};
use crate::request::Refusal;
use crate::tail::{Log, Read, Tail, TailFollower, TailItem};

/// The log of the roster.
pub struct RosterLog {
    db: Db,
}

/// The log of the roster, as it is followed.
pub type RosterNews = Tail<RosterLog>;
/// Something that happened to the roster, as it was read.
pub type RosterNewsItem = TailItem<RosterEvent>;
/// Somebody who follows what happens to the roster.
pub type RosterFollower = TailFollower<RosterLog>;

impl Log for RosterLog {
    type Event = RosterEvent;
    type Filter = ();

    async fn last(&self) -> Result<EventPosition, StoreError> {
        roster_events::last(self.db.read()).await
    }

    async fn read(
        &self,
        actor: &Actor,
        _all: &(),
        page: Page<EventPosition>,
    ) -> Result<Vec<Read<RosterEvent>>, Refusal> {
        actor.require(Permission::ReadSchedule)?;
        let found = roster_events::page(self.db.read(), page).await?;
        let read = |event: RosterEvent| Read { position: event.position, event: Some(event) };
        Ok(found.into_iter().map(read).collect())
    }
}

impl RosterNews {
    /// The log of a database.
    pub fn new(db: Db) -> Self {
        Self::of(RosterLog { db })
    }

    /// One page of the log, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn events(
        &self,
        actor: &Actor,
        page: Page<EventPosition>,
    ) -> Result<Vec<RosterEvent>, Refusal> {
        actor.require(Permission::ReadSchedule)?;
        Ok(roster_events::page(self.log().db.read(), page).await?)
    }

    /// How many events there are, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn count_events(&self, actor: &Actor) -> Result<u64, Refusal> {
        actor.require(Permission::ReadSchedule)?;
        Ok(roster_events::count(self.log().db.read()).await?)
    }

    /// Where the log ends, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn end_of_events(&self, actor: &Actor) -> Result<EventPosition, Refusal> {
        actor.require(Permission::ReadSchedule)?;
        Ok(roster_events::last(self.log().db.read()).await?)
    }
}
