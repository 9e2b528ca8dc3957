//! What a caller may not see: null, with one error for each field of the document, at the path of its
//! first null.

use std::collections::HashMap;

use async_graphql::{PathSegment, Response, ServerError, Value};

use crate::request::ErrorCode;

/// Of the errors that say that a field is forbidden, keeps one for each field of the document: however
/// many items of lists it is of, it is one thing to say. The others stay as they are.
pub(super) fn told_once(mut answer: Response) -> Response {
    if !answer.errors.iter().any(is_forbidden) {
        return answer;
    }
    let mut firsts: HashMap<Vec<String>, Vec<usize>> = HashMap::new();
    for error in answer.errors.iter().filter(|error| is_forbidden(error)) {
        let (field, places) = split(&error.path);
        // Items of lists are resolved in no order.
        let first = firsts.entry(field).or_insert_with(|| places.clone());
        if places < *first {
            *first = places;
        }
    }
    answer.errors.retain(|error| {
        let (field, places) = split(&error.path);
        !is_forbidden(error)
            || firsts.remove_entry(&field).is_some_and(|(field, first)| {
                let is_first = first == places;
                if !is_first {
                    firsts.insert(field, first);
                }
                is_first
            })
    });
    answer
}

/// Whether it says that a field is not for the caller to see.
pub(super) fn is_forbidden(error: &ServerError) -> bool {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    code.is_some_and(|code| *code == Value::from(ErrorCode::Forbidden.as_str()))
}

/// The field of the document that a path leads to, and the places in lists on the way there.
fn split(path: &[PathSegment]) -> (Vec<String>, Vec<usize>) {
    let (mut field, mut places) = (Vec::new(), Vec::new());
    for segment in path {
        match segment {
            PathSegment::Field(name) => field.push(name.clone()),
            PathSegment::Index(index) => places.push(*index),
        }
    }
    (field, places)
}

#[cfg(test)]
mod tests {
    use async_graphql::Pos;

    use super::*;

    fn error(code: &str, path: &[&str]) -> ServerError {
        let mut error = ServerError::new("told", Some(Pos::default()));
        error.path = path
            .iter()
            .map(|step| match step.parse() {
                Ok(index) => PathSegment::Index(index),
                Err(_name) => PathSegment::Field((*step).to_owned()),
            })
            .collect();
        error.extensions.get_or_insert_with(Default::default).set("code", code);
        error
    }

    fn told(errors: Vec<ServerError>) -> Vec<String> {
        let answer = told_once(Response::from_errors(errors));
        let path = |error: &ServerError| {
            let (field, places) = split(&error.path);
            format!("{} {places:?}", field.join("."))
        };
        answer.errors.iter().map(path).collect()
    }

    #[test]
    fn what_is_forbidden_is_told_once_for_each_field_at_its_first_null() {
        let errors = vec![
            error("FORBIDDEN", &["a", "nodes", "10", "patient"]),
            error("FORBIDDEN", &["a", "nodes", "9", "patient"]),
            error("FORBIDDEN", &["a", "nodes", "9", "reason"]),
            error("FORBIDDEN", &["b", "nodes", "0", "patient"]),
            error("FORBIDDEN", &["a", "nodes", "9", "patient"]),
            error("FORBIDDEN", &["patients"]),
        ];
        let expected =
            ["a.nodes.patient [9]", "a.nodes.reason [9]", "b.nodes.patient [0]", "patients []"];
        assert_eq!(told(errors), expected);
    }

    #[test]
    fn whatever_else_is_wrong_is_told_as_often_as_it_is() {
        let errors = vec![
            error("INTERNAL", &["a", "1", "b"]),
            error("FORBIDDEN", &["a", "1", "c"]),
            error("INTERNAL", &["a", "0", "b"]),
        ];
        assert_eq!(told(errors), ["a.b [1]", "a.c [1]", "a.b [0]"]);
    }
}
