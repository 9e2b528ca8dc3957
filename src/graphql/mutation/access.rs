//! Mutations of who may come in: parse, call, map.

use async_graphql::{Context, Object};

use super::not_begun::not_begun;
use crate::booking::on_its_own_task;
use crate::graphql::error::ApiError;
use crate::graphql::types::access_change::{
    CreatePersonInput, CreatePersonPayload, CreateTokenInput, CreateTokenPayload,
    DisablePersonInput, DisablePersonPayload, InvitePersonInput, InvitePersonPayload,
    RevokeTokenInput, RevokeTokenPayload, UpdatePersonInput, UpdatePersonPayload,
};
use crate::graphql::{actor, notes, services};

/// Who may come in.
#[derive(Default)]
pub struct AccessMutation;

/// Who may come in.
#[Object]
impl AccessMutation {
    /// Adds somebody to the staff. They come in once they have set a password by the invitation: hand
    /// it to them.
    async fn create_person(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who.")] input: CreatePersonInput,
    ) -> Result<CreatePersonPayload, ApiError> {
        let (people, actor) = (services(context).people.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { people.create(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "createPerson", error).await,
        };
        notes.take_down(&result);
        CreatePersonPayload::of(result)
    }

    /// Gives one of the staff another invitation, which makes the last one void: for who has lost
    /// theirs, or the password. Who was disabled may come in again by it.
    async fn invite_person(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who.")] input: InvitePersonInput,
    ) -> Result<InvitePersonPayload, ApiError> {
        let (people, actor) = (services(context).people.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { people.invite(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "invitePerson", error).await,
        };
        notes.take_down(&result);
        InvitePersonPayload::of(result)
    }

    /// Changes what is known of one of the staff, or what they may do. What is left out stays.
    async fn update_person(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who, and what is to be changed.")] input: UpdatePersonInput,
    ) -> Result<UpdatePersonPayload, ApiError> {
        let (people, actor) = (services(context).people.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { people.update(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "updatePerson", error).await,
        };
        notes.take_down(&result);
        UpdatePersonPayload::of(result)
    }

    /// Lets one of the staff come in no more: their sessions end at once, their password is forgotten.
    /// The last administrator who can come in stays (`IN_USE`).
    async fn disable_person(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who.")] input: DisablePersonInput,
    ) -> Result<DisablePersonPayload, ApiError> {
        let (people, actor) = (services(context).people.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { people.disable(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "disablePerson", error).await,
        };
        notes.take_down(&result);
        DisablePersonPayload::of(result)
    }

    /// Makes a token for a machine, which sends it as `Authorization: Bearer …`. As many as you like
    /// are live at once: a machine goes over from the old one to the new one without a gap.
    async fn create_token(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What it is for, and what it opens.")] input: CreateTokenInput,
    ) -> Result<CreateTokenPayload, ApiError> {
        let (people, actor) = (services(context).people.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { people.create_token(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "createToken", error).await,
        };
        notes.take_down(&result);
        CreateTokenPayload::of(result)
    }

    /// Has a token open nothing any more, at once. One that is revoked is answered as it stands.
    async fn revoke_token(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The token.")] input: RevokeTokenInput,
    ) -> Result<RevokeTokenPayload, ApiError> {
        let (people, actor) = (services(context).people.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { people.revoke_token(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "revokeToken", error).await,
        };
        notes.take_down(&result);
        RevokeTokenPayload::of(result)
    }
}
