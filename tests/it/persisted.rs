//! Documents sent by their hash: remembered ones, and those of a list.

use std::path::PathBuf;

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{Answer, Engine, TestApp, john};

const NEWER: &str = "application/graphql-response+json";
const QUERY: &str = "query Names($state: String) { providers(state: $state) { nodes { name } } }";
const BOOK: &str = "mutation Book($input: BookAppointmentInput!) { bookAppointment(input: $input) { appointment { status } error { code } } }";

fn hash(document: &str) -> String {
    Sha256::digest(document).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn by_hash(document: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash(document) } })
}

async fn post(app: &TestApp, body: &Value) -> Answer {
    TestApp::send(app.request(Method::POST, "/graphql").header("Accept", NEWER).json(body)).await
}

async fn get(app: &TestApp, parameters: &[(&str, &str)]) -> Answer {
    let encoded = serde_urlencoded::to_string(parameters).unwrap();
    let request = app.request(Method::GET, &format!("/graphql?{encoded}"));
    TestApp::send(request.header("Accept", NEWER)).await
}

/// Status, code and message of a refusal.
fn refusal(answer: &Answer) -> (u16, String, String) {
    let error = &answer.json()["errors"][0];
    assert!(answer.json().get("data").is_none(), "{answer:?}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), text(&error["extensions"]["code"]), text(&error["message"]))
}

fn not_found() -> (u16, String, String) {
    (400, "PERSISTED_QUERY_NOT_FOUND".to_owned(), "PersistedQueryNotFound".to_owned())
}

#[tokio::test]
async fn a_document_that_came_with_its_hash_is_known_by_it() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let expected = json!({ "data": { "providers": { "nodes": [{ "name": "Dr. Jane Doe" }] } } });
    let (variables, extensions) = (json!({ "state": "CT" }), by_hash(QUERY));
    let only_hash = json!({ "variables": variables, "extensions": extensions });
    assert_eq!(refusal(&post(&app, &only_hash).await), not_found());
    // A document alone is not remembered.
    post(&app, &json!({ "query": QUERY, "variables": variables })).await;
    assert_eq!(refusal(&post(&app, &only_hash).await), not_found());
    let both = json!({ "query": QUERY, "variables": variables, "extensions": extensions });
    assert_eq!(post(&app, &both).await.json(), expected);
    assert_eq!(post(&app, &only_hash).await.json(), expected);
    let (variables, extensions) = (variables.to_string(), extensions.to_string());
    let asked = [("variables", variables.as_str()), ("extensions", extensions.as_str())];
    assert_eq!(get(&app, &asked).await.json(), expected);
    let empty =
        json!({ "query": "", "variables": { "state": "CT" }, "extensions": by_hash(QUERY) });
    assert_eq!(post(&app, &empty).await.json(), expected);
}

#[tokio::test]
async fn a_get_may_bring_the_document_and_never_a_mutation() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let (query, book) = (by_hash(QUERY).to_string(), by_hash(BOOK).to_string());
    assert_eq!(refusal(&get(&app, &[("extensions", &query)]).await), not_found());
    assert_eq!(get(&app, &[("query", QUERY), ("extensions", &query)]).await.status, 200);
    assert_eq!(get(&app, &[("extensions", &query)]).await.status, 200);
    let variables = json!({ "input": { "patient": john() } });
    let body = json!({ "query": BOOK, "variables": variables, "extensions": by_hash(BOOK) });
    assert_eq!(post(&app, &body).await.json()["data"]["bookAppointment"]["error"], Value::Null);
    let variables = variables.to_string();
    for parameters in [
        vec![("extensions", book.as_str()), ("variables", &variables)],
        vec![("extensions", book.as_str()), ("variables", &variables), ("query", BOOK)],
    ] {
        let refused = get(&app, &parameters).await;
        assert_eq!(
            (refused.status.as_u16(), refusal(&refused).1.as_str()),
            (405, "METHOD_NOT_ALLOWED")
        );
    }
    assert_eq!(app.database.number("SELECT count(*) FROM appointment").await, 1);
}

#[tokio::test]
async fn a_hash_that_is_not_the_documents_is_refused_and_nothing_is_remembered() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let answer =
        post(&app, &json!({ "query": "{ __typename }", "extensions": by_hash(QUERY) })).await;
    assert_eq!((answer.status.as_u16(), refusal(&answer).1.as_str()), (400, "BAD_REQUEST"));
    for document in [QUERY, "{ __typename }"] {
        assert_eq!(
            refusal(&post(&app, &json!({ "extensions": by_hash(document) })).await),
            not_found()
        );
    }
    // Nor is one that is refused for itself.
    let deep = format!("{{ a(x: {}) }}", "[".repeat(100));
    let answer = post(&app, &json!({ "query": deep, "extensions": by_hash(&deep) })).await;
    assert_eq!(refusal(&answer).1, "QUERY_TOO_COMPLEX");
    assert_eq!(refusal(&post(&app, &json!({ "extensions": by_hash(&deep) })).await), not_found());
}

/// An application that serves the operations of that list.
async fn listed(manifest: &Value) -> (TestApp, tempfile::TempDir) {
    let (folder, path) = file(manifest);
    let setting = path.display().to_string();
    let app = TestApp::builder(Engine::Sqlite)
        .setting("GRAPHQL_ALLOWED_OPERATIONS", &setting)
        .spawn()
        .await;
    (app, folder)
}

fn file(manifest: &Value) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("operations.json");
    std::fs::write(&path, manifest.to_string()).unwrap();
    (folder, path)
}

#[tokio::test]
async fn with_a_list_its_operations_are_served_and_no_others() {
    let plain = json!({ hash(QUERY): QUERY, hash(BOOK): BOOK });
    let operation =
        |body: &str| json!({ "id": hash(body), "body": body, "name": "x", "type": "query" });
    let apollo = json!({ "format": "apollo-persisted-query-manifest", "version": 1,
        "operations": [operation(QUERY), operation(BOOK)] });
    for manifest in [plain, apollo] {
        let (app, _folder) = listed(&manifest).await;
        for served in [
            json!({ "extensions": by_hash(QUERY) }),
            json!({ "query": QUERY }),
            json!({ "query": QUERY, "extensions": by_hash(QUERY) }),
        ] {
            let answer = post(&app, &served).await;
            assert_eq!(answer.status, 200, "{served}: {answer:?}");
        }
        let extensions = by_hash(QUERY).to_string();
        assert_eq!(get(&app, &[("extensions", &extensions)]).await.status, 200);
        let other = "{ __schema { types { name } } }";
        for refused in [
            json!({ "query": other }),
            json!({ "query": other, "extensions": by_hash(other) }),
            json!({ "extensions": by_hash(other) }),
            json!({ "query": format!("{QUERY} ") }),
            json!({ "query": "[".repeat(60_000) }),
        ] {
            let answer = post(&app, &refused).await;
            let (status, code, _) = refusal(&answer);
            assert_eq!((status, code.as_str()), (400, "PERSISTED_QUERY_NOT_FOUND"), "{answer:?}");
        }
        let booked = post(&app, &json!({ "extensions": by_hash(BOOK), "variables": { "input": { "patient": john() } } })).await;
        assert_eq!(booked.json()["data"]["bookAppointment"]["appointment"]["status"], "CONFIRMED");
    }
}

#[tokio::test]
async fn a_list_that_can_not_be_served_stops_the_start_and_says_why() {
    let unknown = "{ doctors { name } }";
    let dear = "{ patients(first: 100) { nodes { appointments(first: 100) { nodes { id } } } } }";
    let deep = format!("{{ a(x: {}) }}", "[".repeat(100));
    for (manifest, words) in [
        (json!({ "abc": QUERY }), vec!["abc is not the SHA-256", &hash(QUERY)]),
        (json!({ hash(unknown): unknown }), vec![&*hash(unknown), "doctors"]),
        (json!({ hash("{ a "): "{ a " }), vec![&*hash("{ a "), "not valid GraphQL"]),
        (json!({ hash(dear): dear }), vec![&*hash(dear), "GRAPHQL_MAX_COST"]),
        (json!({ hash(&deep): deep }), vec![&*hash(&deep), "GRAPHQL_MAX_NESTING"]),
        (json!([QUERY]), vec!["must be a JSON object"]),
        (json!({ hash(QUERY): 1 }), vec!["must be a JSON object"]),
        (
            json!({ "format": "other", "version": 1, "operations": [] }),
            vec!["must be a JSON object"],
        ),
    ] {
        let (folder, path) = file(&manifest);
        let output = start_with(&folder, &path).await;
        for word in words.iter().copied().chain(["GRAPHQL_ALLOWED_OPERATIONS", "operations.json"]) {
            assert!(output.contains(word), "{word}: {output}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("operations.json");
    assert!(start_with(&folder, &missing).await.contains("GRAPHQL_ALLOWED_OPERATIONS"));
}

/// What a server says that does not start.
async fn start_with(folder: &tempfile::TempDir, manifest: &std::path::Path) -> String {
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_clinic"))
        .current_dir(folder.path())
        .env_clear()
        .env("PORT", "0")
        .env("GRAPHQL_ALLOWED_OPERATIONS", manifest)
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(std::time::Duration::from_mins(1), output).await;
    let output = output.expect("the server started").unwrap();
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}
