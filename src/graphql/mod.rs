//! The GraphQL door: reads what a client asks, calls `booking`, and says it in GraphQL's terms.
//! No rule of booking is decided here, and no transport: HTTP is `http`'s.

mod batching;
mod error;
pub mod gate;
mod int;
mod loaders;
mod mutation;
mod query;
mod served;
mod subscription;
mod types;

use std::sync::Arc;

use async_graphql::{Context, SDLExportOptions, Schema, SchemaBuilder};

use self::gate::Limits;
use crate::booking::{Actor, BookingService};

pub use batching::batched;
pub use loaders::Loaders;
pub use mutation::Mutation;
pub use query::Query;
pub use served::ClinicSchema;
pub use subscription::Subscription;

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    // The gate has weighed the document; what the library would count again is left open.
    Schema::build(Query, Mutation, Subscription)
        .directive(int::StrictInt)
        .limit_recursive_depth(usize::MAX)
}

/// The schema over a booking service. Each request comes through a [`gate::Gate`] of the same
/// limits and brings its own [`Loaders`] and [`Actor`].
pub fn schema(service: &Arc<BookingService>, limits: &Limits) -> ClinicSchema {
    ClinicSchema::new(service, limits)
}

/// The schema as text, as `schema.graphql` holds it.
pub fn sdl() -> String {
    builder().finish().sdl_with_options(SDLExportOptions::new().include_specified_by())
}

fn service<'a>(context: &Context<'a>) -> &'a Arc<BookingService> {
    context.data_unchecked()
}

fn loaders<'a>(context: &Context<'a>) -> &'a Loaders {
    context.data_unchecked()
}

fn actor<'a>(context: &Context<'a>) -> &'a Actor {
    context.data_unchecked()
}
