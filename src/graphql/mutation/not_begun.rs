//! Requests that were refused before their use cases were called.

use async_graphql::Context;

use crate::audit::Act;
use crate::graphql::{actor, services};
use crate::request::Refusal;

/// A request that was refused before its use case was called is written down as well.
pub(super) async fn not_begun<T>(
    context: &Context<'_>,
    operation: &'static str,
    refusal: Refusal,
) -> Result<T, Refusal> {
    let act = Act::of(actor(context), operation);
    services(context).trail.refused(&act, &refusal).await;
    Err(refusal)
}
