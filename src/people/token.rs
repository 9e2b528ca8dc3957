//! Making and revoking the tokens of machines.

use super::command::{CreateToken, RevokeToken};
use super::{People, Secret, SecretKind, TokenOutcome};
use crate::access::{Actor, Permission, Token};
use crate::audit::{Act, Audited, Touched};
use crate::db::idempotency::Made;
use crate::db::{Tx, look_again, tokens};
use crate::domain::TokenId;
use crate::request::{Refusal, Resource};

impl People {
    /// Makes a token for `actor`, who alone is told its secret. As many as one likes are live at once,
    /// also of one name: a machine goes over from the old to the new one without a gap.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Invalid`] for one that has expired; [`Refusal::NotFound`] of
    /// a provider; [`Refusal::Store`] when the database fails.
    pub async fn create_token(
        &self,
        actor: &Actor,
        command: &CreateToken,
    ) -> Result<TokenOutcome, Refusal> {
        let act = &Act::of(actor, "createToken");
        let attempt = async {
            actor.require(Permission::ManageAccess)?;
            let request = async {
                let now = self.now();
                command.check_expiry(now)?;
                self.check_provider(command.provider_id).await?;
                let secret = Secret::generate(SecretKind::Token);
                let token = Token {
                    id: TokenId::generate(self.clock.now()),
                    name: command.name.as_str().to_owned(),
                    role: command.role,
                    provider_id: command.provider_id,
                    created_at: now,
                    expires_at: command.expires_at,
                    revoked_at: None,
                    last_used_at: None,
                };
                let (token, hash) = (&token, secret.hash());
                let work = |tx: Tx| async move {
                    let made = (command.fingerprint(), Made::Token(token.id));
                    self.claim(&tx, actor, command.idempotency_key.as_ref(), made).await?;
                    tokens::insert(&tx, token, &hash).await?;
                    let fields = vec!["name", "role", "provider", "expiresAt"];
                    Ok(Audited::Commit(token.clone(), Touched::object(&token.id, fields)))
                };
                let token = self.committed_token(act, work).await?;
                Ok(TokenOutcome { token, secret: Some(secret), replayed: false })
            };
            let key = command.idempotency_key.as_ref();
            self.once(actor, key, &command.fingerprint(), request).await
        };
        self.trail.attempt(act, Box::pin(attempt)).await
    }

    /// Has a token open nothing any more, for `actor`. One that is revoked is answered as it stands.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`]; [`Refusal::Store`] when the database fails.
    pub async fn revoke_token(
        &self,
        actor: &Actor,
        command: &RevokeToken,
    ) -> Result<TokenOutcome, Refusal> {
        let act = &Act::on_object(actor, "revokeToken", &command.id);
        let attempt = async {
            actor.require(Permission::ManageAccess)?;
            let request = async {
                let now = self.now();
                let work = |tx: Tx| async move {
                    let revoked = tokens::revoke(&tx, command.id, now).await?;
                    let token = tokens::find(&tx, command.id).await?;
                    let token = token.ok_or(Refusal::NotFound(Resource::Token))?;
                    if !revoked {
                        return Ok(Audited::RollBack(token));
                    }
                    let made = (command.fingerprint(), Made::Token(token.id));
                    self.claim(&tx, actor, command.idempotency_key.as_ref(), made).await?;
                    let touched = Touched::object(&token.id, vec!["revokedAt"]);
                    Ok(Audited::Commit(token, touched))
                };
                let token = self.committed_token(act, work).await?;
                Ok(TokenOutcome { token, secret: None, replayed: false })
            };
            let key = command.idempotency_key.as_ref();
            self.once(actor, key, &command.fingerprint(), request).await
        };
        self.trail.attempt(act, Box::pin(attempt)).await
    }

    async fn committed_token<Fut>(
        &self,
        act: &Act,
        work: impl Fn(Tx) -> Fut,
    ) -> Result<Token, Refusal>
    where
        Fut: Future<Output = Result<Audited<Token>, Refusal>>,
    {
        let proof = |after: Token| async move {
            let stored = look_again(|| tokens::find(self.db.read(), after.id)).await;
            let stored = stored.ok().map(|stored| {
                stored
                    .is_some_and(|stored| stored.revoked_at.is_some() >= after.revoked_at.is_some())
            });
            (after, stored)
        };
        self.trail.transaction("token_change", act, work, proof).await
    }
}
