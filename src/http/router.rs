//! Every route; reads as a table of contents.

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post};
use metrics_exporter_prometheus::PrometheusHandle;
use tower_http::catch_panic::CatchPanicLayer;

use super::graphql::Live;
use super::middleware::{self, Access};
use super::{appointment, graphql, health, openapi, playground, problem};
use crate::booking::BookingService;
use crate::graphql::ClinicSchema;
use crate::graphql::gate::Gate;

/// What handlers share.
#[derive(Clone)]
pub struct AppState {
    /// The use cases.
    pub service: Arc<BookingService>,
    /// The GraphQL schema over them.
    pub schema: ClinicSchema,
    /// What every GraphQL request passes before it reaches the schema.
    pub gate: Arc<Gate>,
    /// Who may call.
    pub access: Arc<Access>,
    /// The connections that stay open.
    pub live: Live,
    /// Prints the metrics, where they are collected.
    pub metrics: Option<PrometheusHandle>,
}

impl FromRef<AppState> for Arc<BookingService> {
    fn from_ref(state: &AppState) -> Self {
        Self::clone(&state.service)
    }
}

/// The whole HTTP surface.
pub fn router(state: AppState) -> Router {
    let guarded = Router::new()
        .route("/", only(get(playground::home)))
        .route("/assets/graphiql/{*path}", only(get(playground::asset)))
        .route("/graphql", only(get(graphql::get).post(graphql::post)))
        .route("/appointment", only(post(appointment::book)))
        .route("/appointment/{id}", only(get(appointment::show)))
        .route("/appointment/{id}/cancel", only(post(appointment::cancel)))
        .route("/appointment/{id}/reschedule", only(post(appointment::reschedule)))
        .route("/appointments", only(get(appointment::list)))
        .route("/appointments/first-available", only(get(appointment::first_available)))
        .route("/metrics", only(get(health::metrics)))
        .merge(openapi::routes())
        .fallback(problem::no_such_route)
        .layer(from_fn_with_state(state.access.clone(), middleware::authenticate));
    Router::new()
        .route("/healthz", only(get(health::alive)))
        .route("/readyz", only(get(health::ready)))
        // It asks for the token itself: a browser can't send one but in the first message.
        .route("/graphql/ws", only(get(graphql::websocket::upgrade)))
        .merge(guarded)
        .layer(from_fn_with_state(state.access.clone(), middleware::check_origin))
        .layer(middleware::cors(&state.access))
        .layer(CatchPanicLayer::custom(problem::after_panic))
        .layer(from_fn(middleware::observe))
        .with_state(state)
}

/// A route whose other methods are answered with a problem too.
fn only(route: MethodRouter<AppState>) -> MethodRouter<AppState> {
    route.fallback(problem::method_not_allowed)
}
