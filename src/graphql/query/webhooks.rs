//! Programs that are told what happens.

use async_graphql::{Context, Object};

use crate::graphql::error::ApiError;
use crate::graphql::types::webhook::WebhookEndpointObject;
use crate::graphql::{actor, services};

/// Programs that are told what happens.
#[derive(Default)]
pub struct WebhookQuery;

/// Programs that are told what happens.
#[Object]
impl WebhookQuery {
    /// The programs that are told what happens to visits, the oldest first; also those that are switched off. For
    /// administrators.
    async fn webhook_endpoints(
        &self,
        context: &Context<'_>,
    ) -> Option<Result<Vec<WebhookEndpointObject>, ApiError>> {
        let found = services(context).webhooks.endpoints(actor(context)).await;
        let found = found.map(|found| found.into_iter().map(WebhookEndpointObject).collect());
        Some(found.map_err(ApiError::from))
    }
}
