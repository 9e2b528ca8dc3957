//! Mutations of patients' links: parse, call, map.

use async_graphql::{Context, Object};

use super::not_begun::not_begun;
use crate::booking::on_its_own_task;
use crate::graphql::error::ApiError;
use crate::graphql::types::payload::RevokeVisitLinkPayload;
use crate::graphql::types::visit_link::RevokeVisitLinkInput;
use crate::graphql::{actor, notes, services};

/// Patients' links.
#[derive(Default)]
pub struct LinkMutation;

/// Patients' links.
#[Object]
impl LinkMutation {
    /// Has every link that was mailed for a visit open nothing any more, at once. Mail that is sent later has a new one.
    /// Where no link opens it, nothing changes.
    async fn revoke_visit_link(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whose links.")] input: RevokeVisitLinkInput,
    ) -> Result<RevokeVisitLinkPayload, ApiError> {
        let (links, actor) = (services(context).links.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { links.revoke(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "revokeVisitLink", error).await,
        };
        notes.take_down(&result);
        RevokeVisitLinkPayload::of(result)
    }
}
