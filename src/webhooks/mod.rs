//! Telling other programs what happens to visits: endpoints, each a durable reader of the event log with a position
//! of its own, and the deliveries to them. What an endpoint is to be told is written down in the transaction that
//! moves its position on, so that no two servers write it twice and no kill loses it; it is told at least once, with
//! the same id and body each time, and of one visit in order.

mod address;
mod change;
pub mod command;
mod deliver;
mod keeper;
mod record;
mod repeat;
mod replay;
mod send;
mod trial;

pub use command::{
    CreateWebhookEndpoint, DeleteWebhookEndpoint, ReplayWebhooks, RotateWebhookSecret,
    SendTestWebhook, UpdateWebhookEndpoint,
};
pub use keeper::keep_webhooks;
pub use repeat::{DeliveryOutcome, EndpointOutcome};

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use self::address::AddressRule;
use self::send::Sender;
use crate::access::{Actor, Permission};
use crate::audit::Trail;
use crate::changes::Changes;
use crate::db::webhooks::{self, Lease};
use crate::db::{Db, Tx};
use crate::domain::ids::uuid_at;
use crate::domain::webhook::DeliveryStatus;
use crate::domain::{
    Clock, Page, WebhookDelivery, WebhookDeliveryId, WebhookEndpoint, WebhookEndpointId,
};
use crate::request::{Refusal, Resource};

/// How long whoever makes deliveries has for that: more than an attempt takes.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// What webhooks work with.
pub struct WebhookParts {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Where every attempt of a caller is written down.
    pub trail: Arc<Trail>,
    /// The log of what happens.
    pub changes: Arc<Changes>,
    /// Whether addresses inside, and http, will do: for tests.
    pub allow_private: bool,
}

/// Endpoints and what they are told.
pub struct Webhooks {
    parts: WebhookParts,
    addresses: AddressRule,
    sender: Sender,
    /// Wakes the keeper.
    wake: Notify,
}

impl Webhooks {
    /// The endpoints of a database.
    pub fn new(parts: WebhookParts) -> Self {
        let addresses = AddressRule { allow_private: parts.allow_private };
        Self { parts, addresses, sender: Sender::new(addresses), wake: Notify::new() }
    }

    fn db(&self) -> &Db {
        &self.parts.db
    }

    /// The present moment in whole seconds, as it is stored.
    fn now(&self) -> Timestamp {
        let now = self.parts.clock.now();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }

    /// Every endpoint, the oldest first.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn endpoints(&self, actor: &Actor) -> Result<Vec<WebhookEndpoint>, Refusal> {
        actor.require(Permission::ManageRoster)?;
        Ok(webhooks::all(self.db().read()).await?)
    }

    /// One endpoint; none for a caller who may not know of it.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn endpoint(
        &self,
        actor: &Actor,
        id: WebhookEndpointId,
    ) -> Result<Option<WebhookEndpoint>, Refusal> {
        if actor.require(Permission::ManageRoster).is_err() {
            return Ok(None);
        }
        let found = webhooks::find(self.db().read(), id).await?;
        Ok(found.filter(|endpoint| endpoint.deleted_at.is_none()))
    }

    /// One page of what an endpoint was told or is to be, the latest first.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn deliveries(
        &self,
        actor: &Actor,
        (id, statuses): (WebhookEndpointId, Option<&[DeliveryStatus]>),
        page: Page<WebhookDeliveryId>,
    ) -> Result<Vec<WebhookDelivery>, Refusal> {
        actor.require(Permission::ManageRoster)?;
        Ok(webhooks::page(self.db().read(), id, statuses, page).await?)
    }

    /// How many those are.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn count_deliveries(
        &self,
        actor: &Actor,
        id: WebhookEndpointId,
        statuses: Option<&[DeliveryStatus]>,
    ) -> Result<u64, Refusal> {
        actor.require(Permission::ManageRoster)?;
        Ok(webhooks::count(self.db().read(), id, statuses).await?)
    }
}

fn new_lease(now: Timestamp) -> Lease {
    Lease { token: uuid_at(now), until: now.saturating_add(LEASE).unwrap_or(now) }
}

/// The endpoint of that id, which was not deleted, and which nobody else changes until the transaction ends.
async fn locked(tx: &Tx, id: WebhookEndpointId) -> Result<WebhookEndpoint, Refusal> {
    let found = webhooks::locked(tx, id).await?.filter(|endpoint| endpoint.deleted_at.is_none());
    found.ok_or(Refusal::NotFound(Resource::WebhookEndpoint))
}
