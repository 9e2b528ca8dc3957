//! Safe retry: a request that comes again with its key is answered by how its feed stands now, and is never told the
//! secret again.

use super::{FeedSecret, FeedShown, Feeds};
use crate::audit::Attempted;
use crate::db::calendar_feeds;
use crate::db::idempotency::Made;
use crate::request::{Refusal, Resource};

/// What a change of a feed answers.
#[derive(Clone)]
pub struct FeedOutcome {
    /// The feed as it now is.
    pub shown: FeedShown,
    /// Its secret, to whoever had it made.
    pub secret: Option<FeedSecret>,
    /// Whether this repeats the answer to an earlier request with the same key.
    pub replayed: bool,
}

impl Attempted for FeedOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Feeds {
    /// How the feed that an earlier request made or revoked stands now.
    pub(super) async fn again(&self, made: Made) -> Result<FeedOutcome, Refusal> {
        let Made::CalendarFeed(id) = made else { return Err(Refusal::KeyReused) };
        let feed = calendar_feeds::find(self.db().read(), id).await?;
        let feed = feed.ok_or(Refusal::NotFound(Resource::CalendarFeed))?;
        Ok(FeedOutcome { shown: self.shown(feed).await?, secret: None, replayed: true })
    }
}
