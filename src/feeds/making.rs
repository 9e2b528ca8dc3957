//! Making and revoking feeds.

use super::listing::knows;
use super::owner::{Reach, owner_of, reach};
use super::{CreateCalendarFeed, FeedOutcome, FeedSecret, Feeds, RevokeCalendarFeed};
use crate::access::{Actor, Forbidden, Permission};
use crate::audit::{Act, Audited, Touched};
use crate::db::idempotency::Made;
use crate::db::{Tx, calendar_feeds, look_again};
use crate::domain::{CalendarFeed, CalendarFeedId, PatientName as Name};
use crate::request::{Refusal, Resource};
use crate::retry::Retry;

impl Feeds {
    /// Makes a feed for `actor`, who alone is told its secret. It shows what they may see, as long as they may.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`], also for patients who are not theirs to see; [`Refusal::NotFound`] of a provider;
    /// [`Refusal::Store`] when the database fails.
    pub async fn create(
        &self,
        actor: &Actor,
        command: &CreateCalendarFeed,
    ) -> Result<FeedOutcome, Refusal> {
        let act = &Act::of(actor, "createCalendarFeed");
        let fingerprint = command.fingerprint();
        let key = command.idempotency_key.as_ref();
        let retry = Retry { actor, key, fingerprint: &fingerprint };
        let attempt = async {
            actor.require(Permission::ManageFeeds)?;
            let request = async {
                let feed = &self.made(actor, command).await?;
                let secret = FeedSecret::generate();
                let hash = secret.hash();
                let work = |tx: Tx| async move {
                    retry.claim(&tx, Made::CalendarFeed(feed.id), self.now()).await?;
                    calendar_feeds::insert(&tx, feed, &hash).await?;
                    let fields = vec!["provider", "name", "withPatients"];
                    Ok(Audited::Commit(feed.clone(), Touched::object(&feed.id, fields)))
                };
                let shown = self.shown(self.committed(act, work).await?).await?;
                Ok(FeedOutcome { shown, secret: Some(secret), replayed: false })
            };
            retry.once(self.db(), request, |made| self.again(made)).await
        };
        self.parts.trail.attempt(act, Box::pin(attempt)).await
    }

    /// The feed that is asked for, if it is the actor's to have: by what they may do now, and by what its owner will be
    /// held to be whenever it is read.
    async fn made(
        &self,
        actor: &Actor,
        command: &CreateCalendarFeed,
    ) -> Result<CalendarFeed, Refusal> {
        let CreateCalendarFeed { provider_id, with_patients, .. } = *command;
        let directory = self.parts.roster.directory().await?;
        directory.provider(provider_id).ok_or(Refusal::NotFound(Resource::Provider))?;
        let owner = owner_of(actor)?;
        let kept = self.owner(owner).await?.actor.ok_or(Forbidden)?;
        for actor in [actor, &kept] {
            if reach(actor, provider_id)? == Reach::Visits && with_patients {
                return Err(Forbidden.into());
            }
        }
        Ok(CalendarFeed {
            id: CalendarFeedId::generate(self.parts.clock.now()),
            provider_id,
            name: command.name.as_ref().map(Name::as_str).map(str::to_owned),
            with_patients,
            owner,
            created_at: self.now(),
            revoked_at: None,
            last_read_at: None,
        })
    }

    /// Has a feed open nothing any more, for `actor`. One that is revoked is answered as it stands.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`], also for one that the caller may not know of;
    /// [`Refusal::Store`] when the database fails.
    pub async fn revoke(
        &self,
        actor: &Actor,
        command: &RevokeCalendarFeed,
    ) -> Result<FeedOutcome, Refusal> {
        let act = &Act::on_object(actor, "revokeCalendarFeed", &command.id);
        let fingerprint = command.fingerprint();
        let key = command.idempotency_key.as_ref();
        let retry = Retry { actor, key, fingerprint: &fingerprint };
        let attempt = async {
            actor.require(Permission::ManageFeeds)?;
            let request = async {
                let now = self.now();
                let work = |tx: Tx| async move {
                    let before = calendar_feeds::find(&tx, command.id).await?;
                    let before = before.ok_or(Refusal::NotFound(Resource::CalendarFeed))?;
                    if !knows(actor, &before)? {
                        return Err(Refusal::NotFound(Resource::CalendarFeed));
                    }
                    if !calendar_feeds::revoke(&tx, command.id, now).await? {
                        return Ok(Audited::RollBack(before));
                    }
                    retry.claim(&tx, Made::CalendarFeed(before.id), now).await?;
                    let touched = Touched::object(&before.id, vec!["revokedAt"]);
                    Ok(Audited::Commit(CalendarFeed { revoked_at: Some(now), ..before }, touched))
                };
                let shown = self.shown(self.committed(act, work).await?).await?;
                Ok(FeedOutcome { shown, secret: None, replayed: false })
            };
            retry.once(self.db(), request, |made| self.again(made)).await
        };
        self.parts.trail.attempt(act, Box::pin(attempt)).await
    }

    async fn committed<Fut>(
        &self,
        act: &Act,
        work: impl Fn(Tx) -> Fut,
    ) -> Result<CalendarFeed, Refusal>
    where
        Fut: Future<Output = Result<Audited<CalendarFeed>, Refusal>>,
    {
        let proof = |after: CalendarFeed| async move {
            let stored = look_again(|| calendar_feeds::find(self.db().read(), after.id)).await;
            let stored = stored.ok().map(|stored| {
                stored
                    .is_some_and(|stored| stored.revoked_at.is_some() >= after.revoked_at.is_some())
            });
            (after, stored)
        };
        self.parts.trail.transaction("calendar_feed_change", act, work, proof).await
    }
}
