//! What one GraphQL request may ask for: every limit is a setting, and says so when it refuses.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, BEGINNING, Engine, Subscriber, TestApp, WebSocketClient, book_by_graphql, john,
    on_both_engines, patient, with_jane,
};

async fn post(app: &TestApp, body: &Value) -> Answer {
    let accept = "application/graphql-response+json";
    TestApp::send(app.request(Method::POST, "/graphql").header("Accept", accept).json(body)).await
}

fn first_error(answer: &Answer) -> (String, String) {
    let error = &answer.json()["errors"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&error["extensions"]["code"]), text(&error["message"]))
}

#[tokio::test]
async fn each_limit_is_a_setting_and_is_named_with_its_value_when_it_refuses() {
    let variable = "query($v: [Int!]) { __typename @include(if: true) }";
    for (setting, value, within, beyond, variables) in [
        (
            "TOKENS",
            "100",
            format!("{{ {} }}", "__typename ".repeat(98)),
            format!("{{ {} }}", "__typename ".repeat(99)),
            json!({}),
        ),
        (
            "NESTING",
            "10",
            "{__schema{types{fields{type{name}}}}}".to_owned(),
            format!("{{ providers(state: {}1{}) {{ totalCount }} }}", "[".repeat(9), "]".repeat(9)),
            json!({}),
        ),
        (
            "NESTING",
            "10",
            "{ __typename }".to_owned(),
            "query q { ".to_owned() + &"... { ".repeat(10) + "__typename" + &"}".repeat(11),
            json!({}),
        ),
        (
            "NESTING",
            "10",
            "{ __typename }".to_owned(),
            variable.to_owned(),
            json!({ "v": [[[[[[[[[[[1]]]]]]]]]]] }),
        ),
        (
            "DEPTH",
            "5",
            "{ __type(name: \"Query\") { fields { type { name kind } } } }".to_owned(),
            "{ __schema { types { fields { type { ofType { name } } } } } }".to_owned(),
            json!({}),
        ),
        (
            "FIELDS",
            "10",
            "{ providers { nodes { id name id name id name id name } } }".to_owned(),
            "{ providers { nodes { id name id name id name id name id } } }".to_owned(),
            json!({}),
        ),
        (
            "ALIASES",
            "1",
            "{ a: __typename }".to_owned(),
            "{ a: __typename b: __typename }".to_owned(),
            json!({}),
        ),
        (
            "ROOT_FIELDS",
            "2",
            "{ __typename providers { totalCount } }".to_owned(),
            "{ __typename ... { a: __typename b: __typename } }".to_owned(),
            json!({}),
        ),
        (
            "DIRECTIVES",
            "1",
            "{ __typename @skip(if: false) }".to_owned(),
            "{ __typename @skip(if: false) @include(if: true) }".to_owned(),
            json!({}),
        ),
        (
            "COST",
            "100",
            "{ providers(first: 10) { nodes { id name } } }".to_owned(),
            "{ patients(first: 100) { nodes { id name } } }".to_owned(),
            json!({}),
        ),
    ] {
        let setting = format!("GRAPHQL_MAX_{setting}");
        let mut builder = TestApp::builder(Engine::Sqlite).setting(&setting, value);
        for other in ["GRAPHQL_MAX_ROOT_FIELDS", "GRAPHQL_MAX_FIELDS"] {
            if setting != other {
                builder = builder.setting(other, "1000");
            }
        }
        let app = builder.spawn().await;
        let served = post(&app, &json!({ "query": within })).await;
        assert_eq!(served.status, 200, "{setting}: {served:?}");
        let refused = post(&app, &json!({ "query": beyond, "variables": variables })).await;
        assert_eq!(refused.status, 400, "{setting}: {refused:?}");
        let (code, message) = first_error(&refused);
        assert_eq!(code, "QUERY_TOO_COMPLEX", "{setting}");
        assert!(message.contains(&setting) && message.contains(value), "{setting}: {message}");
    }
}

#[tokio::test]
async fn a_body_may_be_as_large_as_the_setting_says() {
    let app =
        TestApp::builder(Engine::Sqlite).setting("GRAPHQL_MAX_BODY_BYTES", "2000").spawn().await;
    let padded = |bytes: usize| {
        let body = json!({ "query": "{ __typename }", "x": "" }).to_string();
        body.replace("\"\"", &format!("\"{}\"", "x".repeat(bytes - body.len())))
    };
    let send = async |body: String| {
        let request =
            app.request(Method::POST, "/graphql").header("Content-Type", "application/json");
        TestApp::send(request.body(body)).await
    };
    assert_eq!(send(padded(2000)).await.status, 200);
    let refused = send(padded(2001)).await;
    assert_eq!(refused.problem(), (413, "PAYLOAD_TOO_LARGE".to_owned()));
    assert!(refused.text.contains("2000 bytes"), "{refused:?}");
}

#[tokio::test]
async fn variables_are_bounded_as_documents_are() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let nested = |depth: usize| {
        let value = "[".repeat(depth) + &"]".repeat(depth);
        format!(
            "{{\"query\": \"query($v: [Int!]) {{ __typename }}\", \"variables\": {{\"v\": {value}}}}}"
        )
    };
    for (depth, status, code) in [
        (65, 400, "QUERY_TOO_COMPLEX"),
        (120, 400, "QUERY_TOO_COMPLEX"),
        // Beyond what the reader of JSON reads.
        (130, 400, "BAD_REQUEST"),
        (30_000, 400, "BAD_REQUEST"),
    ] {
        let request = app
            .request(Method::POST, "/graphql")
            .header("Accept", "application/graphql-response+json")
            .header("Content-Type", "application/json");
        let answer = TestApp::send(request.body(nested(depth))).await;
        assert_eq!((answer.status.as_u16(), first_error(&answer).0.as_str()), (status, code));
    }
}

#[tokio::test]
async fn a_document_that_does_not_parse_says_where() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let answer = post(&app, &json!({ "query": "{\n  providers(first: ) { totalCount }\n}" })).await;
    assert_eq!(first_error(&answer).0, "GRAPHQL_PARSE_FAILED");
    assert_eq!(answer.json()["errors"][0]["locations"][0]["line"], 2, "{answer:?}");
}

#[tokio::test]
async fn what_costs_more_than_a_number_can_say_is_refused_and_no_bug() {
    let app = TestApp::builder(Engine::Sqlite)
        .setting("GRAPHQL_MAX_DEPTH", "64")
        .setting("GRAPHQL_MAX_COST", "1000000")
        .spawn()
        .await;
    let window = "from: \"2027-01-01T00:00:00Z\", to: \"2027-12-01T00:00:00Z\", first: 100";
    let level = format!("appointments({window}) {{ nodes {{ provider {{ ");
    let tower = format!("{}id{}", level.repeat(18), " } } }".repeat(18));
    let siblings: String = (0..5).map(|n| format!("a{n}: {tower} ")).collect();
    for query in [format!("{{ {tower} }}"), format!("{{ {siblings} }}")] {
        let answer = post(&app, &json!({ "query": query })).await;
        assert_eq!(
            (answer.status.as_u16(), first_error(&answer).0.as_str()),
            (400, "QUERY_TOO_COMPLEX"),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn a_query_that_waits_too_long_is_stopped_and_says_so() {
    if !crate::support::TestDatabase::postgres_is_there().await {
        return;
    }
    let app =
        TestApp::builder(Engine::Postgres).setting("GRAPHQL_MAX_TIME_MS", "200").spawn().await;
    let query = json!({ "query": "{ providers(first: 1) { nodes { name } } }" });
    let conn = app.database.connect().await;
    let run = async |sql: &str| {
        sea_orm::ConnectionTrait::execute_unprepared(&conn, sql).await.unwrap();
    };
    run("BEGIN; LOCK TABLE provider IN ACCESS EXCLUSIVE MODE").await;
    let stopped = tokio::time::timeout(Duration::from_secs(10), post(&app, &query)).await.unwrap();
    assert_eq!(stopped.status, 200, "{stopped:?}");
    assert_eq!(stopped.json()["data"], Value::Null);
    let (code, message) = first_error(&stopped);
    assert_eq!(code, "UNAVAILABLE");
    assert!(message.contains("200 ms") && message.contains("GRAPHQL_MAX_TIME_MS"), "{message}");
    run("ROLLBACK").await;
    assert_eq!(
        post(&app, &query).await.json()["data"]["providers"]["nodes"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_time_of_a_subscription_is_that_of_each_event_and_not_of_the_whole() {
    let app = TestApp::builder(Engine::Sqlite).setting("GRAPHQL_MAX_TIME_MS", "300").spawn().await;
    let mut subscriber = Subscriber::follow(&app, "").await;
    for day in [11, 12, 13] {
        let until = Instant::now() + Duration::from_millis(400);
        while Instant::now() < until {
            assert_eq!(app.get("/healthz").await.status, 200);
        }
        let booked = app.book(&with_jane(1, &format!("2027-01-{day}T15:00:00Z"))).await;
        assert_eq!(booked.status, 201, "{booked:?}");
        let kinds: Vec<Value> =
            subscriber.events(2).await.iter().map(|event| event["kind"].clone()).collect();
        assert_eq!(kinds, ["BOOKED", "CONFIRMED"]);
    }
}

/// A server that gives a query little time, with one booking; and a connection to hold it up with.
async fn hurried() -> Option<(TestApp, sea_orm::DatabaseConnection)> {
    if !crate::support::TestDatabase::postgres_is_there().await {
        return None;
    }
    let app =
        TestApp::builder(Engine::Postgres).setting("GRAPHQL_MAX_TIME_MS", "300").spawn().await;
    assert_eq!(app.book(&with_jane(1, "2027-01-11T15:00:00Z")).await.status, 201);
    let conn = app.database.connect().await;
    Some((app, conn))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_takes_too_long_ends_its_subscription_which_may_be_resumed() {
    let Some((app, conn)) = hurried().await else { return };
    let run = async |sql: &str| {
        sea_orm::ConnectionTrait::execute_unprepared(&conn, sql).await.unwrap();
    };
    run("BEGIN; LOCK TABLE patient IN ACCESS EXCLUSIVE MODE").await;
    let mut client = WebSocketClient::open(&app).await;
    client.say(&json!({ "type": "connection_init" })).await;
    client.hear().await.unwrap();
    let query = format!(
        r#"subscription {{ appointmentChanged(after: "{BEGINNING}") {{
            kind appointment {{ patient {{ name }} }} }} }}"#
    );
    let subscribe = json!({ "type": "subscribe", "id": "1", "payload": { "query": query } });
    client.say(&subscribe).await;
    let message = client.hear().await.unwrap();
    assert_eq!(message["type"], "error", "{message}");
    assert_eq!(message["payload"][0]["extensions"]["code"], "UNAVAILABLE", "{message}");
    run("ROLLBACK").await;
    // The event was not told, so the last cursor the client knows is the one it began with.
    client.say(&subscribe).await;
    for kind in ["BOOKED", "CONFIRMED"] {
        let message = client.hear().await.unwrap();
        assert_eq!(message["payload"]["data"]["appointmentChanged"]["kind"], kind, "{message}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_takes_too_long_ends_its_stream_too() {
    let Some((app, conn)) = hurried().await else { return };
    let locked = "BEGIN; LOCK TABLE patient IN ACCESS EXCLUSIVE MODE";
    sea_orm::ConnectionTrait::execute_unprepared(&conn, locked).await.unwrap();
    let query = format!(
        r#"subscription {{ appointmentChanged(after: "{BEGINNING}") {{
            kind appointment {{ patient {{ name }} }} }} }}"#
    );
    let request = app
        .request(reqwest::Method::POST, "/graphql")
        .header("accept", "text/event-stream")
        .json(&json!({ "query": query }));
    // To its end, which it has.
    let text = TestApp::send(request).await.text;
    assert_eq!(text.matches("event: next").count(), 1, "{text}");
    assert!(text.contains("UNAVAILABLE") && text.contains("event: complete"), "{text}");
}

on_both_engines! {
    async fn a_mutation_is_not_stopped_by_the_time_of_queries(engine) {
        let app = TestApp::builder(engine).setting("GRAPHQL_MAX_TIME_MS", "1").spawn().await;
        app.faults(&json!({ "latency_ms": 100 })).await;
        let payload = book_by_graphql(&app, json!({ "patient": john() })).await;
        assert_eq!(payload["error"], Value::Null, "{payload}");
        assert_eq!(payload["appointment"]["status"], "CONFIRMED", "{payload}");
        let named = "mutation Book($input: BookAppointmentInput!) {
            bookAppointment(input: $input) { appointment { status } } }";
        let input = json!({ "input": { "patient": patient(2, "CT", "Aetna") } });
        let answer = app.graphql(named, input).await;
        assert_eq!(answer["data"]["bookAppointment"]["appointment"]["status"], "CONFIRMED", "{answer}");
    }
}

/// What `GraphiQL` and the code generators ask a server first, at its largest.
const INTROSPECTION: &str = "query IntrospectionQuery { __schema { description
    queryType { name kind } mutationType { name kind } subscriptionType { name kind }
    types { ...FullType }
    directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } }
    fragment FullType on __Type { kind name description specifiedByURL isOneOf
      fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue }
        type { ...TypeRef } isDeprecated deprecationReason }
      inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
      possibleTypes { ...TypeRef } }
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue
      isDeprecated deprecationReason }
    fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name
      ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
      ofType { kind name } } } } } } } } } }";

#[tokio::test]
async fn a_page_that_asks_for_the_whole_schema_gets_it() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let answer = app.graphql(INTROSPECTION, json!({})).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    assert!(answer["data"]["__schema"]["types"].as_array().is_some_and(|types| types.len() > 40));
    let closed =
        TestApp::builder(Engine::Sqlite).setting("GRAPHQL_MAX_INTROSPECTION", "0").spawn().await;
    let refused = post(&closed, &json!({ "query": INTROSPECTION })).await;
    assert_eq!(first_error(&refused).0, "QUERY_TOO_COMPLEX");
    assert_eq!(post(&closed, &json!({ "query": "{ __typename }" })).await.status, 200);
}
