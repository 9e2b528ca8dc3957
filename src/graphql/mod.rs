//! The GraphQL door: reads what a client asks, calls a use case, and says it in GraphQL's terms.
//! No rule of booking is decided here, and no transport: HTTP is `http`'s.

mod context;
mod error;
mod forbidden;
pub mod gate;
mod library;
mod live;
mod loaders;
mod mutation;
mod notes;
mod operation;
mod query;
mod schema;
mod serving;
mod subscription;
mod types;

use self::context::{actor, loaders, notes, services};
use self::gate::Limits;
use crate::services::Services;

pub use library::batched;
pub use live::{Event, EventAnswer, LiveOperation};
pub use loaders::Loaders;
pub use mutation::Mutation;
pub use notes::Notes;
pub use query::Query;
pub use schema::sdl;
pub use serving::ClinicSchema;
pub use subscription::Subscription;

/// The schema over the use cases. Each request comes through a [`gate::Gate`] of the same
/// limits and brings its own [`Loaders`] and [`Actor`](crate::access::Actor).
pub fn schema(services: &Services, limits: &Limits) -> ClinicSchema {
    ClinicSchema::new(services, limits)
}
