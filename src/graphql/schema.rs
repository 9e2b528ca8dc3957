//! The schema before anything limits it or answers it.

use async_graphql::{SDLExportOptions, Schema, SchemaBuilder};

use super::library::StrictInt;
use super::mutation::Mutation;
use super::query::Query;
use super::subscription::Subscription;

/// The schema with all of its roots.
pub(super) type RootSchema = Schema<Query, Mutation, Subscription>;

pub(super) fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    // The gate has weighed the document; what the library would count again is left open.
    Schema::build(Query::default(), Mutation, Subscription)
        .directive(StrictInt)
        .limit_recursive_depth(usize::MAX)
}

/// The schema as text, as `schema.graphql` holds it.
pub fn sdl() -> String {
    builder().finish().sdl_with_options(SDLExportOptions::new().include_specified_by())
}
