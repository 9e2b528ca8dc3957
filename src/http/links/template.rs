//! The pages as they stand in `templates/`, filled in. They work without a script and ask nobody for anything: the style
//! is in the page, and the policy names it by its hash. What is filled in is text.

use std::sync::LazyLock;

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::http::problem::Problem;
use crate::request::ErrorCode;

const STYLE: &str = include_str!("templates/style.css");
const TEMPLATES: [(&str, &str); 5] = [
    ("frame.html", include_str!("templates/frame.html")),
    ("parts.html", include_str!("templates/parts.html")),
    ("visit.html", include_str!("templates/visit.html")),
    ("offer.html", include_str!("templates/offer.html")),
    ("told.html", include_str!("templates/told.html")),
];

/// What is meant for search engines that ignore the page's own word.
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

static PAGES: LazyLock<Result<Environment<'static>, minijinja::Error>> = LazyLock::new(|| {
    let mut pages = Environment::new();
    pages.set_undefined_behavior(UndefinedBehavior::Strict);
    pages.set_auto_escape_callback(|_name| AutoEscape::Html);
    for (name, text) in TEMPLATES {
        pages.add_template(name, text)?;
    }
    Ok(pages)
});

/// Nothing but the style of the page, the icon, and forms that are sent here.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// What a page says first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Message<'a> {
    Nothing,
    /// Something was done.
    Done(&'a str),
    /// Something was not.
    Wrong(&'a str),
}

/// A page of ours; an answer that says that there is a bug, where it can't be made.
pub(super) fn page(
    status: StatusCode,
    template: &str,
    message: Message<'_>,
    filled: impl Serialize,
) -> Response {
    let (done, wrong) = match message {
        Message::Nothing => (None, None),
        Message::Done(text) => (Some(text), None),
        Message::Wrong(text) => (None, Some(text)),
    };
    let around = context! { style => STYLE, done, wrong };
    let made = PAGES.as_ref().map_err(ToString::to_string).and_then(|pages| {
        let template = pages.get_template(template).map_err(|error| error.to_string())?;
        let filled = context! { ..around, ..Value::from(Serde(filled)) };
        // What a template's error says may hold what it was filled with.
        template.render(filled).map_err(|error| format!("{:?}", error.kind()))
    });
    match made {
        Ok(html) => {
            let html_type = HeaderValue::from_static("text/html; charset=utf-8");
            let policy = (CONTENT_SECURITY_POLICY, POLICY.clone());
            (status, [(CONTENT_TYPE, html_type), policy], kept_private(), html).into_response()
        }
        Err(cause) => {
            tracing::error!(cause, template, "A page could not be made");
            Problem::new(ErrorCode::Internal, "Internal error").into_response()
        }
    }
}

/// What every answer to a link says to whoever is between it and its reader.
pub(super) fn kept_private() -> [(HeaderName, HeaderValue); 3] {
    [
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        // Under `no-referrer` browsers send forms with `Origin: null`.
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (ROBOTS, HeaderValue::from_static("noindex, nofollow")),
    ]
}

#[derive(Serialize)]
struct Told<'a> {
    heading: &'a str,
    lines: &'a [&'a str],
}

/// A page with a heading and what follows from it.
pub(super) fn told(status: StatusCode, heading: &str, lines: &[&str]) -> Response {
    page(status, "told.html", Message::Nothing, Told { heading, lines })
}

/// Where a link opens nothing, for whatever reason: the same for all.
pub(super) fn nothing() -> Response {
    let lines = [
        "It may have ended with the visit, or have been answered already, or not all of it was copied.",
        "Look for the clinic’s latest mail to you, or ask the clinic.",
    ];
    told(StatusCode::NOT_FOUND, "This link opens nothing", &lines)
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn what_is_filled_in_is_text_and_what_is_missing_is_an_error() {
        let made = told(StatusCode::OK, "<b>&", &["\"x\""]);
        assert_eq!(made.status(), StatusCode::OK);
        let html = to_bytes(made.into_body(), 100_000).await.unwrap();
        let html = str::from_utf8(&html).unwrap();
        assert!(
            html.contains("<h1>&lt;b&gt;&amp;</h1>") && html.contains("&quot;x&quot;"),
            "{html}"
        );
        assert!(html.contains(STYLE), "{html}");
        let unfilled = page(StatusCode::OK, "told.html", Message::Nothing, ());
        assert_eq!(unfilled.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
