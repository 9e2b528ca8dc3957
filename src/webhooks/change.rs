//! Making, changing and deleting endpoints.

use jiff::{SignedDuration, Timestamp};

use super::command::{
    CreateWebhookEndpoint, DeleteWebhookEndpoint, RotateWebhookSecret, UpdateWebhookEndpoint,
    wrong_url,
};
use super::repeat::retry;
use super::{EndpointOutcome, Webhooks, locked};
use crate::access::{Actor, Permission};
use crate::audit::{Act, Audited, Touched};
use crate::db::idempotency::Made;
use crate::db::{Tx, locks, look_again, webhooks};
use crate::domain::webhook::WebhookSecret;
use crate::domain::{WebhookEndpoint, WebhookEndpointId};
use crate::request::Refusal;

/// How many endpoints there may be: each is told by a task of its own.
const MOST: usize = 50;
/// How long the secret of before signs as well: a day.
const ROTATED_FOR: SignedDuration = SignedDuration::from_hours(24);

impl Webhooks {
    /// Tells another program, for `actor`, who alone is told its secret, what happens from now on.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Invalid`] for an address that won't do, and for one too many;
    /// [`Refusal::Store`] when the database fails.
    pub async fn create(
        &self,
        actor: &Actor,
        command: &CreateWebhookEndpoint,
    ) -> Result<EndpointOutcome, Refusal> {
        let act = &Act::of(actor, "createWebhookEndpoint");
        let fingerprint = command.fingerprint();
        let retry = retry(actor, command.idempotency_key.as_ref(), &fingerprint);
        let attempt = async {
            actor.require(Permission::ManageRoster)?;
            let request = async {
                let url = self.judged(&command.url).await?;
                let end = self.parts.changes.end_of_events(actor).await?;
                let secret = WebhookSecret::of(rand::random());
                let endpoint = WebhookEndpoint {
                    id: WebhookEndpointId::generate(self.parts.clock.now()),
                    version: 1,
                    url,
                    kinds: command.kinds.clone(),
                    active: true,
                    failing_since: None,
                    switched_off_at: None,
                    deleted_at: None,
                    created_at: self.now(),
                };
                let (endpoint, new) = (&endpoint, &secret);
                let work = |tx: Tx| async move {
                    locks::webhooks(&tx).await?;
                    if webhooks::all(&tx).await?.len() >= MOST {
                        let why = "there are 50 endpoints: delete one that is not needed";
                        return Err(Refusal::Invalid(vec![wrong_url(why)]));
                    }
                    self.claim(&tx, retry, Made::WebhookEndpoint(endpoint.id)).await?;
                    webhooks::insert(&tx, endpoint, new, end).await?;
                    let touched = Touched::object(&endpoint.id, vec!["url", "kinds"]);
                    Ok(Audited::Commit(endpoint.clone(), touched))
                };
                let endpoint = self.committed(act, work).await?;
                Ok(EndpointOutcome { endpoint, secret: Some(secret), replayed: false })
            };
            self.once(retry, request).await
        };
        self.parts.trail.attempt(act, Box::pin(attempt)).await
    }

    /// Changes where an endpoint is told, of what, or whether, for `actor`. One that is switched on is told what
    /// happens from then on.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Invalid`] for an address that won't do; [`Refusal::NotFound`];
    /// [`Refusal::VersionConflict`]; [`Refusal::Store`] when the database fails.
    pub async fn update(
        &self,
        actor: &Actor,
        command: &UpdateWebhookEndpoint,
    ) -> Result<EndpointOutcome, Refusal> {
        let act = &Act::on_object(actor, "updateWebhookEndpoint", &command.id);
        let fingerprint = command.fingerprint();
        let retry = retry(actor, command.idempotency_key.as_ref(), &fingerprint);
        let attempt = async {
            actor.require(Permission::ManageRoster)?;
            let request = async {
                let url = match &command.url {
                    Some(url) => Some(self.judged(url).await?),
                    None => None,
                };
                let (url, end) = (&url, self.parts.changes.end_of_events(actor).await?);
                let work = |tx: Tx| async move {
                    let before = locked(&tx, command.id).await?;
                    command.expected.check(before.version)?;
                    let after = changed(&before, url.as_ref(), command);
                    if after == before {
                        return Ok(Audited::RollBack(before));
                    }
                    self.claim(&tx, retry, Made::WebhookEndpoint(before.id)).await?;
                    let after = WebhookEndpoint { version: before.version + 1, ..after };
                    webhooks::change(&tx, &after).await?;
                    if after.active && !before.active {
                        webhooks::begin_after(&tx, after.id, end).await?;
                    }
                    let touched = Touched::object(&after.id, differing(&before, &after));
                    Ok(Audited::Commit(after, touched))
                };
                let endpoint = self.committed(act, work).await?;
                Ok(EndpointOutcome { endpoint, secret: None, replayed: false })
            };
            self.once(retry, request).await
        };
        self.parts.trail.attempt(act, Box::pin(attempt)).await
    }

    /// Tells an endpoint nothing any more, for `actor`, and forgets what it was told.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`]; [`Refusal::VersionConflict`]; [`Refusal::Store`] when the
    /// database fails.
    pub async fn delete(
        &self,
        actor: &Actor,
        command: &DeleteWebhookEndpoint,
    ) -> Result<EndpointOutcome, Refusal> {
        let act = &Act::on_object(actor, "deleteWebhookEndpoint", &command.id);
        let fingerprint = command.fingerprint();
        let retry = retry(actor, command.idempotency_key.as_ref(), &fingerprint);
        let attempt = async {
            actor.require(Permission::ManageRoster)?;
            let request = async {
                let now = self.now();
                let work = |tx: Tx| async move {
                    let before = locked(&tx, command.id).await?;
                    command.expected.check(before.version)?;
                    self.claim(&tx, retry, Made::WebhookEndpoint(before.id)).await?;
                    let after = WebhookEndpoint {
                        version: before.version + 1,
                        active: false,
                        deleted_at: Some(now),
                        ..before
                    };
                    // What it was told is forgotten bit by bit: there may be much of it.
                    webhooks::change(&tx, &after).await?;
                    let touched = Touched::object(&after.id, vec!["active"]);
                    Ok(Audited::Commit(after, touched))
                };
                let endpoint = self.committed(act, work).await?;
                Ok(EndpointOutcome { endpoint, secret: None, replayed: false })
            };
            self.once(retry, request).await
        };
        self.parts.trail.attempt(act, Box::pin(attempt)).await
    }

    /// Gives an endpoint another secret, for `actor`, who alone is told it. For a day messages are signed with the
    /// one of before as well.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`]; [`Refusal::VersionConflict`]; [`Refusal::Store`] when the
    /// database fails.
    pub async fn rotate(
        &self,
        actor: &Actor,
        command: &RotateWebhookSecret,
    ) -> Result<EndpointOutcome, Refusal> {
        let act = &Act::on_object(actor, "rotateWebhookSecret", &command.id);
        let fingerprint = command.fingerprint();
        let retry = retry(actor, command.idempotency_key.as_ref(), &fingerprint);
        let attempt = async {
            actor.require(Permission::ManageRoster)?;
            let request = async {
                let now = self.now();
                let until = now.saturating_add(ROTATED_FOR).unwrap_or(Timestamp::MAX);
                let secret = WebhookSecret::of(rand::random());
                let new = &secret;
                let work = |tx: Tx| async move {
                    let before = locked(&tx, command.id).await?;
                    command.expected.check(before.version)?;
                    self.claim(&tx, retry, Made::WebhookEndpoint(before.id)).await?;
                    let secrets = webhooks::secrets(&tx, before.id).await?;
                    let secrets =
                        secrets.ok_or_else(|| Refusal::bug("an endpoint has no secret"))?;
                    let secrets = secrets.rotated(new.clone(), now, until);
                    webhooks::set_secrets(&tx, before.id, &secrets).await?;
                    let after = WebhookEndpoint { version: before.version + 1, ..before };
                    webhooks::change(&tx, &after).await?;
                    let touched = Touched::object(&after.id, vec!["secret"]);
                    Ok(Audited::Commit(after, touched))
                };
                let endpoint = self.committed(act, work).await?;
                Ok(EndpointOutcome { endpoint, secret: Some(secret), replayed: false })
            };
            self.once(retry, request).await
        };
        self.parts.trail.attempt(act, Box::pin(attempt)).await
    }

    /// The address as it is kept, if it will do.
    async fn judged(&self, url: &str) -> Result<String, Refusal> {
        let wrong = |why| Refusal::Invalid(vec![wrong_url(why)]);
        let url = self.addresses.parse(url).map_err(wrong)?;
        let inside = "must lead to the Internet: its name leads to an address inside";
        self.addresses.look_up(&url).await.map_err(|_inside| wrong(inside))?;
        Ok(url.to_string())
    }

    /// Commits what `work` makes of an endpoint, and has it told what there is to tell.
    pub(super) async fn committed<Fut>(
        &self,
        act: &Act,
        work: impl Fn(Tx) -> Fut,
    ) -> Result<WebhookEndpoint, Refusal>
    where
        Fut: Future<Output = Result<Audited<WebhookEndpoint>, Refusal>>,
    {
        let proof = |after: WebhookEndpoint| async move {
            let stored = look_again(|| webhooks::find(self.db().read(), after.id)).await;
            let stored = match stored {
                Ok(Some(stored)) if stored.version > after.version => None,
                Ok(stored) => Some(stored.as_ref() == Some(&after)),
                Err(_unreachable) => None,
            };
            (after, stored)
        };
        let endpoint = self.parts.trail.transaction("webhook_change", act, work, proof).await?;
        self.wake.notify_one();
        Ok(endpoint)
    }
}

/// What `command` makes of an endpoint.
fn changed(
    before: &WebhookEndpoint,
    url: Option<&String>,
    command: &UpdateWebhookEndpoint,
) -> WebhookEndpoint {
    let active = command.active.unwrap_or(before.active);
    // Whoever switches it on, or has it told elsewhere, has mended it.
    let is_mended = (active && !before.active) || url.is_some_and(|url| *url != before.url);
    WebhookEndpoint {
        url: url.unwrap_or(&before.url).clone(),
        kinds: command.kinds.as_ref().unwrap_or(&before.kinds).clone(),
        active,
        failing_since: before.failing_since.filter(|_| !is_mended),
        switched_off_at: before.switched_off_at.filter(|_| !active),
        ..before.clone()
    }
}

fn differing(before: &WebhookEndpoint, after: &WebhookEndpoint) -> Vec<&'static str> {
    let differs = [
        ("url", before.url != after.url),
        ("kinds", before.kinds != after.kinds),
        ("active", before.active != after.active),
    ];
    differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}
