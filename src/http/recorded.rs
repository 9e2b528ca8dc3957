//! Answers of the REST door that show patients' data are written into the audit trail before they leave.

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use crate::access::Actor;
use crate::audit::{Act, Answered};
use crate::request::{ErrorCode, Refusal};
use crate::services::Services;

/// What whoever asked is told instead.
pub(super) const NOT_RECORDED: &str = "What is shown of patients is written down first, and that can't be done just now; try again later";

/// What a route shows of patients, as its answer has the names.
fn fields(route: &str) -> &'static str {
    match route {
        "/patients" => "patient_id name email phone birth_date state insurance",
        _ => "patient patient_id patient_local_time patient_time_zone reason cancel_reason",
    }
}

/// Has the answer written down, if it shows anything, and only then lets it go.
pub(super) async fn record(
    State(services): State<Services>,
    request: Request,
    next: Next,
) -> Response {
    let actor = request.extensions().get::<Actor>().cloned();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let response = next.run(request).await;
    let Some(actor) = actor else { return response };
    let asked = || {
        let route = route.as_ref().map_or("unmatched", |route| route.as_str());
        Answered { operation: format!("{method} {route}"), fields: fields(route).to_owned() }
    };
    told(&services, &actor, asked, response).await
}

/// Has an answer to `actor` written down, if it shows anything, and only then lets it go.
pub(super) async fn told(
    services: &Services,
    actor: &Actor,
    asked: impl FnOnce() -> Answered,
    response: Response,
) -> Response {
    match services.trail.answered(actor, asked).await {
        Ok(()) => response,
        Err(cause) => {
            tracing::error!(%cause, "An answer is kept back: the audit trail can't be written");
            Problem::new(ErrorCode::Unavailable, NOT_RECORDED).into_response()
        }
    }
}

/// What was asked for, or that it was refused before it could begin: that is written down as well.
pub(super) async fn or_refused<T>(
    services: &Services,
    actor: &Actor,
    operation: &'static str,
    parsed: Result<T, Refusal>,
) -> Result<T, Refusal> {
    if let Err(refusal) = &parsed {
        services.trail.refused(&Act::of(actor, operation), refusal).await;
    }
    parsed
}
