//! The REST documentation, to read and to try: Swagger UI in a page of our own.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use utoipa_swagger_ui::{Config, serve};

use super::assets::{REVALIDATE, media_type, page, with_headers};
use crate::http::problem::Problem;
use crate::request::ErrorCode;

/// What of Swagger UI the page loads; the rest of its files are for pages we do not have.
const FILES: [&str; 2] = ["swagger-ui.css", "swagger-ui-bundle.js"];

/// `GET /docs`
pub(in crate::http) async fn docs(headers: HeaderMap) -> Response {
    page("docs.html", &headers)
}

/// A file of Swagger UI.
pub(in crate::http) async fn file(Path(name): Path<String>) -> Response {
    let wanted = FILES.contains(&name.as_str());
    match serve(&name, Arc::new(Config::default())) {
        Ok(Some(file)) if wanted => {
            with_headers(Body::from(file.bytes), media_type(&name), REVALIDATE)
        }
        _ => Problem::new(ErrorCode::NotFound, "There is no such file").into_response(),
    }
}
