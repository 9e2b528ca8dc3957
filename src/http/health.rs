//! Whether the server lives, whether it can serve, and its metrics.

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::problem::Problem;
use super::state::AppState;
use crate::access::Actor;
use crate::domain::zone_data_version;
use crate::request::ErrorCode;

/// Whether it is asked how the server is, at any path that a proxy may put before.
pub(super) fn is_about_health(path: &str) -> bool {
    path.ends_with("/healthz") || path.ends_with("/readyz")
}

/// The process runs.
pub(super) async fn alive() -> Response {
    told("ok")
}

/// The database answers and has the schema that this version needs, and all workers are at work.
pub(super) async fn ready(State(state): State<AppState>) -> Result<Response, Problem> {
    match state.health.check().await {
        Ok(()) => Ok(told("ready")),
        Err(unready) => Err(Problem::new(ErrorCode::Unavailable, unready.to_string())),
    }
}

/// The status, and what has to be the same in every copy of a server that offers the same times.
fn told(status: &str) -> Response {
    let zones = zone_data_version();
    Json(json!({ "status": status, "time_zone_data": zones })).into_response()
}

/// Prometheus text.
pub(super) async fn metrics(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
) -> Response {
    state.live.measure();
    state.health.measure(&actor).await;
    let text = state.metrics.map(|handle| known(&handle.render())).unwrap_or_default();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// What is not known just now is left out. Prometheus then knows that it is not told, while a number that is none would
/// spoil whatever looks back over it.
fn known(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.ends_with(" NaN\n")).collect()
}
