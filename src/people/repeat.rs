//! Safe retry: a request that comes again with its key is answered by how it stands now, and is never
//! told a secret again.

use super::{People, Secret};
use crate::access::{Actor, Person, Token};
use crate::audit::Attempted;
use crate::db::idempotency::{self, Claim, Made};
use crate::db::{Connection, people, tokens};
use crate::request::{IdempotencyKey, Refusal, Resource};

/// What a change of one of the staff answers.
#[derive(Clone)]
pub struct PersonOutcome {
    /// The person as they now are.
    pub person: Person,
    /// Their new invitation, to whoever asked for it first.
    pub invitation: Option<Secret>,
    /// Whether this repeats the answer to an earlier request with the same key.
    pub replayed: bool,
}

/// What a change of a token answers.
#[derive(Clone)]
pub struct TokenOutcome {
    /// The token as it now is.
    pub token: Token,
    /// Its secret, to whoever had it made.
    pub secret: Option<Secret>,
    /// Whether this repeats the answer to an earlier request with the same key.
    pub replayed: bool,
}

impl Attempted for PersonOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Attempted for TokenOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

/// What a request answers that may come again.
pub(super) trait Repeated: Sized + Send {
    /// How what an earlier request made stands now.
    fn again(people: &People, made: Made) -> impl Future<Output = Result<Self, Refusal>> + Send;
}

impl Repeated for PersonOutcome {
    async fn again(of: &People, made: Made) -> Result<Self, Refusal> {
        let Made::Person(id) = made else { return Err(Refusal::KeyReused) };
        let person = people::find(of.db.read(), id).await?;
        let person = person.ok_or(Refusal::NotFound(Resource::Person))?;
        Ok(Self { person, invitation: None, replayed: true })
    }
}

impl Repeated for TokenOutcome {
    async fn again(of: &People, made: Made) -> Result<Self, Refusal> {
        let Made::Token(id) = made else { return Err(Refusal::KeyReused) };
        let token = tokens::find(of.db.read(), id).await?;
        let token = token.ok_or(Refusal::NotFound(Resource::Token))?;
        Ok(Self { token, secret: None, replayed: true })
    }
}

impl People {
    /// Carries out `request`, unless one with the same key was.
    pub(super) async fn once<T: Repeated, Fut>(
        &self,
        actor: &Actor,
        key: Option<&IdempotencyKey>,
        fingerprint: &str,
        request: Fut,
    ) -> Result<T, Refusal>
    where
        Fut: Future<Output = Result<T, Refusal>> + Send,
    {
        let Some(key) = key else { return request.await };
        if let Some(replayed) = self.replay(actor, key, fingerprint).await? {
            return Ok(replayed);
        }
        match request.await {
            // It may have been beaten by its own twin.
            Err(error) => Ok(self.replay(actor, key, fingerprint).await?.ok_or(error)?),
            done => done,
        }
    }

    async fn replay<T: Repeated>(
        &self,
        actor: &Actor,
        key: &IdempotencyKey,
        fingerprint: &str,
    ) -> Result<Option<T>, Refusal> {
        let claim = idempotency::find(self.db.read(), &actor.scope(), key.as_str()).await?;
        let Some(claim) = claim else { return Ok(None) };
        if claim.request_hash != fingerprint {
            return Err(Refusal::KeyReused);
        }
        T::again(self, claim.made).await.map(Some)
    }

    /// Claims the key of a request, if it has one, in the transaction that commits its effect.
    pub(super) async fn claim(
        &self,
        tx: &impl Connection,
        actor: &Actor,
        key: Option<&IdempotencyKey>,
        (request_hash, made): (String, Made),
    ) -> Result<(), Refusal> {
        let Some(key) = key else { return Ok(()) };
        let claim = Claim { request_hash, made, refusal: None };
        match idempotency::claim(tx, &actor.scope(), key.as_str(), &claim, self.now()).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Refusal::KeyInUse),
            Err(error) if error.is_lock_timeout() => Err(Refusal::KeyInUse),
            Err(error) => Err(error.into()),
        }
    }
}
