//! The files of the pages, which are inside the binary.
//!
//! No page asks another host for anything, and the headers see to it. What is embedded is decided
//! in `build.rs`.

use axum::{
    body::Body,
    extract::Path,
    http::{
        HeaderMap, HeaderValue,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY,
            CONTENT_TYPE, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
};

use crate::http::problem::Problem;
use crate::request::ErrorCode;

/// A file of the page, as `build.rs` lists them.
struct Asset {
    name: &'static str,
    /// Its name changes with its content, so it may be kept for ever.
    hashed: bool,
    plain: &'static [u8],
    gzip: Option<&'static [u8]>,
}

static ASSETS: &[Asset] = &include!(concat!(env!("OUT_DIR"), "/web_assets.rs"));

/// Monaco styles its lines inline, starts its workers from this origin and carries its fonts as
/// `data:`; nothing else leaves `'self'`.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; \
     connect-src 'self' ws: wss:; img-src 'self' data:; font-src 'self' data:; \
     base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
);
pub(super) const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");
const KEEP: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// A file that a page loads.
pub(in crate::http) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    page(&name, &headers)
}

pub(super) fn page(name: &str, headers: &HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return Problem::new(ErrorCode::NotFound, "There is no such file").into_response();
    };
    let packed = asset.gzip.filter(|_| accepts_gzip(headers));
    let caching = if asset.hashed { KEEP } else { REVALIDATE };
    let body = Body::from(packed.unwrap_or(asset.plain));
    let mut response = with_headers(body, media_type(name), caching);
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
    if packed.is_some() {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

pub(super) fn with_headers(body: Body, media_type: HeaderValue, caching: HeaderValue) -> Response {
    let headers = [
        (CONTENT_TYPE, media_type),
        (CACHE_CONTROL, caching),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, body).into_response()
}

pub(super) fn media_type(name: &str) -> HeaderValue {
    HeaderValue::from_static(match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("ttf") => "font/ttf",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    })
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(ACCEPT_ENCODING).iter();
    codings.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(
        |coding| {
            let mut parts = coding.split(';').map(str::trim);
            parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"))
                && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        },
    )
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    fn sent(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(
            axum::http::HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )])
    }

    #[test]
    fn the_pages_and_every_file_they_name_are_embedded() {
        let own = ["index.html", "desk.html", "docs.html", "docs.js", "home.js", "known.js"];
        let mut named = 0;
        for name in own {
            let file = ASSETS.iter().find(|asset| asset.name == name).unwrap();
            let text = str::from_utf8(file.plain).unwrap();
            for before in ["\"assets/desk/", "\"assets/graphiql/", "\"assets/pages/", "from \"./"] {
                for other in text.split(before).skip(1) {
                    let other = other.split('"').next().unwrap();
                    let is_there = ASSETS.iter().any(|asset| asset.name == other);
                    assert!(is_there, "{name} names {other}");
                    named += 1;
                }
            }
        }
        assert!(named > 6, "only {named}");
    }

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        assert!(accepts_gzip(&sent("accept-encoding", "br, GZIP;q=0.5")));
        assert!(!accepts_gzip(&sent("accept-encoding", "br, gzip;q=0")));
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn what_is_not_embedded_is_not_found() {
        let answer = asset(Path("../Cargo.toml".to_owned()), HeaderMap::new()).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    }
}
