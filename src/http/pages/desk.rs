//! The front desk.

use axum::http::HeaderMap;
use axum::response::Response;

use super::assets::page;

/// `GET /desk`: the page for the people who book, or how to get it where it was built without npm.
///
/// What it shows it reads from the API, which asks who somebody is; the page itself holds nothing.
pub(in crate::http) async fn desk(headers: HeaderMap) -> Response {
    page("desk.html", &headers)
}

/// `GET /desk/mail`: the same page, which shows what patients are told by mail. It names its files by where it is.
pub(in crate::http) async fn mail(headers: HeaderMap) -> Response {
    page("desk-mail.html", &headers)
}
