//! The header `Idempotency-Key` on `/graphql`: it counts for the one mutation of a request.

use reqwest::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::support::{
    Answer, Engine, TestApp, id_of, input_of, john, on_both_engines, patient, stream,
};

const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";
const BOOK: &str = "mutation ($input: BookAppointmentInput!) { bookAppointment(input: $input) {
    appointment { id } error { code ... on InvalidInput { violations { field } } } } }";

/// Posts with that key in the header.
async fn post(app: &TestApp, key: &str, query: &str, variables: Value) -> Answer {
    app.post_with_key("/graphql", key, &json!({ "query": query, "variables": variables })).await
}

fn johns() -> Value {
    json!({ "input": input_of(&json!({ "patient": john() })) })
}

/// Another one's, with a key of its own.
fn others(key: &str) -> Value {
    let mut input = input_of(&json!({ "patient": patient(1, "CT", "Aetna") }));
    input["idempotencyKey"] = json!(key);
    json!({ "input": input })
}

/// What was booked, and whether the answer says that it is a repeat.
fn booked(answer: &Answer) -> (String, bool) {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let id = answer.json()["data"]["bookAppointment"]["appointment"]["id"].clone();
    let replayed = answer.header("idempotency-replayed") == "true";
    (id.as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned(), replayed)
}

async fn appointments(app: &TestApp) -> i64 {
    app.database.number("SELECT count(*) FROM appointment").await
}

fn assert_bad_request(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{body}");
    assert!(body["errors"][0]["message"].as_str().unwrap().contains("idempotencyKey"), "{body}");
    assert_eq!(body.get("data"), None, "{body}");
}

on_both_engines! {
    async fn the_same_mutation_under_the_same_header_is_one_booking_at_either_door(engine) {
        let app = TestApp::spawn(engine).await;
        let (id, replayed) = booked(&post(&app, KEY, BOOK, johns()).await);
        assert!(!replayed);
        assert_eq!(booked(&post(&app, KEY, BOOK, johns()).await), (id.clone(), true));
        // As the header's draft writes it.
        assert_eq!(booked(&post(&app, &format!("\"{KEY}\""), BOOK, johns()).await), (id.clone(), true));
        // A key of REST and one of the input are the same key.
        let rest = app.post_with_key("/appointment", KEY, &json!({ "patient": john() })).await;
        assert_eq!((id_of(&rest.json()), rest.header("idempotency-replayed")), (id.clone(), "true"));
        let mut own = johns();
        own["input"]["idempotencyKey"] = json!(KEY);
        let by_input = app.post("/graphql", &json!({ "query": BOOK, "variables": own })).await;
        assert_eq!(booked(&by_input), (id, true));
        assert_eq!((appointments(&app).await, app.ledger().await.len()), (1, 1));
        // And another request under it is none.
        let mut other = johns();
        other["input"]["reason"] = json!("a cough");
        let reused = post(&app, KEY, BOOK, other).await;
        assert_eq!(reused.json()["data"]["bookAppointment"]["error"]["code"], "IDEMPOTENCY_KEY_REUSED");
        assert_eq!((reused.header("idempotency-replayed"), appointments(&app).await), ("", 1));
    }
}

on_both_engines! {
    async fn a_key_in_the_input_goes_before_the_header(engine) {
        let app = TestApp::spawn(engine).await;
        let (first, _) = booked(&post(&app, KEY, BOOK, johns()).await);
        let (second, replayed) = booked(&post(&app, KEY, BOOK, others("own")).await);
        assert_eq!((first == second, replayed), (false, false));
        // The header's key was not spent on it, nor asked for.
        assert_eq!(booked(&post(&app, "not yet used", BOOK, others("own")).await), (second, true));
        // Null is no key.
        let mut none = johns();
        none["input"]["idempotencyKey"] = Value::Null;
        assert_eq!(booked(&post(&app, KEY, BOOK, none).await), (first, true));
        // One that can't be one is the input's mistake, whatever the header says.
        let refused = post(&app, KEY, BOOK, others("")).await;
        assert_eq!(refused.json()["data"]["bookAppointment"]["error"]["code"], "INVALID_INPUT");
    }
}

on_both_engines! {
    async fn several_mutations_are_refused_before_any_runs_and_equal_ones_are_one(engine) {
        let app = TestApp::spawn(engine).await;
        let field = "bookAppointment(input: $input) { appointment { id } error { code } }";
        let head = "mutation ($input: BookAppointmentInput!, $no: Boolean! = false, $yes: Boolean! = true)";
        let named = "fragment F on Mutation { other: bookAppointment(input: $input) { error { code } } }";
        for several in [
            format!("{head} {{ {field} b: {field} i: __typename @include(if: $yes) j: __typename @skip(if: $no) }}"),
            format!("{head} {{ {field} ...F @skip(if: $no) j: __typename @include(if: $yes) }} {named}"),
            format!("{head} {{ {field} ... on Mutation {{ b: {field} }} i: __typename @include(if: $yes) j: __typename @skip(if: $no) }}"),
        ] {
            assert_bad_request(&post(&app, KEY, &several, johns()).await);
            // Also where each has a key, and where nothing but a stream is taken.
            assert_bad_request(&post(&app, KEY, &several, others("own")).await);
            let request = app.request(Method::POST, "/graphql").header("accept", "text/event-stream");
            let request = request.header("idempotency-key", KEY);
            let body = json!({ "query": several, "variables": johns() });
            assert_eq!(TestApp::send(request.json(&body)).await.status, StatusCode::BAD_REQUEST);
        }
        assert_eq!((appointments(&app).await, app.ledger().await.len()), (0, 0));
        // What does not run is not counted.
        let mut variables = johns();
        (variables["yes"], variables["no"]) = (json!(true), json!(false));
        let left_out = "b: bookAppointment(input: $input) @include(if: $no) { error { code } }";
        let one = format!("{head} {{ {field} t: __typename ...F @skip(if: $yes) {left_out} }} {named}");
        let (id, _) = booked(&post(&app, KEY, &one, variables.clone()).await);
        assert_eq!(booked(&post(&app, KEY, &one, variables).await), (id, true));
        // Without the header several are as good as ever.
        let several = format!("mutation ($input: BookAppointmentInput!) {{ {field} b: {field} }}");
        let both = app.graphql(&several, others("own")).await;
        assert_eq!(both["data"]["b"], both["data"]["bookAppointment"]);
    }
}

on_both_engines! {
    async fn whatever_carries_the_mutation_carries_the_key(engine) {
        let app = TestApp::spawn(engine).await;
        let (id, _) = booked(&post(&app, KEY, BOOK, johns()).await);
        let hash = sha256(BOOK);
        let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
        for body in [
            json!({ "query": BOOK, "variables": johns(), "extensions": extensions }),
            json!({ "variables": johns(), "extensions": extensions }),
            json!({ "query": format!("query Q {{ __typename }} {}", BOOK.replacen("mutation", "mutation M", 1)),
                "operationName": "M", "variables": johns() }),
        ] {
            let answer = app.post_with_key("/graphql", KEY, &body).await;
            assert_eq!(booked(&answer), (id.clone(), true), "{body}");
        }
        for accept in ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0"] {
            let request = app.request(Method::POST, "/graphql").header("accept", accept);
            let request = request.header("idempotency-key", KEY);
            let body = json!({ "query": BOOK, "variables": johns() });
            let answer = TestApp::send(request.json(&body)).await;
            assert!(answer.text.contains(&id), "{answer:?}");
        }
        assert_eq!(appointments(&app).await, 1);
        // By GET nothing changes, with or without it.
        let variables = johns().to_string();
        let query = serde_urlencoded::to_string([("query", BOOK), ("variables", &variables)]).unwrap();
        let get = app.request(Method::GET, &format!("/graphql?{query}")).header("idempotency-key", KEY);
        assert_eq!(TestApp::send(get).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}

fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_what_changes_nothing_the_header_is_ignored() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    for key in [KEY, "not a key", ""] {
        for query in
            ["{ __typename }", "mutation { __typename }", "{ a: __typename b: __typename }"]
        {
            let answer = post(&app, key, query, json!({})).await;
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            assert_eq!(answer.json().get("errors"), None, "{answer:?}");
            assert_eq!(answer.header("idempotency-replayed"), "");
        }
    }
    let answer = stream(&app, "text/event-stream", "{ __typename }").await;
    assert_eq!(answer.status(), StatusCode::OK);
}

/// A value of that type, as introspection tells it, with nothing optional in it.
fn smallest(of: &Value, types: &Map<String, Value>) -> Value {
    match (of["kind"].as_str().unwrap(), of["name"].as_str()) {
        ("NON_NULL", _) => smallest(&of["ofType"], types),
        ("ENUM", Some(name)) => types[name]["enumValues"][0]["name"].clone(),
        ("LIST", _) => json!([]),
        ("SCALAR", Some("Int")) => json!(1),
        ("SCALAR", Some("Boolean")) => json!(true),
        ("SCALAR", Some("DateTime")) => json!("2027-01-11T15:00:00Z"),
        ("SCALAR", Some("Date")) => json!("2027-01-11"),
        ("INPUT_OBJECT", Some(name)) => {
            let fields = types[name]["inputFields"].as_array().unwrap().iter();
            let needed = fields.filter(|field| field["type"]["kind"] == "NON_NULL");
            let pairs = needed.map(|field| {
                (field["name"].as_str().unwrap().to_owned(), smallest(&field["type"], types))
            });
            Value::Object(pairs.collect())
        }
        _ => json!("x"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mutation_reads_the_header_and_refuses_what_can_not_be_a_key() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let kind = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
    let schema = app
        .graphql(
            &format!(
                "{{ __schema {{
        mutationType {{ fields {{ name args {{ name type {{ {kind} }} }} }} }}
        types {{ name enumValues {{ name }} inputFields {{ name type {{ {kind} }} }} }} }} }}"
            ),
            json!({}),
        )
        .await;
    let schema = &schema["data"]["__schema"];
    let types = schema["types"].as_array().unwrap().iter();
    let types: Map<String, Value> =
        types.map(|of| (of["name"].as_str().unwrap().to_owned(), of.clone())).collect();
    let mutations = schema["mutationType"]["fields"].as_array().unwrap();
    assert!(mutations.len() >= 3);
    for mutation in mutations {
        let (name, argument) = (mutation["name"].as_str().unwrap(), &mutation["args"][0]);
        let input = argument["type"]["ofType"]["name"].as_str().unwrap();
        let mut fields = types[input]["inputFields"].as_array().unwrap().iter();
        let has_key = fields.any(|field| field["name"] == "idempotencyKey");
        assert!(has_key, "{input} has no idempotencyKey");
        let query = format!(
            "mutation ($input: {input}!) {{ {name}(input: $input) {{
            error {{ code ... on InvalidInput {{ violations {{ field }} }} }} }} }}"
        );
        let variables = json!({ "input": smallest(&argument["type"], &types) });
        for key in ["not a key", "", &"x".repeat(256), "\"\""] {
            let answer = post(&app, key, &query, variables.clone()).await;
            let error = &answer.json()["data"][name]["error"];
            assert_eq!(error["code"], "INVALID_INPUT", "{name}: {answer:?}");
            let violations = error["violations"].as_array().unwrap();
            assert!(
                violations.iter().any(|violation| violation["field"] == "idempotencyKey"),
                "{name}: {error}"
            );
        }
    }
    // Two keys are none, at both doors.
    let request = app
        .request(Method::POST, "/graphql")
        .header("idempotency-key", "a")
        .header("idempotency-key", "b");
    let answer = TestApp::send(request.json(&json!({ "query": BOOK, "variables": johns() }))).await;
    assert_eq!(
        answer.json()["data"]["bookAppointment"]["error"]["violations"],
        json!([{ "field": "idempotencyKey" }])
    );
    let request = app
        .request(Method::POST, "/appointment")
        .header("idempotency-key", "a")
        .header("idempotency-key", "b");
    let answer = TestApp::send(request.json(&json!({ "patient": john() }))).await;
    assert_eq!(answer.problem(), (422, "INVALID_INPUT".to_owned()));
    assert_eq!(appointments(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_of_a_refusal_is_marked_as_one_too() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    app.faults(&json!({ "refuse_rate": 1 })).await;
    let mut once = johns();
    once["input"]["providerId"] = json!(app.provider_id("Dr. Jane Doe").await);
    once["input"]["startsAt"] = json!("2027-01-11T15:00:00Z");
    for replayed in ["", "true"] {
        let answer = post(&app, KEY, BOOK, once.clone()).await;
        let error = &answer.json()["data"]["bookAppointment"]["error"];
        assert_eq!(
            (&error["code"], answer.header("idempotency-replayed")),
            (&json!("SCHEDULING_REFUSED"), replayed)
        );
    }
}
