//! The schema before anything limits it or answers it.

use async_graphql::{SDLExportOptions, Schema, SchemaBuilder, ValidationMode};

use super::mutation::Mutation;
use super::query::Query;
use super::subscription::Subscription;

/// The schema with all of its roots.
pub(super) type RootSchema = Schema<Query, Mutation, Subscription>;

pub(super) fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    // The gate has weighed and validated what is run, and wrote it itself: the library has nothing
    // to find out.
    Schema::build(Query::default(), Mutation::default(), Subscription)
        .validation_mode(ValidationMode::Fast)
        .limit_recursive_depth(usize::MAX)
}

/// The schema as text, as `schema.graphql` holds it.
pub fn sdl() -> String {
    builder().finish().sdl_with_options(SDLExportOptions::new().include_specified_by())
}
