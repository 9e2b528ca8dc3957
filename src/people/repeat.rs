//! Safe retry: a request that comes again with its key is answered by how it stands now, and is never
//! told a secret again.

use super::{People, Secret};
use crate::access::{Actor, Person, Token};
use crate::audit::Attempted;
use crate::db::idempotency::Made;
use crate::db::{Connection, people, tokens};
use crate::request::{IdempotencyKey, Refusal, Resource};
use crate::retry::Retry;

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
        let retry = Retry { actor, key, fingerprint };
        retry.once(&self.db, request, |made| T::again(self, made)).await
    }

    /// Claims the key of a request, if it has one, in the transaction that commits its effect.
    pub(super) async fn claim(
        &self,
        tx: &impl Connection,
        actor: &Actor,
        key: Option<&IdempotencyKey>,
        (request_hash, made): (String, Made),
    ) -> Result<(), Refusal> {
        let retry = Retry { actor, key, fingerprint: &request_hash };
        retry.claim(tx, made, self.now()).await
    }
}
