//! Holding times, and releasing them.

use async_graphql::{Context, Object};

use super::not_begun::not_begun;
use crate::booking::on_its_own_task;
use crate::graphql::error::ApiError;
use crate::graphql::types::hold::{
    HoldSlotInput, HoldSlotPayload, ReleaseHoldInput, ReleaseHoldPayload,
};
use crate::graphql::{actor, notes, services};

/// Times that are held.
#[derive(Default)]
pub struct HoldMutation;

/// Times that are held.
#[Object]
impl HoldMutation {
    /// Holds a time for a few minutes, while it is found out who it is for: the time asked for, or the first free
    /// one. Nobody else is offered that time or books it, and it counts like a visit.
    /// `bookAppointment` books it by its token (`holdToken`), `releaseHold` frees it; from `expiresAt` on
    /// it is free by itself.
    async fn hold_slot(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The time.")] input: HoldSlotInput,
    ) -> Result<HoldSlotPayload, ApiError> {
        let (holding, actor) = (services(context).holding.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { holding.hold(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "holdSlot", error).await,
        };
        notes.take_down(&result);
        HoldSlotPayload::of(result)
    }

    /// Frees a time that is held. Whoever has the token may.
    async fn release_hold(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The hold.")] input: ReleaseHoldInput,
    ) -> Result<ReleaseHoldPayload, ApiError> {
        let (holding, actor) = (services(context).holding.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { holding.release(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "releaseHold", error).await,
        };
        notes.take_down(&result);
        ReleaseHoldPayload::of(result)
    }
}
