//! What every answer tells whoever stands between it and its reader, unless it says otherwise
//! itself: keep no copy, guess no type, tell nobody where from, and run nothing of it.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

/// Most answers hold patients. What may be kept, the files of the pages, says so.
const USUAL: [(HeaderName, HeaderValue); 4] = [
    (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
];

/// Adds what the answer does not say.
pub(super) async fn protect(mut response: Response) -> Response {
    for (name, value) in USUAL {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}
