//! The OpenAPI document against reality. That every answer is described is held by
//! `support/described.rs`, in all tests; here is what the document says by itself.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, DOCUMENT, Engine, TestApp, complaints, document_at, on_both_engines, resolved,
};

/// The document, and where each of its parts stands in it.
fn parts(value: &Value, pointer: String, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                parts(inner, format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                parts(inner, format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
    found.push((pointer, value.clone()));
}

fn all_parts() -> Vec<(String, Value)> {
    let mut found = Vec::new();
    parts(&DOCUMENT, String::new(), &mut found);
    found
}

/// Every operation: its path, its method, itself.
fn operations(document: &Value) -> Vec<(String, Method, Value)> {
    let methods = ["get", "put", "post", "delete", "patch"];
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| {
        let known = methods.into_iter().filter(|method| item[method].is_object());
        known.map(|method| {
            let verb = method.to_uppercase().parse().unwrap();
            (path.clone(), verb, item[method].clone())
        })
    });
    operations.collect()
}

/// The values of `example` and `examples` of an object.
fn examples(object: &Value) -> Vec<Value> {
    let mut found: Vec<Value> = object.get("example").cloned().into_iter().collect();
    match &object["examples"] {
        Value::Array(listed) => found.extend(listed.iter().cloned()),
        Value::Object(named) => {
            found.extend(named.values().map(|example| example["value"].clone()));
        }
        _ => {}
    }
    found
}

#[test]
fn every_reference_leads_somewhere() {
    let mut count = 0;
    for (pointer, part) in all_parts() {
        if let Some(reference) = part["$ref"].as_str() {
            let target = reference.strip_prefix('#').map(|target| DOCUMENT.pointer(target));
            assert!(matches!(target, Some(Some(_))), "{pointer}: {reference}");
            count += 1;
        }
    }
    assert!(count > 60, "only {count}");
}

#[test]
fn every_example_is_what_its_schema_says() {
    let mut count = 0;
    for (pointer, part) in all_parts() {
        // A media type or parameter has a schema beside its example; a schema is one.
        let schema = if part["schema"].is_object() { &part["schema"] } else { &part };
        for example in examples(&part) {
            let wrong = complaints(schema, &example);
            assert!(wrong.is_empty(), "{pointer}: {example}: {wrong:?}");
            count += 1;
        }
    }
    assert!(count > 20, "only {count}");
}

#[test]
fn every_operation_has_a_name_of_its_own_and_says_what_it_does() {
    let operations = operations(&DOCUMENT);
    let names: BTreeSet<_> =
        operations.iter().map(|(_, _, operation)| operation["operationId"].to_string()).collect();
    assert_eq!(names.len(), operations.len());
    for (path, method, operation) in operations {
        for said in ["summary", "operationId"] {
            assert!(operation[said].is_string(), "{method} {path} has no {said}");
        }
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{method} {path}");
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = resolved(&DOCUMENT, response);
            assert!(response["description"].is_string(), "{method} {path} {status}");
        }
    }
}

#[test]
fn every_route_but_those_of_graphql_and_the_pages_is_described() {
    let source = include_str!("../../src/http/router.rs");
    let others = [
        "/graphql",
        "/assets/",
        "/desk",
        "/docs",
        "/openapi.json",
        "/sign-in",
        "/session/oidc",
        "/visit/",
        "/offer/",
        "/metrics",
        "/healthz",
        "/readyz",
    ];
    let mut routes = 0;
    // How a part of a path ends decides what is answered, and not which route it is.
    let files = ["/appointment/{id}.ics"];
    let found = source.split(".route(").skip(1).filter_map(|rest| rest.split('"').nth(1));
    for path in found.chain(files) {
        let path = if path == "/calendar/{token}" { "/calendar/{token}.ics" } else { path };
        if path != "/" && !others.iter().any(|other| path.starts_with(other)) {
            assert!(DOCUMENT["paths"][path].is_object(), "{path} is not described");
            routes += 1;
        }
    }
    assert!(routes >= 6, "only {routes}");
    assert_eq!(routes, DOCUMENT["paths"].as_object().unwrap().len());
}

#[test]
fn times_in_examples_lie_in_the_week_that_comes_next() {
    for now in ["2026-03-06T23:00:00Z", "2027-01-11T00:00:00Z", "2031-12-31T23:59:59Z"] {
        let now: Timestamp = now.parse().unwrap();
        let document = document_at(now);
        let mut found = Vec::new();
        parts(&document, String::new(), &mut found);
        let mut times = 0;
        for (pointer, part) in found {
            for text in examples(&part).iter().filter_map(Value::as_str) {
                if let Ok(time) = text.parse::<Timestamp>() {
                    let ahead = time.duration_since(now);
                    let fortnight = SignedDuration::from_hours(14 * 24);
                    assert!(ahead > SignedDuration::ZERO && ahead <= fortnight, "{pointer} {text}");
                    times += 1;
                }
            }
        }
        assert!(times > 5, "only {times}");
    }
}

/// An example with the ids of what is really there, by how they begin.
fn with_ids(example: &Value, ids: &[String]) -> Value {
    let mut text = example.to_string();
    for id in ids {
        let kind = id.split('_').next().unwrap();
        text = text.replace(&format!("{kind}_01h455vb4pex5vsknk084sn02q"), id);
    }
    serde_json::from_str(&text).unwrap()
}

/// Sends an operation as its examples have it, as a page with a button would.
async fn run(
    app: &TestApp,
    (path, method, operation): &(String, Method, Value),
    ids: &[String],
) -> Answer {
    let (mut path, mut query) = (path.clone(), Vec::new());
    let mut headers = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap();
        let Some(example) = examples(parameter).into_iter().next() else {
            assert_ne!(parameter["required"], true, "{path}: {name} has no example");
            continue;
        };
        let example = with_ids(&example, ids);
        let text = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
        match parameter["in"].as_str().unwrap() {
            "path" => path = path.replace(&format!("{{{name}}}"), &text),
            "query" => query.push((name.to_owned(), text)),
            _ => headers.push((name.to_owned(), text)),
        }
    }
    let query = serde_urlencoded::to_string(query).unwrap();
    let mut request = app.request(method.clone(), &format!("{path}?{query}"));
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let body = &operation["requestBody"];
    if body.is_object() {
        let example = examples(&body["content"]["application/json"]).into_iter().next();
        let example = example.unwrap_or_else(|| panic!("{path} has no example of its body"));
        request = request.json(&with_ids(&example, ids));
    }
    TestApp::send(request).await
}

/// Somebody of whom the examples speak, with the password that they have; a new invitation for them.
async fn invitation_of_ada(app: &TestApp) -> String {
    let add = r#"mutation { createPerson(input: { name: "Ada", email: "ada@example.com", role: ADMIN }) { person { id } invitation } }"#;
    let added = app.graphql(add, json!({})).await["data"]["createPerson"].clone();
    app.accept(added["invitation"].as_str().unwrap()).await;
    let invite = "mutation ($id: ID!) { invitePerson(input: { id: $id }) { invitation } }";
    let invited = app.graphql(invite, json!({ "id": added["person"]["id"] })).await;
    invited["data"]["invitePerson"]["invitation"].as_str().unwrap().to_owned()
}

/// The secret of a provider's calendar.
async fn feed_of(app: &TestApp, provider: &str) -> String {
    let query = "mutation ($id: ID!) { createCalendarFeed(input: { providerId: $id }) { secret } }";
    let made = app.graphql(query, json!({ "id": provider })).await;
    made["data"]["createCalendarFeed"]["secret"].as_str().unwrap().to_owned()
}

on_both_engines! {
    async fn every_example_is_accepted_by_the_server(engine) {
        for now in ["2027-01-11T12:00:00Z", "2027-03-12T23:30:00Z", "2026-07-04T15:00:00Z"] {
            let app = TestApp::builder(engine).at(now).spawn().await;
            let served = app.get("/openapi.json").await;
            assert_eq!(served.header("content-type"), "application/json");
            let document = served.json();
            let operations = operations(&document);
            let invitation = invitation_of_ada(&app).await;
            let of = |wanted: &str| operations.iter().find(|(path, _, _)| path == wanted).unwrap();
            let (book, hold) = (of("/appointment"), of("/hold"));
            for operation in &operations {
                // What one route has ended, the next can't move.
                let booked = run(&app, book, &[]).await;
                assert_eq!(booked.status, 201, "{booked:?}");
                let booked = booked.json();
                let mut ids = ["appointment_id", "provider_id", "patient_id"]
                    .map(|name| booked[name].as_str().unwrap().to_owned()).to_vec();
                ids.push(invitation.clone());
                ids.push(feed_of(&app, &ids[1]).await);
                ids.push(run(&app, hold, &[]).await.json()["token"].as_str().unwrap().to_owned());
                let answer = run(&app, operation, &ids).await;
                assert!(answer.status.is_success(), "{} {}: {answer:?}", operation.1, operation.0);
            }
        }
    }
}

#[tokio::test]
async fn the_document_and_the_page_to_try_it_are_served() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let document = app.get("/openapi.json").await;
    assert_eq!((document.status.as_u16(), document.header("cache-control")), (200, "no-cache"));
    assert!(document.json()["openapi"].as_str().unwrap().starts_with("3.1."));
    for (path, media_type) in [
        ("/desk", "text/html; charset=utf-8"),
        ("/desk/mail", "text/html; charset=utf-8"),
        ("/docs", "text/html; charset=utf-8"),
        ("/docs/", "text/html; charset=utf-8"),
        ("/docs/swagger-ui.css", "text/css; charset=utf-8"),
        ("/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        ("/assets/pages/docs.js", "text/javascript; charset=utf-8"),
        ("/assets/pages/token.js", "text/javascript; charset=utf-8"),
    ] {
        let page = app.get(path).await;
        assert_eq!(
            (page.status.as_u16(), page.header("content-type")),
            (200, media_type),
            "{path}"
        );
        // No page asks another host for anything.
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'self'") && !policy.contains("http"), "{path}");
    }
    for path in ["/docs/index.html", "/docs/swagger-initializer.js", "/docs/oauth2-redirect.html"] {
        assert_eq!(app.get(path).await.problem(), (404, "NOT_FOUND".to_owned()), "{path}");
    }
}
