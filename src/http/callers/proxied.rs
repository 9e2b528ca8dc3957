//! Whether somebody else may be behind a request than whoever is at this machine.
//!
//! Access is open by default where nobody but this machine can call. A proxy on it would open it to
//! whoever reaches the proxy, and says so by its headers: then nothing is answered, until somebody has
//! written down what is meant.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{FORWARDED, VIA};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::host::ANSWERED_AT_ANY_NAME;
use crate::http::problem::Problem;
use crate::request::ErrorCode;

/// Whether requests that came through a proxy are answered.
#[derive(Debug, Clone, Copy)]
pub struct ProxyPolicy {
    /// Whether access is open because nobody but this machine can call.
    pub is_open_here: bool,
}

/// Refuses what came through a proxy, where that is not meant to be.
pub(in crate::http) async fn refuse_proxied(
    State(policy): State<Arc<ProxyPolicy>>,
    request: Request,
    next: Next,
) -> Response {
    let told = policy.is_open_here && !ANSWERED_AT_ANY_NAME.contains(&request.uri().path());
    let Some(header) = told.then(|| proxys_header(request.headers())).flatten() else {
        return next.run(request).await;
    };
    tracing::warn!(
        header,
        "Refused a request that came through a proxy ({header}): access is open to this machine alone. \
         Set ACCESS=closed to have people sign in (with PUBLIC_URL, the address that they type), or \
         ACCESS=open if whoever reaches the proxy may do everything"
    );
    let detail = "This came through a proxy, and this server is open to its own machine alone: its \
                  operator may set ACCESS";
    Problem::new(ErrorCode::Forbidden, detail).into_response()
}

/// The header by which a proxy has said that it is one; not by which name, for anybody can make up
/// many.
fn proxys_header(headers: &HeaderMap) -> Option<&'static str> {
    if headers.contains_key(FORWARDED) {
        Some("Forwarded")
    } else if headers.contains_key(VIA) {
        Some("Via")
    } else {
        let mut names = headers.keys().map(axum::http::HeaderName::as_str);
        names.any(|name| name.starts_with("x-forwarded-")).then_some("X-Forwarded-*")
    }
}
