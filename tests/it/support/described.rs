//! Holds every REST answer of every test against the OpenAPI document: its status, media type,
//! headers and body must be described.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jiff::Timestamp;
use jsonschema::Validator;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

/// The document as it is served, whenever that is.
pub(crate) static DOCUMENT: LazyLock<Value> = LazyLock::new(|| document_at(Timestamp::UNIX_EPOCH));

/// What HTTP itself says, and what stands between us and the client.
const UNDESCRIBED: [&str; 9] = [
    "access-control-allow-origin",
    "access-control-expose-headers",
    "allow",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "date",
    "vary",
];

pub(crate) fn document_at(now: Timestamp) -> Value {
    serde_json::from_str(&clinic::http::openapi(now)).unwrap()
}

/// What a reference leads to, or the value itself.
pub(crate) fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let Some(reference) = value["$ref"].as_str() else {
        return value;
    };
    let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference}"));
    document.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

/// What a schema of the document finds wrong with a value; formats count.
pub(crate) fn complaints(schema: &Value, value: &Value) -> Vec<String> {
    static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> =
        LazyLock::new(Mutex::default);
    let mut validators = VALIDATORS.lock().unwrap();
    let validator = validators.entry(schema.to_string()).or_insert_with(|| {
        let mut schema = schema.clone();
        // References in it lead to the components of the document.
        schema["components"] = DOCUMENT["components"].clone();
        Arc::new(jsonschema::options().should_validate_formats(true).build(&schema).unwrap())
    });
    let validator = Arc::clone(validator);
    drop(validators);
    validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// The operation that answers at a path; `None` where the REST door has none.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let fits = |template: &str| {
        let (template, path) = (template.split('/'), path.split('/'));
        // What comes after a parameter is how its part ends.
        let is_filled = |(part, given): (&str, &str)| {
            let ends = part.strip_prefix('{').and_then(|part| part.split_once('}'));
            part == given || ends.is_some_and(|(_, ending)| given.ends_with(ending))
        };
        template.clone().count() == path.clone().count() && template.zip(path).all(is_filled)
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    // A path in so many words goes before one with a parameter, and one that says how it ends before one that
    // does not.
    let known = paths.get(path).or_else(|| {
        let fitting = paths.iter().filter(|(template, _)| fits(template));
        fitting.max_by_key(|(template, _)| template.len()).map(|(_, methods)| methods)
    });
    known?.get(method.to_lowercase())
}

/// Fails unless the document describes the answer.
pub(crate) fn assert_described(
    method: &str,
    path: &str,
    status: u16,
    headers: &HeaderMap,
    text: &str,
) {
    // The mocked scheduling service has the same paths, and names no requests.
    let Some(operation) = operation(method, path).filter(|_| headers.contains_key("x-request-id"))
    else {
        return;
    };
    let what = format!("{method} {path}: {status} {text:.300}");
    let response = &operation["responses"][status.to_string()];
    assert!(response.is_object(), "this status is not described: {what}");
    let response = resolved(&DOCUMENT, response);
    let described = |name: &str| {
        let mut names = response["headers"].as_object().into_iter().flatten();
        UNDESCRIBED.contains(&name) || names.any(|(known, _)| known.eq_ignore_ascii_case(name))
    };
    for name in headers.keys() {
        assert!(described(name.as_str()), "the header {name} is not described: {what}");
    }
    let media_type = headers.get("content-type").map(|value| value.to_str().unwrap());
    let Some(media_type) = media_type else {
        assert!(response["content"].is_null(), "no body where one is described: {what}");
        return;
    };
    let essence = media_type.split(';').next().unwrap().trim();
    let content = &response["content"][essence];
    assert!(content.is_object(), "the media type {media_type} is not described: {what}");
    if essence.ends_with("json") {
        let value: Value = serde_json::from_str(text).unwrap_or_else(|_| panic!("{what}"));
        let wrong = complaints(&content["schema"], &value);
        assert!(wrong.is_empty(), "{wrong:#?}\n{what}");
        let unknown = unknown_fields(&content["schema"], &value);
        assert!(unknown.is_empty(), "{unknown:?} are not described: {what}");
    }
}

/// The fields of an object, and of those in it, that its schema does not have.
fn unknown_fields(schema: &Value, value: &Value) -> Vec<String> {
    let schema = resolved(&DOCUMENT, schema);
    let mut unknown = Vec::new();
    if let (Some(properties), Some(fields)) = (schema["properties"].as_object(), value.as_object())
    {
        for (name, inner) in fields {
            match properties.get(name) {
                Some(schema) => unknown.extend(unknown_fields(schema, inner)),
                None => unknown.push(name.clone()),
            }
        }
    }
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        unknown.extend(values.iter().flat_map(|value| unknown_fields(items, value)));
    }
    unknown
}

#[test]
fn an_answer_that_is_not_described_is_noticed() {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/problem+json".parse().unwrap());
    headers.insert("x-request-id", "1".parse().unwrap());
    let problem = json!({ "type": "urn:clinic:error:NOT_FOUND", "title": "Not found",
        "status": 404, "detail": "No", "code": "NOT_FOUND" });
    let path = "/appointment/apt_1";
    let noticed = |status: u16, headers: &HeaderMap, body: &Value| {
        let (headers, text) = (headers.clone(), body.to_string());
        std::panic::catch_unwind(move || assert_described("GET", path, status, &headers, &text))
            .is_err()
    };
    assert!(!noticed(404, &headers, &problem));
    assert!(noticed(418, &headers, &problem));
    let mut wrong = problem.clone();
    wrong["status"] = json!("404");
    assert!(noticed(404, &headers, &wrong));
    let mut more = problem.clone();
    more["hint"] = json!("none");
    assert!(noticed(404, &headers, &more));
    headers.insert("x-made-up", "1".parse().unwrap());
    assert!(noticed(404, &headers, &problem));
}
