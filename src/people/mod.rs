//! Who may come in: people and the tokens of machines, how they come in, and for how long.

mod admission;
mod changed;
pub mod command;
mod hashing;
mod password;
mod provider;
mod repeat;
mod secret;
mod sign_in;
mod standing;
mod strangers;
mod token;
mod versions;
mod visitor;
mod write;

pub use admission::{Admission, Credential};
pub use command::{
    CreatePerson, CreateToken, DisablePerson, InvitePerson, RevokeToken, UpdatePerson,
};
pub use password::Password;
pub use repeat::{PersonOutcome, TokenOutcome};
pub use secret::{Secret, SecretKind};
pub use sign_in::SignedIn;
pub use standing::{Standing, watch_access};
pub use visitor::Visitor;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use self::hashing::Hashing;
use self::strangers::Strangers;
use self::versions::AccessVersions;
use crate::access::{Actor, Permission, Person, Token};
use crate::audit::Trail;
use crate::db::{Db, StoreError, people, tokens};
use crate::domain::{Clock, PersonId, ProviderId, TokenId};
use crate::request::{Refusal, Resource};
use crate::roster::Roster;

/// How long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionRules {
    /// Without an act of the person.
    pub idle: SignedDuration,
    /// At the latest.
    pub at_most: SignedDuration,
}

impl Default for SessionRules {
    fn default() -> Self {
        Self { idle: SignedDuration::from_mins(30), at_most: SignedDuration::from_hours(12) }
    }
}

/// Who may come in.
pub struct People {
    db: Db,
    clock: Arc<dyn Clock>,
    roster: Arc<Roster>,
    rules: SessionRules,
    trail: Arc<Trail>,
    hashing: Hashing,
    versions: AccessVersions,
    strangers: Strangers,
}

impl People {
    /// The people and tokens of a database.
    pub fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        roster: Arc<Roster>,
        rules: SessionRules,
        trail: Arc<Trail>,
    ) -> Self {
        let versions = AccessVersions::new(clock.now());
        let (hashing, strangers) = (Hashing::default(), Strangers::default());
        Self { db, clock, roster, rules, trail, hashing, versions, strangers }
    }

    /// The present moment in whole seconds, as it is stored.
    fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }

    /// The clinic's staff, also who is disabled, by name.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn people(&self, actor: &Actor) -> Result<Vec<Person>, Refusal> {
        actor.require(Permission::ManageAccess)?;
        Ok(people::all(self.db.read()).await?)
    }

    /// One of the staff; nobody for a caller who may not know of them.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn person(&self, actor: &Actor, id: PersonId) -> Result<Option<Person>, Refusal> {
        if actor.require(Permission::ManageAccess).is_err() {
            return Ok(None);
        }
        Ok(people::find(self.db.read(), id).await?)
    }

    /// The tokens of machines, also those that open nothing any more, the newest first.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn tokens(&self, actor: &Actor) -> Result<Vec<Token>, Refusal> {
        actor.require(Permission::ManageAccess)?;
        Ok(tokens::all(self.db.read()).await?)
    }

    /// One token; none for a caller who may not know of it.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn token(&self, actor: &Actor, id: TokenId) -> Result<Option<Token>, Refusal> {
        if actor.require(Permission::ManageAccess).is_err() {
            return Ok(None);
        }
        Ok(tokens::find(self.db.read(), id).await?)
    }

    /// Whether there is anybody, or any token, to come in by.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn is_anybody(&self) -> Result<bool, StoreError> {
        let db = self.db.read();
        Ok(people::is_anybody(db).await? || tokens::is_any_live(db, self.now()).await?)
    }

    /// Whether the clinic has such a provider.
    async fn check_provider(&self, id: Option<ProviderId>) -> Result<(), Refusal> {
        let Some(id) = id else { return Ok(()) };
        let directory = self.roster.directory().await?;
        directory.provider(id).map(|_| ()).ok_or(Refusal::NotFound(Resource::Provider))
    }
}
