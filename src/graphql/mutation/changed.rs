//! Requests to change a visit that is there.

use async_graphql::Context;

use super::not_begun::not_begun;
use crate::booking::{Outcome, VisitChange, on_its_own_task};
use crate::graphql::{actor, notes, services};
use crate::request::Refusal;

/// Changes a visit as it was asked for, if it could be read.
pub(super) async fn changed<C: VisitChange + Send + 'static>(
    context: &Context<'_>,
    command: Result<C, Refusal>,
) -> Result<Outcome, Refusal> {
    let (booking, actor) = (services(context).booking.clone(), actor(context).clone());
    let result = match command {
        Ok(command) => on_its_own_task(async move { booking.change(&actor, &command).await }).await,
        Err(error) => not_begun(context, C::OPERATION, error).await,
    };
    notes(context).take_down(&result);
    result
}
