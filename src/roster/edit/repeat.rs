//! Safe retry: an edit that comes again with its key is answered by how things stand now.

use super::RosterEdits;
use crate::access::Actor;
use crate::db::Connection;
use crate::db::idempotency::Made;
use crate::request::{IdempotencyKey, Refusal};
use crate::retry::Retry;

impl RosterEdits {
    /// Carries out `request`, unless one with the same key was: then `again` says how what that made
    /// stands now.
    pub(super) async fn once<T, Fut, Again>(
        &self,
        actor: &Actor,
        key: Option<&IdempotencyKey>,
        fingerprint: &str,
        request: Fut,
        again: impl Fn(Made) -> Again,
    ) -> Result<T, Refusal>
    where
        Fut: Future<Output = Result<T, Refusal>>,
        Again: Future<Output = Result<T, Refusal>>,
    {
        Retry { actor, key, fingerprint }.once(&self.db, request, again).await
    }

    /// Claims the key of an edit, if it has one, in the transaction that commits its effect.
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
