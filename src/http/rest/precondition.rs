//! Versions as HTTP says them: an entity tag with each appointment, and `If-Match` (RFC 9110, 8.8.3
//! and 13.1.1) before a change. The tag is for that alone: what is shown also depends on names that
//! change without it, so nothing is kept and nothing is asked by `If-None-Match`.

use axum::http::header::{CACHE_CONTROL, ETAG, IF_MATCH};
use axum::http::{HeaderMap, HeaderValue};

use crate::domain::Appointment;
use crate::http::problem::Problem;
use crate::request::ErrorCode;

/// Says the version of the appointment that an answer shows.
pub(super) fn tag(headers: &mut HeaderMap, appointment: &Appointment) {
    if let Ok(tag) = HeaderValue::try_from(format!("\"{}\"", appointment.version)) {
        headers.insert(ETAG, tag);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
}

/// An `If-Match` that is no list of entity tags: a precondition that can't be read must not be taken
/// for none.
pub(super) struct MalformedPrecondition;

impl From<MalformedPrecondition> for Problem {
    fn from(_: MalformedPrecondition) -> Self {
        let detail = "If-Match must be * or entity tags such as \"7\"";
        Self::new(ErrorCode::BadRequest, detail)
    }
}

/// The versions that `If-Match` names; none where it is not there, or is `*`, which any will do for.
///
/// # Errors
///
/// [`MalformedPrecondition`]
pub(super) fn if_match(headers: &HeaderMap) -> Result<Option<Vec<i32>>, MalformedPrecondition> {
    let mut versions = Vec::new();
    let mut any = false;
    for line in headers.get_all(IF_MATCH) {
        let text = line.to_str().unwrap_or("?").trim();
        if text == "*" {
            any = true;
        } else {
            versions.extend(tags(text).ok_or(MalformedPrecondition)?);
        }
    }
    let named = headers.contains_key(IF_MATCH) && !any;
    Ok(named.then_some(versions))
}

/// The versions in a list of entity tags. One that is weak, or no version of ours, is none: it is
/// compared strongly, and equals nothing.
fn tags(list: &str) -> Option<Vec<i32>> {
    let mut versions = Vec::new();
    let mut rest = list;
    let mut seen = false;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return seen.then_some(versions);
        }
        let (weak, quoted) = match rest.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        let (tag, after) = quoted.strip_prefix('"')?.split_once('"')?;
        let is_tag = |byte: u8| byte == b'!' || (b'#'..=b'~').contains(&byte) || byte >= 0x80;
        let ends = after.is_empty()
            || after.trim_start_matches([' ', '\t']).starts_with(',')
            || after.trim_matches([' ', '\t']).is_empty();
        if !tag.bytes().all(is_tag) || !ends {
            return None;
        }
        seen = true;
        // As we write them: `"07"` is another tag than `"7"`.
        versions
            .extend(tag.parse().ok().filter(|version: &i32| !weak && version.to_string() == tag));
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::tags;

    #[test]
    fn a_list_of_entity_tags_is_read_and_nothing_else() {
        assert_eq!(tags("\"7\""), Some(vec![7]));
        assert_eq!(tags("\"7\", \"8\" ,,\"x,y\""), Some(vec![7, 8]));
        assert_eq!(tags("W/\"7\""), Some(vec![]));
        assert_eq!(tags("\"\", \"07\", \"+7\", \"99999999999\""), Some(vec![]));
        for text in ["", ",", "7", "\"7", "7\"", "w/\"7\"", "\"7\" \"8\"", "*, \"7\"", "\"a b\""] {
            assert_eq!(tags(text), None, "{text}");
        }
    }
}
