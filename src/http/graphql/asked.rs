//! What a request says of its operation before its document is read: of one that is refused nothing
//! else is known.

use async_graphql::parser::types::OperationType;
use serde_json::Value as Json;

/// The most letters of a name that are told.
pub(super) const LONGEST_NAME: usize = 64;

/// What a request says of its operation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct OperationAsked {
    pub(super) name: Option<String>,
    pub(super) kind: Option<OperationType>,
}

impl OperationAsked {
    /// `operationName`, if it is a name; else the name that the document begins with.
    pub(super) fn of(request: &Json) -> Self {
        let text = |name: &str| request.get(name).and_then(Json::as_str);
        let (kind, first) = text("query").map(first_words).unwrap_or_default();
        let asked = text("operationName");
        Self {
            name: asked.or(first).filter(|name| is_name(name)).map(str::to_owned),
            // Of an operation further down nothing is known.
            kind: kind.filter(|_| asked.is_none() || asked == first),
        }
    }
}

/// Whether it is a name of GraphQL, and not a long one.
pub(super) fn is_name(text: &str) -> bool {
    text.len() <= LONGEST_NAME
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The type and the name that a document begins with.
fn first_words(document: &str) -> (Option<OperationType>, Option<&str>) {
    let document = after_ignored(document);
    let (word, rest) = split_word(document);
    let kind = match word {
        "query" => OperationType::Query,
        "mutation" => OperationType::Mutation,
        "subscription" => OperationType::Subscription,
        "" if document.starts_with('{') => return (Some(OperationType::Query), None),
        _ => return (None, None),
    };
    let (name, _) = split_word(after_ignored(rest));
    (Some(kind), Some(name).filter(|name| !name.is_empty()))
}

/// What follows on spaces, commas and comments.
fn after_ignored(mut document: &str) -> &str {
    loop {
        document = document.trim_start_matches([' ', '\t', '\n', '\r', ',', '\u{feff}']);
        let Some(comment) = document.strip_prefix('#') else { return document };
        document = comment.trim_start_matches(|letter| letter != '\n' && letter != '\r');
    }
}

fn split_word(document: &str) -> (&str, &str) {
    let is_end = |letter: char| !letter.is_ascii_alphanumeric() && letter != '_';
    document.split_at(document.find(is_end).unwrap_or(document.len()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(query: &str, operation_name: &Json) -> (Option<String>, Option<OperationType>) {
        let request = json!({ "query": query, "operationName": operation_name });
        let OperationAsked { name, kind } = OperationAsked::of(&request);
        (name, kind)
    }

    #[test]
    fn the_first_operation_is_told_by_its_first_words() {
        let query = Some(OperationType::Query);
        for (document, expected) in [
            ("{ a }", (None, query)),
            ("query { a }", (None, query)),
            ("query Q { a }", (Some("Q".to_owned()), query)),
            ("\u{feff}# query X\r\n,, query# Y\nQ($a: Int) {", (Some("Q".to_owned()), query)),
            ("mutation M{a}", (Some("M".to_owned()), Some(OperationType::Mutation))),
            ("subscription S@a {a}", (Some("S".to_owned()), Some(OperationType::Subscription))),
            ("fragment F on Query { a }", (None, None)),
            ("John Doe", (None, None)),
            ("query 1", (None, query)),
            ("#", (None, None)),
            ("", (None, None)),
        ] {
            assert_eq!(asked(document, &Json::Null), expected, "{document}");
        }
    }

    #[test]
    fn the_name_that_is_asked_for_goes_first_where_it_is_one() {
        let name = |name: &str| asked("query Q { a }", &name.into());
        assert_eq!(name("Q"), (Some("Q".to_owned()), Some(OperationType::Query)));
        assert_eq!(name("_Other2"), (Some("_Other2".to_owned()), None));
        for wrong in ["", "2x", "John Doe", "a\nb", "é", &"x".repeat(65)] {
            assert_eq!(name(wrong), (None, None), "{wrong}");
        }
        assert_eq!(OperationAsked::of(&Json::Null), OperationAsked::default());
        assert_eq!(asked(&format!("query {} {{ a }}", "x".repeat(65)), &Json::Null).0, None);
    }
}
