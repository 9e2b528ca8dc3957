//! The REST door, and the transport of the GraphQL one. Parses, calls, maps; no rule of booking.

mod appointment;
mod body;
mod fields;
mod graphql;
mod health;
mod middleware;
mod openapi;
mod playground;
mod problem;
mod representation;
mod router;
mod server;

pub use graphql::{Live, LiveLimits};
pub use middleware::Access;
pub use router::{AppState, router};
pub use server::{ConnectionLimits, serve};
