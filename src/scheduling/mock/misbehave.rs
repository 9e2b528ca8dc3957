//! The layer that makes the mocked service misbehave as ordered.

use std::io;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::MockScheduler;
use super::faults::{Afterwards, Fate, Instead};
use super::lie;
use super::line::Line;
use super::poison::poison;
use super::problem::Problem;

/// The largest request body, in bytes.
const BODY_LIMIT: usize = 64 * 1024;

/// Whether the fault `refuse` has struck this request.
#[derive(Clone, Copy)]
pub(super) struct Refusing(pub(super) bool);

/// Gives a request its fate before and after it is acted on.
pub(super) async fn misbehave(
    State(mock): State<Arc<MockScheduler>>,
    line: Option<Extension<ConnectInfo<Line>>>,
    request: Request,
    next: Next,
) -> Response {
    let fate = mock.fate();
    if matches!(fate.instead, Some(Instead::Down)) {
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "down").into_response();
    }
    let (parts, body) = request.into_parts();
    // Read now, so that nothing is missing if the caller hangs up during the latency.
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large")
            .into_response();
    };
    match poison(&mock, &parts, &body).await {
        Ok(None) => {}
        Ok(Some(poisoned)) => return poisoned.into_response(),
        Err(error) => return Problem::from(error).into_response(),
    }
    let line = line.map(|Extension(ConnectInfo(line))| line);
    let mut request = Request::from_parts(parts, Body::from(body));
    request.extensions_mut().insert(Refusing(fate.refuse));
    // A task of its own: like a real service, the mock acts even when its caller has hung up.
    let acting = tokio::spawn(act(mock, fate, line, request, next));
    acting.await.unwrap_or_else(|error| Problem::from(io::Error::other(error)).into_response())
}

async fn act(
    mock: Arc<MockScheduler>,
    fate: Fate,
    line: Option<Line>,
    request: Request,
    next: Next,
) -> Response {
    tokio::time::sleep(fate.latency).await;
    match fate.instead {
        Some(Instead::Error) => {
            return Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "an error was ordered")
                .into_response();
        }
        Some(Instead::Drop) => return hang_up(line),
        Some(Instead::Down) | None => {}
    }
    let may_be_confirmed = lie::may_be_confirmed(&request);
    let response = next.run(request).await;
    match fate.afterwards {
        Some(Afterwards::LostReply) => hang_up(line),
        Some(Afterwards::Garbage) => (StatusCode::OK, "<html>it works!").into_response(),
        Some(Afterwards::Lie(what)) if may_be_confirmed => lie::told(what, &mock, response).await,
        Some(Afterwards::Lie(_)) | None => response,
    }
}

/// Closes the connection; the answer returned is never sent.
fn hang_up(line: Option<Line>) -> Response {
    if let Some(line) = line {
        line.cut();
    }
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "this was not served by mock::serve")
        .into_response()
}
