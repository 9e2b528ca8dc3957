//! The GraphQL door: reads what a client asks, calls `booking`, and says it in GraphQL's terms.
//! No rule of booking is decided here, and no transport: HTTP is `http`'s.

mod context;
mod error;
pub mod gate;
mod library;
mod loaders;
mod mutation;
mod query;
mod schema;
mod subscription;
mod types;

use std::sync::Arc;

use self::context::{actor, loaders, service};
use self::gate::Limits;
use crate::booking::BookingService;

pub use library::{ClinicSchema, batched};
pub use loaders::Loaders;
pub use mutation::Mutation;
pub use query::Query;
pub use schema::sdl;
pub use subscription::Subscription;

/// The schema over a booking service. Each request comes through a [`gate::Gate`] of the same
/// limits and brings its own [`Loaders`] and [`Actor`](crate::booking::Actor).
pub fn schema(service: &Arc<BookingService>, limits: &Limits) -> ClinicSchema {
    ClinicSchema::new(service, limits)
}
