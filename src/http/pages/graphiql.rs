//! `GraphiQL`.

use axum::http::HeaderMap;
use axum::response::Response;

use super::assets::page;

/// The page where people try GraphQL: `GraphiQL`, or the plain page of a build without npm.
pub(in crate::http) fn graphiql(headers: &HeaderMap) -> Response {
    page("index.html", headers)
}
