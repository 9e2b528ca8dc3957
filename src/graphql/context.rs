//! What every resolver may ask for: what the schema was built with, and what its request brought.

use async_graphql::{Context, ContextBase};

use super::loaders::Loaders;
use super::notes::Notes;
use crate::access::Actor;
use crate::services::Services;

pub(super) fn services<'a>(context: &Context<'a>) -> &'a Services {
    context.data_unchecked()
}

pub(super) fn loaders<'a, T>(context: &ContextBase<'a, T>) -> &'a Loaders {
    context.data_unchecked()
}

pub(super) fn actor<'a, T>(context: &ContextBase<'a, T>) -> &'a Actor {
    context.data_unchecked()
}

/// None of a request that came without any.
pub(super) fn notes(context: &Context<'_>) -> Notes {
    context.data_opt::<Notes>().cloned().unwrap_or_default()
}
