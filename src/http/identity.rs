//! The names that a caller gives its request: they are taken over where they are well-formed, so that
//! its log and ours can be read together.

use axum::http::{HeaderMap, HeaderName};
use uuid::Uuid;

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");
const LONGEST_REQUEST_ID: usize = 64;

/// Names a request in the server's log.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub(super) String);

impl RequestId {
    /// The caller's, of up to 64 letters, digits, `.`, `_` and `-`; else a new one.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let sent = only(headers, &REQUEST_ID)
            .filter(|id| (1..=LONGEST_REQUEST_ID).contains(&id.len()) && id.bytes().all(is_name));
        #[expect(clippy::disallowed_methods, reason = "names a request, not a thing of the domain")]
        let new = || Uuid::now_v7().simple().to_string();
        Self(sent.map_or_else(new, str::to_owned))
    }
}

/// The caller's place in a trace, as W3C Trace Context spells it:
/// <https://www.w3.org/TR/trace-context/#traceparent-header>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TraceParent<'a> {
    pub(super) trace_id: &'a str,
    pub(super) parent_id: &'a str,
}

impl<'a> TraceParent<'a> {
    /// None where the caller has none, or not a valid one.
    pub(super) fn of(headers: &'a HeaderMap) -> Option<Self> {
        only(headers, &TRACE_PARENT).and_then(Self::parse)
    }

    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split('-');
        let (version, trace_id) = (parts.next()?, parts.next()?);
        let (parent_id, flags) = (parts.next()?, parts.next()?);
        let valid = is_hex(version, 2)
            && version != "ff"
            && is_hex(flags, 2)
            // Later versions may say more behind it.
            && (parts.next().is_none() || version != "00")
            && [(trace_id, 32), (parent_id, 16)]
                .iter()
                .all(|(id, length)| is_hex(id, *length) && id.bytes().any(|digit| digit != b'0'));
        valid.then_some(Self { trace_id, parent_id })
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The value of a header that is there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_parent_is_taken_as_the_specification_has_it() {
        let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        let taken = Some(TraceParent { trace_id: trace, parent_id: parent });
        for (text, expected) in [
            (format!("00-{trace}-{parent}-01"), taken),
            (format!("00-{trace}-{parent}-00"), taken),
            (format!("cc-{trace}-{parent}-01-what-comes-later"), taken),
            (format!("00-{trace}-{parent}-01-more"), None),
            (format!("ff-{trace}-{parent}-01"), None),
            (format!("0-{trace}-{parent}-01"), None),
            (format!("00-{trace}-{parent}"), None),
            (format!("00-{trace}-{parent}-1"), None),
            (format!("00-{}-{parent}-01", trace.to_uppercase()), None),
            (format!("00-{}-{parent}-01", "0".repeat(32)), None),
            (format!("00-{trace}-{}-01", "0".repeat(16)), None),
            (format!("00-{}g-{parent}-01", &trace[1..]), None),
            (format!("00-{}é-{parent}-01", &trace[2..]), None),
            (format!(" 00-{trace}-{parent}-01"), None),
            (String::new(), None),
        ] {
            assert_eq!(TraceParent::parse(&text), expected, "{text}");
        }
    }

    #[test]
    fn a_request_id_is_taken_where_it_is_a_plain_name() {
        let id = |sent: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in sent {
                headers.append(REQUEST_ID, value.parse().unwrap());
            }
            RequestId::of(&headers).0
        };
        let longest = "x".repeat(64);
        for taken in ["a", "Az09._-", longest.as_str()] {
            assert_eq!(id(&[taken]), taken);
        }
        let too_long = "x".repeat(65);
        for sent in
            [&[][..], &[""], &["a b"], &["a\tb"], &["a/b"], &["ü"], &[&too_long], &["a", "a"]]
        {
            let new = id(sent);
            assert_eq!((new.len(), new == id(sent)), (32, false), "{sent:?}");
        }
    }
}
