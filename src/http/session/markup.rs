//! The pages to sign in with, as they stand in `web/sign-in`, filled in. They work without a script, and
//! nothing that was sent is in them but as text.

use axum::body::Body;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use url::form_urlencoded::byte_serialize;

const FRAME: &str = include_str!("../../../web/sign-in/frame.html");
const FORM: &str = include_str!("../../../web/sign-in/form.html");
const SIGNED_IN: &str = include_str!("../../../web/sign-in/signed-in.html");
const PASSWORD: &str = include_str!("../../../web/sign-in/password.html");

/// A style sheet of our own, the icon, and forms that are sent here: nothing else.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'",
);

/// What a page says first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Message {
    Nothing,
    /// Something was done.
    Done(&'static str),
    /// Something was not.
    Wrong(String),
}

impl Message {
    fn html(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Done(text) => {
                format!("      <p class=\"done\" role=\"status\">{}</p>", escaped(text))
            }
            Self::Wrong(text) => {
                format!(
                    "      <p class=\"wrong\" role=\"alert\" id=\"wrong\">{}</p>",
                    escaped(text)
                )
            }
        }
    }

    /// The title of the page: what is wrong goes first, for those who hear it.
    fn title(&self, title: &str) -> String {
        let before = if matches!(self, Self::Wrong(_)) { "Error: " } else { "" };
        format!("{before}{title}")
    }
}

/// What the form to sign in shows.
pub(super) struct Form<'a> {
    pub(super) message: Message,
    /// What was typed before.
    pub(super) email: &'a str,
    /// Where to go afterwards.
    pub(super) next: &'a str,
    /// Whether the clinic's identity provider may be asked instead.
    pub(super) offers_provider: bool,
}

/// Marks fields that are wrong, and says where it stands why.
const INVALID: &str = r#" aria-invalid="true" aria-errormessage="wrong""#;

pub(super) fn form(status: StatusCode, prefix: &str, form: &Form<'_>) -> Response {
    let invalid = if status == StatusCode::UNAUTHORIZED { INVALID } else { "" };
    // Where to go afterwards is asked for once: it says nothing where it is the landing page.
    let next: String = byte_serialize(form.next.as_bytes()).collect();
    let next = if form.next == "/" { String::new() } else { format!("?next={next}") };
    let provider = format!(
        "      <p><a class=\"button\" href=\"{prefix}/session/oidc{next}\">Sign in with the clinic's account</a></p>"
    );
    let content = filled(
        FORM,
        &[
            ("prefix", prefix),
            ("message", &form.message.html()),
            ("email", &escaped(form.email)),
            ("next", &escaped(form.next)),
            ("invalid", invalid),
            ("provider", if form.offers_provider { &provider } else { "" }),
        ],
    );
    page(status, prefix, &form.message.title("Sign in"), &content)
}

pub(super) fn signed_in(prefix: &str, name: &str, role: &str) -> Response {
    let content = filled(
        SIGNED_IN,
        &[("prefix", prefix), ("name", &escaped(name)), ("role", &escaped(role))],
    );
    page(StatusCode::OK, prefix, "Signed in", &content)
}

pub(super) fn password(status: StatusCode, prefix: &str, message: &Message) -> Response {
    let marked = |when| if status == when { INVALID } else { "" };
    let content = filled(
        PASSWORD,
        &[
            ("prefix", prefix),
            ("message", &message.html()),
            ("invalid_invitation", marked(StatusCode::UNAUTHORIZED)),
            ("invalid_password", marked(StatusCode::UNPROCESSABLE_ENTITY)),
        ],
    );
    page(status, prefix, &message.title("Set a password"), &content)
}

fn page(status: StatusCode, prefix: &str, title: &str, content: &str) -> Response {
    let html =
        filled(FRAME, &[("prefix", prefix), ("title", title), ("content", content.trim_end())]);
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, POLICY),
        // Under `no-referrer` browsers send forms with `Origin: null`.
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ];
    (status, headers, Body::from(html)).into_response()
}

/// A template with its places filled in; what is filled in is not looked through again.
fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, place)) = rest.split_once("{{") {
        text.push_str(before);
        let (name, after) = place.split_once("}}").unwrap_or((place, ""));
        let value = values.iter().find(|(known, _)| *known == name);
        text.push_str(value.map_or("", |(_, value)| value));
        rest = after;
    }
    text + rest
}

/// Text that means nothing to a browser but itself.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_stands_in_a_page_as_text_and_is_filled_in_once() {
        assert_eq!(escaped(r#"<a href="x">'&"#), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
        let values = [("one", "{{two}}"), ("two", "2")];
        assert_eq!(filled("{{one}}-{{two}}-{{three}}!", &values), "{{two}}-2-!");
    }
}
