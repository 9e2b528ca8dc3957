//! Every route; reads as a table of contents.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::routing::{MethodRouter, any, delete, get, post};
use tower::Layer as _;
use tower_http::catch_panic::CatchPanicLayer;

use super::pages::{assets, desk, docs, landing};
use super::rest::{appointments, calendars, changes, holds, lists, openapi};
use super::state::AppState;
use super::{
    callers, graphql, health, links, middleware, problem, protection, recorded, session, turns,
};

/// The whole HTTP surface.
pub fn router(state: AppState) -> Router {
    let (access, public_url) = (|| state.access.clone(), state.public_url.clone());
    // What holds no secret. What these pages call asks for the token.
    let pages = Router::new()
        .route("/", only(get(landing::home)))
        .route("/desk", only(get(desk::desk)))
        .route("/desk/mail", only(get(desk::mail)))
        .route("/assets/desk/{*path}", only(get(assets::asset)))
        .route("/assets/graphiql/{*path}", only(get(assets::asset)))
        .route("/assets/pages/{*path}", only(get(assets::asset)))
        .route("/docs", only(get(docs::docs)))
        .route("/docs/", only(get(docs::docs)))
        .route("/docs/{file}", only(get(docs::file)))
        .route("/openapi.json", only(get(openapi::show)))
        .route("/sign-in", only(get(session::pages::sign_in).post(session::pages::signing_in)))
        .route(
            "/sign-in/password",
            only(get(session::pages::password).post(session::pages::setting_password)),
        );
    // Who comes in here shows a password or an invitation.
    let who = get(session::who).layer(from_fn_with_state(access(), callers::authenticate));
    let session = Router::new()
        .route("/session", only(who.post(session::sign_in).delete(session::sign_out)))
        .route("/session/password", only(post(session::set_password)))
        .route("/session/oidc", only(get(session::provider::begin)))
        .route("/session/oidc/callback", only(get(session::provider::callback)));
    let socket = Router::new()
        // Browsers can't send a token but in the first message.
        .route("/graphql/ws", only(get(graphql::websocket::upgrade)))
        .layer(from_fn_with_state(access(), callers::authenticate_connection));
    let graphql = Router::new()
        .route("/graphql", only(get(graphql::get).post(graphql::post)))
        .layer(from_fn_with_state(access(), callers::authenticate))
        .layer(from_fn(graphql::page_for_browsers));
    let guarded = Router::new()
        .route("/appointment", only(post(appointments::book)))
        .route("/appointment/{id}", only(get(appointments::show)))
        .route("/appointment/{id}/cancel", only(post(changes::cancel)))
        .route("/appointment/{id}/reschedule", only(post(changes::reschedule)))
        .route("/appointment/{id}/status", only(post(changes::set_status)))
        .route("/hold", only(post(holds::hold)))
        .route("/hold/{token}", only(delete(holds::release)))
        .route("/appointments", only(get(lists::appointments::list_appointments)))
        .route("/appointments/first-available", only(get(lists::slots::first_available)))
        .route("/slots", only(get(lists::slots::list_slots)))
        .route("/providers", only(get(lists::providers::list_providers)))
        .route("/patients", only(get(lists::patients::list_patients)))
        .route("/insurances", only(get(lists::insurances::list_insurances)))
        .fallback(problem::no_such_route)
        .layer(from_fn_with_state(state.services.clone(), recorded::record))
        .layer(from_fn_with_state(Arc::clone(&state.rate), callers::limit_rate))
        .layer(from_fn_with_state(access(), callers::authenticate));
    // Whoever has its secret may read it.
    let feeds = Router::new()
        .route("/calendar/{token}", only(get(calendars::feed)))
        .layer(from_fn_with_state(Arc::clone(&state.rate), callers::limit_rate))
        .layer(from_fn(callers::by_address));
    let metrics = Router::new()
        .route("/metrics", only(get(health::metrics)))
        .layer(from_fn_with_state(access(), callers::authenticate_for_metrics));
    let routes = Router::new()
        .route("/healthz", only(get(health::alive)))
        .route("/readyz", only(get(health::ready)))
        .merge(pages)
        .merge(session)
        .merge(socket)
        .merge(graphql)
        .merge(metrics)
        .merge(feeds)
        .merge(patient_links(&state))
        .merge(guarded)
        .layer(callers::cors(&state.origins))
        .layer(from_fn_with_state(state.origins.clone(), callers::check_origin))
        .layer(from_fn_with_state(state.hosts.clone(), callers::check_host))
        .layer(from_fn_with_state(state.proxied.clone(), callers::refuse_proxied))
        .layer(CatchPanicLayer::custom(problem::after_panic))
        .layer(from_fn_with_state(Arc::clone(&state.live.turns), turns::count))
        .layer(from_fn(middleware::observe))
        .layer(from_fn_with_state(state.proxies.clone(), callers::note_client));
    let served = match public_url {
        Some(public_url) => {
            let routes =
                routes.layer(from_fn_with_state(public_url.clone(), callers::link_publicly));
            let routes = routes.with_state(state);
            // Before the routes, which are found by the path.
            let strip = from_fn_with_state(public_url, callers::strip_prefix);
            Router::new().fallback_service(strip.layer(routes))
        }
        None => routes.with_state(state),
    };
    served.layer(map_response(protection::protect))
}

/// A route whose other methods are answered with a problem too.
fn only(route: MethodRouter<AppState>) -> MethodRouter<AppState> {
    route.fallback(problem::method_not_allowed)
}

/// Whoever has a patient's link may do what it opens.
fn patient_links(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/visit/{token}", only(get(links::visit)))
        .route("/visit/{token}/calendar.ics", only(get(links::calendar)))
        .route("/visit/{token}/move", only(get(links::back_to_visit).post(links::reschedule)))
        .route("/visit/{token}/cancel", only(get(links::back_to_visit).post(links::cancel)))
        .route(
            "/visit/{token}/reminders",
            only(get(links::back_to_visit).post(links::set_reminders)),
        )
        .route("/visit/{token}/", any(links::nowhere))
        .route("/visit/{token}/{*rest}", any(links::nowhere))
        .route("/offer/declined", only(get(links::declined)))
        .route("/offer/{token}", only(get(links::offer)))
        .route("/offer/{token}/accept", only(get(links::back_to_offer).post(links::accept)))
        .route("/offer/{token}/decline", only(get(links::back_to_offer).post(links::decline)))
        .route("/offer/{token}/", any(links::nowhere))
        .route("/offer/{token}/{*rest}", any(links::nowhere))
        .layer(from_fn_with_state(Arc::clone(&state.rate), callers::limit_rate))
        .layer(from_fn(callers::by_address))
        .layer(from_fn(links::plainly))
}
