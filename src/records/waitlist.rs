//! Who waits for a time, for whoever may see it: a clinician those who wait for themselves.

use super::Records;
use crate::access::{Actor, Permission};
use crate::db::{Db, StoreError, waitlist};
use crate::domain::waitlist::WaitlistFilter;
use crate::domain::{EventPosition, Page, ProviderId, WaitlistEntry, WaitlistEntryId};
use crate::request::{Refusal, Resource};
use crate::tail::{Log, Read, Tail, TailFollower, TailItem};

impl Records {
    /// One page of the waitlist in the order of joining, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`], also for those of a patient where the caller may see no patients;
    /// [`Refusal::Store`] when the database fails.
    pub async fn waitlist(
        &self,
        actor: &Actor,
        filter: &WaitlistFilter,
        page: Page<EventPosition>,
    ) -> Result<Vec<WaitlistEntry>, Refusal> {
        match self.narrowed(actor, filter).await? {
            Some(filter) => Ok(waitlist::page(self.db.read(), &filter, page).await?),
            None => Ok(Vec::new()),
        }
    }

    /// How many there are on the waitlist, for `actor`.
    ///
    /// # Errors
    ///
    /// As [`Self::waitlist`].
    pub async fn count_waitlist(
        &self,
        actor: &Actor,
        filter: &WaitlistFilter,
    ) -> Result<u64, Refusal> {
        match self.narrowed(actor, filter).await? {
            Some(filter) => Ok(waitlist::count(self.db.read(), &filter).await?),
            None => Ok(0),
        }
    }

    /// The entry of that id, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`], also for one that the caller may not see;
    /// [`Refusal::Store`] when the database fails.
    pub async fn waitlist_entry(
        &self,
        actor: &Actor,
        id: WaitlistEntryId,
    ) -> Result<WaitlistEntry, Refusal> {
        let grant = actor.require(Permission::ReadAppointments)?;
        let found = waitlist::find(self.db.read(), id).await?;
        found
            .filter(|entry| is_own(entry, grant.only_with()))
            .ok_or(Refusal::NotFound(Resource::WaitlistEntry))
    }

    /// The filter for what the caller may see of it; none where that is nothing.
    async fn narrowed(
        &self,
        actor: &Actor,
        filter: &WaitlistFilter,
    ) -> Result<Option<WaitlistFilter>, Refusal> {
        let own = actor.require(Permission::ReadAppointments)?.only_with();
        if let Some(patient) = filter.patient_id
            && !self.may_ask_for(actor, &[patient]).await?
        {
            return Ok(None);
        }
        Ok(match (own, filter.provider_id) {
            (Some(own), Some(asked)) if own != asked => None,
            _ => Some(WaitlistFilter { provider_id: own.or(filter.provider_id), ..filter.clone() }),
        })
    }
}

fn is_own(entry: &WaitlistEntry, own: Option<ProviderId>) -> bool {
    own.is_none_or(|own| entry.provider_id == Some(own))
}

/// The changes of the waitlist.
pub struct WaitlistLog {
    db: Db,
}

/// The changes of the waitlist, as they are followed: of an entry that has changed again only the last is told.
pub type WaitlistNews = Tail<WaitlistLog>;
/// An entry that has changed, as it was read.
pub type WaitlistNewsItem = TailItem<WaitlistEntry>;
/// Somebody who follows the waitlist.
pub type WaitlistFollower = TailFollower<WaitlistLog>;

impl WaitlistNews {
    /// Those of a database.
    pub fn new(db: Db) -> Self {
        Self::of(WaitlistLog { db })
    }

    /// Where they end, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn end(&self, actor: &Actor) -> Result<EventPosition, Refusal> {
        actor.require(Permission::ReadAppointments)?;
        Ok(waitlist::last(self.log().db.read()).await?)
    }
}

impl Log for WaitlistLog {
    type Event = WaitlistEntry;
    /// Only those who wait for that provider.
    type Filter = Option<ProviderId>;

    async fn last(&self) -> Result<EventPosition, StoreError> {
        waitlist::last(self.db.read()).await
    }

    async fn read(
        &self,
        actor: &Actor,
        asked: &Option<ProviderId>,
        page: Page<EventPosition>,
    ) -> Result<Vec<Read<WaitlistEntry>>, Refusal> {
        let own = actor.require(Permission::ReadAppointments)?.only_with();
        let after = page.after.unwrap_or_default();
        let found = waitlist::changed_after(self.db.read(), after, page.limit).await?;
        let read = |entry: WaitlistEntry| {
            let position = entry.position;
            let is_theirs = is_own(&entry, own) && is_own(&entry, *asked);
            Read { position, event: is_theirs.then_some(entry) }
        };
        Ok(found.into_iter().map(read).collect())
    }
}
