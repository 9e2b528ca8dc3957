//! What an answer looks like: its status, its media type, and a code on every error.

use async_graphql::{Response as Answer, ServerError, Value};
use async_graphql_axum::GraphQLResponse;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::media_type::MediaType;
use crate::audit::NotRecorded;
use crate::graphql::gate::GateRefusal;
use crate::http::identity::RequestId;
use crate::http::recorded::NOT_RECORDED;
use crate::request::ErrorCode;

/// The answer to a request that was not run.
pub(super) fn refused(refusal: GateRefusal, media_type: MediaType) -> Response {
    let newer = media_type == MediaType::GraphqlResponse;
    let status = match refusal.code() {
        // The request itself is malformed, so that the older media type has an error status too.
        ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::BadRequest => StatusCode::BAD_REQUEST,
        // For what stands between, and counts by the status.
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        _ if newer => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    let retry_after = refusal.retry_after();
    let mut response = respond(status, refused_body(&refusal.into_errors()), media_type);
    response.headers_mut().extend(retry_after.map(|wait| (RETRY_AFTER, HeaderValue::from(wait))));
    response
}

/// The answer to a request that was run, its errors [`complete`].
pub(super) fn answered(answer: Answer, media_type: MediaType) -> Response {
    // Without a path it was refused before anything ran, and has no data; but what was stopped
    // while it ran has.
    let refused = answer.data == Value::Null
        && !answer.errors.is_empty()
        && answer
            .errors
            .iter()
            .all(|error| error.path.is_empty() && !has_code(error, ErrorCode::Unavailable));
    if refused {
        let newer = media_type == MediaType::GraphqlResponse;
        let status = if newer { StatusCode::BAD_REQUEST } else { StatusCode::OK };
        return respond(status, refused_body(&answer.errors), media_type);
    }
    respond(StatusCode::OK, GraphQLResponse::from(answer), media_type)
}

fn respond(status: StatusCode, body: impl IntoResponse, media_type: MediaType) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, media_type.header());
    headers.insert(VARY, HeaderValue::from_static("accept"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("POST"));
    }
    response
}

/// An answer as it is written: without `data` where nothing has run.
pub(super) fn body_of(answer: &Answer) -> String {
    if was_refused(answer) && answer.errors.iter().all(|error| error.path.is_empty()) {
        refused_body(&answer.errors)
    } else {
        serde_json::to_string(answer).unwrap_or_default()
    }
}

/// Whether nothing was run: the operation was not valid, or could not begin.
pub(super) fn was_refused(answer: &Answer) -> bool {
    answer.data == Value::Null && !answer.errors.is_empty()
}

fn refused_body(errors: &[ServerError]) -> String {
    json!({ "errors": errors }).to_string()
}

fn has_code(error: &ServerError, code: ErrorCode) -> bool {
    let found = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    found.is_some_and(|found| *found == Value::from(code.as_str()))
}

/// What is answered instead of what could not be written into the audit trail.
pub(super) fn not_recorded(cause: &NotRecorded) -> Answer {
    tracing::error!(%cause, "A GraphQL answer is kept back: the audit trail can't be written");
    let mut error = ServerError::new(NOT_RECORDED, None);
    let code = ErrorCode::Unavailable.as_str();
    error.extensions.get_or_insert_with(Default::default).set("code", code);
    Answer::from_errors(vec![error])
}

/// What is answered instead of what has panicked.
pub(super) fn panicked() -> Answer {
    tracing::error!("A GraphQL operation panicked");
    let mut error = ServerError::new("Internal error", None);
    let code = ErrorCode::Internal.as_str();
    error.extensions.get_or_insert_with(Default::default).set("code", code);
    Answer::from_errors(vec![error])
}

/// Gives every error of an answer its code, and a bug the name of the request.
pub(in crate::http) fn complete(errors: &mut [ServerError], request_id: &RequestId) {
    for error in errors {
        if has_code(error, ErrorCode::Internal) {
            let extensions = error.extensions.get_or_insert_with(Default::default);
            extensions.set("requestId", &request_id.0);
        } else if error.extensions.as_ref().is_none_or(|known| known.get("code").is_none()) {
            let code = ErrorCode::GraphqlValidationFailed;
            error.extensions.get_or_insert_with(Default::default).set("code", code.as_str());
        }
    }
}
