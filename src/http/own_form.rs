//! Forms of pages of ours: those to sign in with, and a patient's. No others are taken, and these only from our own
//! origin.

use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use super::body::{LARGEST_BODY, read_bytes};
use super::callers::{Shown, foreign_page, is_own_form};
use super::problem::Problem;
use super::state::AppState;
use crate::request::ErrorCode;

/// What a form of ours says.
pub(super) async fn own_form<T: DeserializeOwned>(
    state: &AppState,
    request: Request,
) -> Result<(Shown, T), Problem> {
    if !is_own_form(&request, &state.origins) {
        return Err(foreign_page());
    }
    let shown = state.access.shown(&request);
    let (parts, body) = request.into_parts();
    if !is_form(&parts.headers) {
        let detail = "This takes the form of its page: application/x-www-form-urlencoded";
        return Err(Problem::new(ErrorCode::UnsupportedMediaType, detail));
    }
    let bytes = read_bytes(&parts.headers, body, LARGEST_BODY).await?;
    let malformed = |_malformed| Problem::new(ErrorCode::BadRequest, "The form is malformed");
    Ok((shown, serde_urlencoded::from_bytes(&bytes).map_err(malformed)?))
}

fn is_form(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media_type.unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Where somebody is sent on to after a form.
pub(super) fn see(path: &str) -> Response {
    let location = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}
