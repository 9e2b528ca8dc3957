//! Which feeds there are, for whoever may know: all, those of a clinician's own visits, or the caller's own.

use super::Feeds;
use super::owner::{Owner, Reach, owner_of};
use crate::access::{Actor, Grant, Permission};
use crate::db::calendar_feeds::{self, FeedFilter};
use crate::domain::CalendarFeed;
use crate::request::Refusal;

/// A feed, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedShown {
    /// The feed.
    pub feed: CalendarFeed,
    /// What its owner is called, where they are a person or a token.
    pub owner_name: Option<String>,
    /// Whether it opens anything now.
    pub is_active: bool,
    /// Whether it tells who the patients are now.
    pub tells_patients: bool,
}

impl FeedShown {
    fn of(feed: CalendarFeed, owner: &Owner) -> Self {
        let reach = owner.reach(&feed);
        Self {
            owner_name: owner.name.clone(),
            is_active: reach.is_some(),
            tells_patients: feed.with_patients && reach == Some(Reach::Patients),
            feed,
        }
    }
}

impl Feeds {
    /// The feeds that there are for `actor`, also those that open nothing any more, the newest first.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn list(&self, actor: &Actor) -> Result<Vec<FeedShown>, Refusal> {
        let feeds = calendar_feeds::all(self.db().read(), known_to(actor)?).await?;
        let owners = self.owners(&feeds).await?;
        let shown = feeds.into_iter().map(|feed| {
            let owner = owners.get(&feed.owner);
            FeedShown::of(feed, owner.unwrap_or(&Owner::NOBODY))
        });
        Ok(shown.collect())
    }

    /// A feed, and how it stands.
    pub(super) async fn shown(&self, feed: CalendarFeed) -> Result<FeedShown, Refusal> {
        let owner = self.owner(feed.owner).await?;
        Ok(FeedShown::of(feed, &owner))
    }
}

/// Which feeds the actor may know of, and revoke.
pub(super) fn known_to(actor: &Actor) -> Result<FeedFilter, Refusal> {
    Ok(match actor.require(Permission::ManageFeeds)? {
        Grant::Own(provider) => FeedFilter::Of(provider),
        Grant::WithoutPatients => FeedFilter::Owned(owner_of(actor)?),
        Grant::All | Grant::No => FeedFilter::All,
    })
}

/// Whether the actor may know of that one.
pub(super) fn knows(actor: &Actor, feed: &CalendarFeed) -> Result<bool, Refusal> {
    Ok(match known_to(actor)? {
        FeedFilter::All => true,
        FeedFilter::Of(provider) => feed.provider_id == provider,
        FeedFilter::Owned(owner) => feed.owner == owner,
    })
}
