//! The names that a caller gives its request: they are taken over where they are well-formed, so that
//! its log and ours can be read together.

use axum::http::{HeaderMap, HeaderName};
use uuid::Uuid;

use crate::traces::TraceParent;

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

/// The caller's place in a trace; none where it has none, or not a valid one.
pub(super) fn trace_parent(headers: &HeaderMap) -> Option<TraceParent> {
    only(headers, &TRACE_PARENT).and_then(TraceParent::parse)
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
