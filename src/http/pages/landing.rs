//! The landing page.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use super::assets::{REVALIDATE, with_headers};
use crate::http::state::AppState;

static HOME: &str = include_str!("../../../web/home.html");

/// The landing page: where everything is, and how to book for the first time.
pub(in crate::http) async fn home(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let public_url = state.public_url.as_ref();
    let (origin, prefix) = match public_url {
        Some(public_url) => (public_url.as_str().to_owned(), public_url.prefix()),
        None => (origin(&headers), ""),
    };
    // With the prefix, for the page may be opened without the slash at its end.
    let html = HOME.replace("{{origin}}", &origin).replace("{{prefix}}", prefix);
    let media_type = HeaderValue::from_static("text/html; charset=utf-8");
    with_headers(Body::from(html), media_type, REVALIDATE)
}

/// Where the reader reached us, for the `curl` line; only what can stand in a page as it is.
fn origin(headers: &HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let is_plain = |host: &&str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
        !host.is_empty() && host.bytes().all(allowed)
    };
    let host = text(HOST.as_str()).filter(is_plain).unwrap_or("127.0.0.1:8080");
    let is_tls =
        text("x-forwarded-proto").is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
    format!("{}://{host}", if is_tls { "https" } else { "http" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(
            axum::http::HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )])
    }

    #[test]
    fn the_landing_page_never_repeats_a_hostile_host() {
        assert_eq!(origin(&sent("host", "[::1]:9000")), "http://[::1]:9000");
        assert_eq!(origin(&sent("host", "a<script>")), "http://127.0.0.1:8080");
    }
}
