//! Lists of what endpoints are told.

use async_graphql::Context;

use super::connection::{PageArguments, PageInfo, Shown, connection};
use super::webhook::{WebhookDeliveryObject, WebhookDeliveryStatusEnum};
use crate::access::Actor;
use crate::domain::WebhookEndpointId;
use crate::domain::webhook::DeliveryStatus;
use crate::graphql::error::ApiError;
use crate::graphql::{actor, services};

/// What a list of deliveries was asked for.
struct Filter(WebhookEndpointId, Option<Vec<DeliveryStatus>>);

impl Filter {
    async fn count(&self, context: &Context<'_>) -> Result<u64, ApiError> {
        let webhooks = &services(context).webhooks;
        Ok(webhooks.count_deliveries(actor(context), self.0, self.1.as_deref()).await?)
    }
}

impl Shown for WebhookDeliveryObject {
    /// It tells of nobody.
    fn note(&self, _actor: &Actor) {}
}

connection!(
    WebhookDeliveryConnection "WebhookDeliveryConnection",
    WebhookDeliveryEdge "WebhookDeliveryEdge",
    WebhookDeliveryObject,
    "delivery of a webhook",
    |node: &WebhookDeliveryObject| node.0.id.to_string()
);

impl WebhookDeliveryConnection {
    pub(super) async fn load(
        context: &Context<'_>,
        endpoint: WebhookEndpointId,
        status: Option<Vec<WebhookDeliveryStatusEnum>>,
        arguments: PageArguments,
    ) -> Result<Self, ApiError> {
        let page = arguments.page(|cursor| cursor.parse().ok())?;
        let statuses: Option<Vec<DeliveryStatus>> =
            status.map(|statuses| statuses.into_iter().map(Into::into).collect());
        let asked = (endpoint, statuses.as_deref());
        let found = services(context).webhooks.deliveries(actor(context), asked, page).await?;
        let (found, page_info) = arguments.cut(found, |delivery| delivery.id.to_string());
        let nodes = found.into_iter().map(WebhookDeliveryObject).collect();
        Ok(Self { nodes, page_info, filter: Filter(endpoint, statuses) })
    }
}
