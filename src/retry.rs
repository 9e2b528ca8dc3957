//! Safe retry: a request that comes again with its key is answered by how what it made stands now. Bookings and what
//! becomes of visits have more to say of it ([`crate::booking`]): they may wait for the first, and remember refusals.

use jiff::Timestamp;

use crate::access::Actor;
use crate::db::idempotency::{self, Claim, Made};
use crate::db::{Connection, Db};
use crate::request::{IdempotencyKey, Refusal};

/// A request as it is told from others: who asks, under which key, and for what.
#[derive(Clone, Copy)]
pub struct Retry<'a> {
    /// Whose key it is.
    pub actor: &'a Actor,
    /// Without one each request is a new one.
    pub key: Option<&'a IdempotencyKey>,
    /// Of the request as it came.
    pub fingerprint: &'a str,
}

impl Retry<'_> {
    /// Carries out `request`, unless one with the same key was: then answers by `again`, to which it is told what
    /// that has made.
    ///
    /// # Errors
    ///
    /// [`Refusal::KeyReused`] when the key came with another request; those of `request` and of `again`.
    pub async fn once<T, Again>(
        self,
        db: &Db,
        request: impl Future<Output = Result<T, Refusal>>,
        again: impl Fn(Made) -> Again,
    ) -> Result<T, Refusal>
    where
        Again: Future<Output = Result<T, Refusal>>,
    {
        let Some(key) = self.key else { return request.await };
        if let Some(made) = self.made(db, key).await? {
            return again(made).await;
        }
        match request.await {
            // It may have been beaten by its own twin.
            Err(error) => match self.made(db, key).await? {
                Some(made) => again(made).await,
                None => Err(error),
            },
            done => done,
        }
    }

    async fn made(self, db: &Db, key: &IdempotencyKey) -> Result<Option<Made>, Refusal> {
        let claim = idempotency::find(db.read(), &self.actor.scope(), key.as_str()).await?;
        match claim {
            Some(claim) if claim.request_hash != self.fingerprint => Err(Refusal::KeyReused),
            claim => Ok(claim.map(|claim| claim.made)),
        }
    }

    /// Claims the key, if there is one, in the transaction that commits the effect.
    ///
    /// # Errors
    ///
    /// [`Refusal::KeyInUse`] when a request with the same key has committed or is about to.
    pub async fn claim(
        self,
        tx: &impl Connection,
        made: Made,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let Some(key) = self.key else { return Ok(()) };
        let claim = Claim { request_hash: self.fingerprint.to_owned(), made, refusal: None };
        match idempotency::claim(tx, &self.actor.scope(), key.as_str(), &claim, now).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Refusal::KeyInUse),
            Err(error) if error.is_lock_timeout() => Err(Refusal::KeyInUse),
            Err(error) => Err(error.into()),
        }
    }
}
