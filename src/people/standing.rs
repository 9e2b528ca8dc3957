//! Whether somebody who was let in some time ago still may be here: asked before each thing that a
//! live connection tells, and each second while it tells nothing.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::versions::Look;
use super::{Admission, Credential, People};
use crate::access::Actor;
use crate::db::StoreError;

/// How often it is looked for live connections whose callers have lost their rights.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often what has ended is forgotten.
const FORGET_EVERY: Duration = Duration::from_mins(10);
/// Until a database that has failed is asked again.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Somebody who was let in, and what they were then. A clone is asked by itself.
#[derive(Clone)]
pub struct Standing(Option<Watched>);

#[derive(Clone)]
struct Watched {
    people: Arc<People>,
    actor: Actor,
    credential: Credential,
    /// The number of the database when it was last looked; none before.
    version: Option<i64>,
    /// Until when the credential counts, unless somebody changes it.
    until: Timestamp,
    looks: watch::Receiver<Look>,
}

impl Standing {
    /// That of somebody who was just let in.
    pub fn of(people: &Arc<People>, admission: &Admission) -> Self {
        let Admission { actor, credential } = admission.clone();
        if credential == Credential::Settings {
            return Self(None);
        }
        Self(Some(Watched {
            people: Arc::clone(people),
            actor,
            credential,
            version: None,
            until: Timestamp::MIN,
            looks: people.versions.looks(),
        }))
    }

    /// Whether they still are what they were let in as. Nothing is told before that is known: a
    /// database that fails is asked again until it answers.
    pub async fn holds(&mut self) -> bool {
        self.holds_since(Instant::now()).await
    }

    /// The same, for something that was read after that moment: who had lost the right before is told
    /// nothing of it. One look serves all who are told of it at about the same time.
    pub async fn holds_since(&mut self, moment: Instant) -> bool {
        match &mut self.0 {
            Some(watched) => watched.holds_since(moment).await,
            None => true,
        }
    }

    /// Resolves when they are it no more.
    pub async fn ended(self) {
        match self.0 {
            Some(watched) => watched.ended().await,
            None => std::future::pending().await,
        }
    }
}

impl Watched {
    async fn holds_since(&mut self, moment: Instant) -> bool {
        loop {
            match self.looks_again(moment).await {
                Ok(holds) => return holds,
                Err(error) => {
                    tracing::warn!(%error, "Whether a caller still may be here is not known; asking again");
                    tokio::time::sleep(TRY_AGAIN_AFTER).await;
                }
            }
        }
    }

    async fn looks_again(&mut self, moment: Instant) -> Result<bool, StoreError> {
        let version = self.people.versions.read_since(&self.people.db, moment).await?;
        if self.is_as_it_was(version, self.people.now()) {
            return Ok(true);
        }
        match self.people.stands(self.credential).await? {
            Some((now, until))
                if (now.role, now.provider_id) == (self.actor.role, self.actor.provider_id) =>
            {
                (self.version, self.until) = (Some(version), until);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn is_as_it_was(&self, version: i64, now: Timestamp) -> bool {
        self.version == Some(version) && now < self.until
    }

    async fn ended(mut self) {
        loop {
            let look = *self.looks.borrow_and_update();
            let changed = look.version.is_some_and(|version| !self.is_as_it_was(version, look.at));
            if changed && !self.holds_since(Instant::now()).await {
                return;
            }
            if self.looks.changed().await.is_err() {
                // Nobody looks any more: the server stops, and says so itself.
                return std::future::pending().await;
            }
        }
    }
}

/// Looks each second whether somebody's rights have changed, on behalf of all live connections, until
/// told to stop; and forgets what has ended.
pub async fn watch_access(people: Arc<People>, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut forget_at = Instant::now() + FORGET_EVERY;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if people.versions.is_anybody_here() {
            match people.versions.newest(&people.db).await {
                Ok(version) => {
                    people.versions.found(Look { version: Some(version), at: people.now() });
                }
                // Whoever is to be told something asks by themselves; how the database is, others tell.
                Err(error) => tracing::debug!(%error, "Could not look whether rights have changed"),
            }
        }
        if forget_at <= Instant::now() {
            forget_at = Instant::now() + FORGET_EVERY;
            if let Err(error) = people.forget_old().await {
                tracing::warn!(%error, "Sessions that have ended could not be forgotten");
            }
        }
    }
}
