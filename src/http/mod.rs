//! The REST door, and the transport of the GraphQL one. Parses, calls, maps; no rule of booking.

mod body;
mod callers;
mod connections;
mod content_coding;
mod graphql;
mod health;
mod idempotency;
mod identity;
mod links;
mod live;
mod middleware;
mod own_form;
mod pages;
mod problem;
mod protection;
mod query_string;
mod recorded;
mod rest;
mod router;
mod server;
mod session;
mod state;
mod turns;

pub use callers::{
    Authenticator, Authority, HostPolicy, Network, Origin, OriginPolicy, ProxyPolicy, PublicUrl,
    RateLimit, SettingsTokens, TrustedProxies,
};
pub use graphql::OperationNames;
pub use live::{LiveLimits, OpenConnections};
pub use rest::openapi::openapi;
pub use router::router;
pub use server::{ConnectionLimits, serve};
pub use state::AppState;
