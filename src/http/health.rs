//! Whether the server lives, whether it can serve, and its metrics.

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::problem::Problem;
use super::state::AppState;
use crate::booking::ErrorCode;
use crate::db::{migrations, outbox};

/// The process runs.
pub(super) async fn alive() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// The database answers, and has the schema that this version needs.
pub(super) async fn ready(State(state): State<AppState>) -> Result<Response, Problem> {
    let unready = |why: &str| Problem::new(ErrorCode::Unavailable, why);
    let db = state.service.db();
    let migrations = migrations::status(db).await.map_err(|error| {
        tracing::warn!(%error, "Not ready: the database does not answer");
        unready("The database does not answer")
    })?;
    if migrations.iter().all(|migration| migration.applied) {
        Ok(Json(json!({ "status": "ready" })).into_response())
    } else {
        Err(unready("The database lacks migrations: run clinic migrate up"))
    }
}

/// Prometheus text.
pub(super) async fn metrics(State(state): State<AppState>) -> Response {
    if let Ok((count, oldest)) = outbox::backlog(state.service.db().read()).await {
        let due_for = oldest.map(|oldest| state.service.now().duration_since(oldest).as_secs_f64());
        metrics::gauge!("clinic_outbox_backlog")
            .set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
        metrics::gauge!("clinic_outbox_oldest_seconds").set(due_for.unwrap_or_default().max(0.0));
    }
    let text = state.metrics.map(|handle| handle.render()).unwrap_or_default();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
