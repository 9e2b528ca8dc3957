//! Who asks, and who may come in.

use async_graphql::{Context, Object};

use crate::graphql::error::ApiError;
use crate::graphql::types::caller::ViewerObject;
use crate::graphql::types::person::PersonObject;
use crate::graphql::types::token::TokenObject;
use crate::graphql::{actor, services};

/// Who asks, and who may come in.
#[derive(Default)]
pub struct AccessQuery;

/// Who asks, and who may come in.
#[Object]
impl AccessQuery {
    /// Whoever sends the request, and what they may do.
    async fn viewer(&self, context: &Context<'_>) -> ViewerObject {
        ViewerObject(actor(context).clone())
    }

    /// The clinic's staff, by name; also who may not come in any more. For administrators.
    async fn people(&self, context: &Context<'_>) -> Option<Result<Vec<PersonObject>, ApiError>> {
        let people = services(context).people.people(actor(context)).await;
        let people = people.map(|people| people.into_iter().map(PersonObject).collect());
        Some(people.map_err(ApiError::from))
    }

    /// The tokens of machines, the newest first; also those that open nothing any more. For
    /// administrators.
    async fn tokens(&self, context: &Context<'_>) -> Option<Result<Vec<TokenObject>, ApiError>> {
        let tokens = services(context).people.tokens(actor(context)).await;
        let tokens = tokens.map(|tokens| tokens.into_iter().map(TokenObject).collect());
        Some(tokens.map_err(ApiError::from))
    }
}
