//! Answers of whatever stands around these pages, as pages: whoever has a link is no program.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use axum::middleware::Next;
use axum::response::Response;

use super::template::{nothing, told};
use crate::http::problem::ProblemCode;

/// Has every problem say in a page what happened, without a word of what was asked for.
pub(in crate::http) async fn plainly(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let media_type = response.headers().get(CONTENT_TYPE);
    let is_problem = media_type
        .is_some_and(|media_type| media_type.as_bytes().starts_with(b"application/problem+json"));
    if !is_problem {
        return response;
    }
    refused(told_of(response.status()), &response)
}

/// The answer to what lies below a link and is no page of it: as to a link that opens nothing.
pub(in crate::http) async fn nowhere() -> Response {
    nothing()
}

/// The status of a page that says why something was not done: 404 would say that the link opens nothing.
pub(super) fn status_of(problem: &Response) -> StatusCode {
    match problem.status() {
        StatusCode::NOT_FOUND => StatusCode::CONFLICT,
        status => status,
    }
}

/// A page in place of a problem, with what that says to programs on the way.
pub(super) fn refused(mut page: Response, problem: &Response) -> Response {
    for name in [RETRY_AFTER, ALLOW] {
        if let Some(value) = problem.headers().get(&name) {
            page.headers_mut().insert(name, value.clone());
        }
    }
    // For the log.
    if let Some(code) = problem.extensions().get::<ProblemCode>() {
        page.extensions_mut().insert(*code);
    }
    page
}

fn told_of(status: StatusCode) -> Response {
    let again = "Go back, load the page again, and try once more.";
    match status {
        StatusCode::NOT_FOUND => nothing(),
        StatusCode::TOO_MANY_REQUESTS => {
            told(status, "Too much at once", &["Wait a minute, and load the page again."])
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            told(status, "Not just now", &["Wait a moment, and load the page again."])
        }
        status if status.is_server_error() => told(
            status,
            "Something went wrong here",
            &["It is not your fault. Try again later, or ask the clinic."],
        ),
        status => told(status, "That could not be read", &[again]),
    }
}
