//! Mutations of webhooks: parse, call, map.

use async_graphql::{Context, Object};

use super::not_begun::not_begun;
use crate::booking::on_its_own_task;
use crate::graphql::error::ApiError;
use crate::graphql::types::webhook_change::{
    CreateWebhookEndpointInput, CreateWebhookEndpointPayload, DeleteWebhookEndpointInput,
    DeleteWebhookEndpointPayload, ReplayWebhooksInput, ReplayWebhooksPayload,
    RotateWebhookSecretInput, RotateWebhookSecretPayload, SendTestWebhookInput,
    SendTestWebhookPayload, UpdateWebhookEndpointInput, UpdateWebhookEndpointPayload,
};
use crate::graphql::{actor, notes, services};

/// Programs that are told what happens.
#[derive(Default)]
pub struct WebhookMutation;

/// Programs that are told what happens.
#[Object]
impl WebhookMutation {
    /// Has another program told what happens to visits from now on. Its secret is told this once.
    async fn create_webhook_endpoint(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Where, and of what.")] input: CreateWebhookEndpointInput,
    ) -> Result<CreateWebhookEndpointPayload, ApiError> {
        let (webhooks, actor) = (services(context).webhooks.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { webhooks.create(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "createWebhookEndpoint", error).await,
        };
        notes.take_down(&result);
        CreateWebhookEndpointPayload::of(result)
    }

    /// Changes where an endpoint is told, of what, or whether. What is left out stays.
    async fn update_webhook_endpoint(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The endpoint, and what is to be changed.")]
        input: UpdateWebhookEndpointInput,
    ) -> Result<UpdateWebhookEndpointPayload, ApiError> {
        let (webhooks, actor) = (services(context).webhooks.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { webhooks.update(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "updateWebhookEndpoint", error).await,
        };
        notes.take_down(&result);
        UpdateWebhookEndpointPayload::of(result)
    }

    /// Has an endpoint told nothing any more, and forgets what it was told.
    async fn delete_webhook_endpoint(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The endpoint.")] input: DeleteWebhookEndpointInput,
    ) -> Result<DeleteWebhookEndpointPayload, ApiError> {
        let (webhooks, actor) = (services(context).webhooks.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { webhooks.delete(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "deleteWebhookEndpoint", error).await,
        };
        notes.take_down(&result);
        DeleteWebhookEndpointPayload::of(result)
    }

    /// Gives an endpoint another secret, which is told this once. For a day each message is signed with the one of
    /// before as well, so that whoever verifies goes over without a gap.
    async fn rotate_webhook_secret(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The endpoint.")] input: RotateWebhookSecretInput,
    ) -> Result<RotateWebhookSecretPayload, ApiError> {
        let (webhooks, actor) = (services(context).webhooks.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { webhooks.rotate(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "rotateWebhookSecret", error).await,
        };
        notes.take_down(&result);
        RotateWebhookSecretPayload::of(result)
    }

    /// Sends an endpoint a message of the type `webhook.test`, once and at once, and answers with what became of it;
    /// also one that is switched off. It tells of no visit.
    async fn send_test_webhook(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The endpoint.")] input: SendTestWebhookInput,
    ) -> Result<SendTestWebhookPayload, ApiError> {
        let (webhooks, actor) = (services(context).webhooks.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { webhooks.send_test(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "sendTestWebhook", error).await,
        };
        notes.take_down(&result);
        SendTestWebhookPayload::of(result)
    }

    /// Tells an endpoint anew, in order, what has happened after an event or a moment: with the same ids as before,
    /// by which it tells what it has seen.
    async fn replay_webhooks(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The endpoint, and after what.")] input: ReplayWebhooksInput,
    ) -> Result<ReplayWebhooksPayload, ApiError> {
        let (webhooks, actor) = (services(context).webhooks.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { webhooks.replay(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "replayWebhooks", error).await,
        };
        notes.take_down(&result);
        ReplayWebhooksPayload::of(result)
    }
}
