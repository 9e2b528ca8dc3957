//! The bodies of REST requests: what the OpenAPI document says of them and what the routes read is
//! written twice, and held together here.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Engine, TestApp, john};

const UNKNOWN: &str = "is not a known field";
const REQUIRED: &str = "is required";

/// A field as the document describes it.
struct Described {
    pointer: String,
    schema: Value,
    required: bool,
}

impl Described {
    fn takes(&self, kind: &str) -> bool {
        let kinds = &self.schema["type"];
        *kinds == kind || kinds.as_array().is_some_and(|kinds| kinds.contains(&json!(kind)))
    }

    /// One value of each kind.
    fn samples(&self) -> Vec<(&'static str, Value)> {
        let text = match self.schema["format"].as_str() {
            Some("date-time") => "2027-01-11T15:00:00Z",
            Some("date") => "1980-05-17",
            _ => "x",
        };
        vec![
            ("boolean", json!(true)),
            ("integer", json!(30)),
            ("number", json!(30.5)),
            ("string", json!(text)),
            ("array", json!([])),
            ("object", json!({})),
        ]
    }
}

/// What a schema refers to, or itself.
fn resolved(document: &Value, schema: &Value) -> Value {
    if let Some(ways) = schema["oneOf"].as_array() {
        // Null, or an object.
        let object = ways.iter().find(|way| way["$ref"].is_string()).unwrap();
        let mut found = resolved(document, object);
        found["type"] = json!(["object", "null"]);
        return found;
    }
    let name = schema["$ref"].as_str().map(|name| name.trim_start_matches('#'));
    name.map_or(schema, |name| document.pointer(name).unwrap()).clone()
}

/// Every field of an object, those of the objects in it included.
fn fields(document: &Value, object: &Value, pointer: &str) -> Vec<Described> {
    assert_eq!(object["additionalProperties"], false, "{object}");
    let required = object["required"].as_array().cloned().unwrap_or_default();
    let mut found = Vec::new();
    for (name, schema) in object["properties"].as_object().unwrap() {
        let (pointer, schema) = (format!("{pointer}/{name}"), resolved(document, schema));
        if schema["properties"].is_object() {
            found.extend(fields(document, &schema, &pointer));
        }
        found.push(Described { pointer, schema, required: required.contains(&json!(name)) });
    }
    found
}

/// What a route finds wrong with a field of that value, if anything.
async fn complaint(app: &TestApp, path: &str, pointer: &str, value: Value) -> Option<String> {
    let body = pointer.rsplit('/').filter(|name| !name.is_empty()).fold(value, |value, name| {
        let mut object = serde_json::Map::new();
        object.insert(name.to_owned(), value);
        Value::Object(object)
    });
    let answer = app.post(path, &body).await.json();
    let errors = answer["errors"].as_array()?;
    let error = errors.iter().find(|error| error["pointer"] == pointer)?;
    Some(error["detail"].as_str().unwrap().to_owned())
}

/// The bodies that the document describes, each with its route, of which there is an appointment.
async fn described(app: &TestApp) -> Vec<(String, Vec<Described>)> {
    let booked = app.book(&json!({ "patient": john() })).await.json();
    let id = booked["appointment_id"].as_str().unwrap();
    let document = app.get("/openapi.json").await.json();
    let routes = document["paths"].as_object().unwrap().iter();
    let bodies = routes.filter_map(|(path, methods)| {
        let schema = &methods["post"]["requestBody"]["content"]["application/json"]["schema"];
        let object = resolved(&document, schema);
        object.is_object().then(|| (path.replace("{id}", id), fields(&document, &object, "")))
    });
    bodies.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_route_reads_each_field_that_the_document_has_and_takes_what_it_says() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let bodies = described(&app).await;
    assert_eq!(bodies.len(), 7);
    for (path, fields) in &bodies {
        for field in fields {
            let pointer = field.pointer.as_str();
            let mut complaints = BTreeSet::new();
            for (kind, value) in field.samples() {
                if !field.takes(kind) {
                    let heard = complaint(&app, path, pointer, value).await;
                    let heard = heard.unwrap_or_else(|| panic!("{path} {pointer} takes a {kind}"));
                    assert!(![UNKNOWN, REQUIRED].contains(&heard.as_str()), "{path} {pointer}");
                    complaints.insert(heard);
                }
            }
            assert_eq!(complaints.len(), 1, "{path} {pointer}: {complaints:?}");
            for (kind, value) in field.samples() {
                if field.takes(kind) {
                    let heard = complaint(&app, path, pointer, value).await.unwrap_or_default();
                    assert!(!complaints.contains(&heard), "{path} {pointer}: {kind}: {heard}");
                }
            }
            let without = complaint(&app, path, pointer, Value::Null).await;
            // Either a patient is described, or named by the id; either a state is told, or whose time to hold.
            let either = pointer == "/patient" || (path == "/hold" && pointer == "/state");
            let required = field.required || either;
            assert_eq!(without.is_some(), required, "{path} {pointer}: {without:?}");
            assert_ne!(field.takes("null"), field.required, "{path} {pointer}");
        }
    }
}

/// Every word in quotes in the source of the REST door: whatever it reads has its name there.
fn words() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/rest");
    let mut words = BTreeSet::from(["made_up".to_owned()]);
    // What is in the folder below describes, and reads nothing.
    for file in fs::read_dir(folder).unwrap() {
        let Ok(text) = fs::read_to_string(file.unwrap().path()) else { continue };
        let is_word = |text: &&str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        words.extend(text.split('"').filter(is_word).map(str::to_owned));
    }
    words
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_route_knows_no_field_that_the_document_has_not() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let words = words();
    assert!(words.contains("duration_minutes") && words.contains("after"), "{words:?}");
    for (path, fields) in described(&app).await {
        let inner = fields.iter().filter(|field| field.takes("object")).map(|field| &field.pointer);
        for object in inner.map(String::as_str).chain([""]) {
            for word in &words {
                let pointer = format!("{object}/{word}");
                if fields.iter().all(|field| field.pointer != pointer) {
                    let heard = complaint(&app, &path, &pointer, json!(true)).await;
                    assert_eq!(heard.as_deref(), Some(UNKNOWN), "{path} {pointer}");
                }
            }
        }
    }
}
