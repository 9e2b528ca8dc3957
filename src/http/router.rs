//! Every route; reads as a table of contents.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post};
use tower_http::catch_panic::CatchPanicLayer;

use super::pages::{assets, docs, landing};
use super::rest::{appointments, lists, openapi};
use super::state::AppState;
use super::{graphql, health, middleware, problem};

/// The whole HTTP surface.
pub fn router(state: AppState) -> Router {
    let access = || state.access.clone();
    // What holds no secret. What these pages call asks for the token.
    let pages = Router::new()
        .route("/", only(get(landing::home)))
        .route("/assets/graphiql/{*path}", only(get(assets::asset)))
        .route("/assets/pages/{*path}", only(get(assets::asset)))
        .route("/docs", only(get(docs::docs)))
        .route("/docs/", only(get(docs::docs)))
        .route("/docs/{file}", only(get(docs::file)))
        .route("/openapi.json", only(get(openapi::show)));
    let graphql = Router::new()
        .route("/graphql", only(get(graphql::get).post(graphql::post)))
        .layer(from_fn_with_state(access(), middleware::authenticate))
        .layer(from_fn(graphql::page_for_browsers));
    let guarded = Router::new()
        .route("/appointment", only(post(appointments::book)))
        .route("/appointment/{id}", only(get(appointments::show)))
        .route("/appointment/{id}/cancel", only(post(appointments::cancel)))
        .route("/appointment/{id}/reschedule", only(post(appointments::reschedule)))
        .route("/appointments", only(get(lists::list)))
        .route("/appointments/first-available", only(get(lists::first_available)))
        .fallback(problem::no_such_route)
        .layer(from_fn_with_state(access(), middleware::authenticate));
    let metrics = Router::new()
        .route("/metrics", only(get(health::metrics)))
        .layer(from_fn_with_state(access(), middleware::authenticate_for_metrics));
    Router::new()
        .route("/healthz", only(get(health::alive)))
        .route("/readyz", only(get(health::ready)))
        // It asks for the token itself: a browser can't send one but in the first message.
        .route("/graphql/ws", only(get(graphql::websocket::upgrade)))
        .merge(pages)
        .merge(graphql)
        .merge(metrics)
        .merge(guarded)
        .layer(from_fn_with_state(access(), middleware::check_origin))
        .layer(middleware::cors(&state.access))
        .layer(CatchPanicLayer::custom(problem::after_panic))
        .layer(from_fn(middleware::observe))
        .with_state(state)
}

/// A route whose other methods are answered with a problem too.
fn only(route: MethodRouter<AppState>) -> MethodRouter<AppState> {
    route.fallback(problem::method_not_allowed)
}
