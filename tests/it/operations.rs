//! Operations are seen: what the log and the metrics tell of each, and never tell.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    BEGINNING, Engine, ServerProcess, TestApp, TestDatabase, WebSocketClient, capture, comes_true,
    input_of, logged, patient, stream, with_jane,
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const BOOK: &str = "mutation Book($input: BookAppointmentInput!) { bookAppointment(input: $input) { __typename } }";

/// A request under that name; the lines that the log has of it.
async fn lines(app: &TestApp, id: &str, body: &Value, headers: &[(&str, &str)]) -> Vec<String> {
    let mut request = app.request(Method::POST, "/graphql").header("x-request-id", id);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = TestApp::send(request.json(body)).await;
    assert_eq!(answer.header("x-request-id"), id, "{answer:?}");
    lines_of(id)
}

fn lines_of(id: &str) -> Vec<String> {
    let named = format!("id=\"{id}\"");
    logged().lines().filter(|line| line.contains(&named)).map(str::to_owned).collect()
}

fn booking(number: usize, state: &str) -> Value {
    json!({ "input": input_of(&json!({ "patient": patient(number, state, "Aetna") })) })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_line_of_a_request_names_the_operation_its_outcome_and_its_code() {
    capture();
    let app = TestApp::spawn(Engine::Sqlite).await;
    let wrong = r#"providers(state: "Atlantis") { totalCount }"#;
    for (number, (body, told)) in [
        (json!({ "query": "query Hello { __typename }" }), "200 query Hello ok"),
        (json!({ "query": "{ __typename }" }), "200 query ok"),
        (json!({ "query": "query A { a: __typename } query B { b: __typename }", "operationName": "B" }), "200 query B ok"),
        (json!({ "query": format!("query Part {{ {wrong} t: __typename }}") }), "200 query Part partial UNKNOWN_STATE"),
        (json!({ "query": "query Wrong { nothing }" }), "200 query Wrong refused GRAPHQL_VALIDATION_FAILED"),
        (json!({ "query": "query Wrong {", "operationName": "Wrong" }), "200 query Wrong refused GRAPHQL_PARSE_FAILED"),
        (json!({ "query": "{", "operationName": "John Doe" }), "200 operation refused GRAPHQL_PARSE_FAILED"),
        (json!({ "query": 1 }), "400 operation refused BAD_REQUEST"),
        (json!({ "query": BOOK, "variables": booking(1, "CT") }), "200 mutation Book ok"),
        // The client has not even asked for the error.
        (json!({ "query": BOOK, "variables": booking(2, "Atlantis") }), "200 mutation Book refused UNKNOWN_STATE"),
        (json!({ "query": format!("query {} {{ __typename }}", "x".repeat(100)) }), &format!("200 query {}… ok", "x".repeat(64))),
    ].into_iter().enumerate() {
        let lines = lines(&app, &format!("line-{number}"), &body, &[]).await;
        let line: Vec<&String> = lines.iter().filter(|line| line.contains("POST /graphql ")).collect();
        assert_eq!(line.len(), 1, "{lines:?}");
        assert!(line[0].contains(told), "{told}: {line:?}");
    }
    // The same of a request that the database has failed.
    app.database
        .execute("ALTER TABLE appointment RENAME COLUMN reason TO elsewhere")
        .await
        .unwrap();
    let body = json!({ "query": "query Bug { appointment(id: \"apt_00000000000000000000000000\") { id } }" });
    let lines = lines(&app, "line-bug", &body, &[]).await;
    assert!(lines.iter().any(|line| line.contains("query Bug failed INTERNAL")), "{lines:?}");
    // And a problem of REST has its code.
    let request = app.request(Method::GET, "/appointment/x").header("x-request-id", "line-rest");
    assert_eq!(TestApp::send(request).await.status, 404);
    let lines = lines_of("line-rest");
    assert!(
        lines.iter().any(|line| line.contains("GET /appointment/{id} 404 NOT_FOUND")),
        "{lines:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_callers_give_are_taken_over_where_they_are_well_formed() {
    capture();
    let app = TestApp::spawn(Engine::Sqlite).await;
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let body = json!({ "query": "{ __typename }" });
    let traced = lines(&app, "traced.1_a-Z", &body, &[("traceparent", &parent)]).await;
    assert!(!traced.is_empty() && traced.iter().all(|line| line.contains(TRACE)), "{traced:?}");
    let untraced = lines(&app, "untraced", &body, &[("traceparent", &format!("{parent}-x"))]).await;
    assert!(
        !untraced.is_empty() && untraced.iter().all(|line| !line.contains(TRACE)),
        "{untraced:?}"
    );
    for bad in ["", "a b", "a;b", "a\"b", "{\"a\":1}", &"x".repeat(65)] {
        let answer =
            TestApp::send(app.request(Method::GET, "/healthz").header("x-request-id", bad)).await;
        let given = answer.header("x-request-id");
        assert!(given != bad && given.len() == 32, "{bad}: {given}");
    }
    // A bug is told with it, at both doors.
    app.database
        .execute("ALTER TABLE appointment RENAME COLUMN reason TO elsewhere")
        .await
        .unwrap();
    let rest = app.request(Method::GET, "/appointment/apt_00000000000000000000000000");
    let rest = TestApp::send(rest.header("x-request-id", "my-bug")).await;
    assert_eq!((rest.status.as_u16(), &rest.json()["request_id"]), (500, &json!("my-bug")));
    let graphql = app.request(Method::POST, "/graphql").header("x-request-id", "my-bug");
    let query =
        json!({ "query": "{ appointment(id: \"apt_00000000000000000000000000\") { id } }" });
    let graphql = TestApp::send(graphql.json(&query)).await;
    assert_eq!(graphql.json()["errors"][0]["extensions"]["requestId"], "my-bug");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_that_goes_on_has_a_line_of_its_own_at_its_end() {
    capture();
    let app = TestApp::spawn(Engine::Sqlite).await;
    let headers = [("sec-websocket-protocol", "graphql-transport-ws"), ("x-request-id", "socket")];
    let mut client = WebSocketClient::connect(&app.url, &headers).await.unwrap();
    client.say(&json!({ "type": "connection_init" })).await;
    assert_eq!(client.hear().await.unwrap()["type"], "connection_ack");
    let follow =
        format!(r#"subscription Follow {{ appointmentChanged(after: "{BEGINNING}") {{ kind }} }}"#);
    for (id, payload) in [
        ("a", json!({ "query": follow })),
        ("b", json!({ "query": "query Side { __typename }" })),
        ("c", json!({ "query": "query Side {", "operationName": "Side" })),
        ("d", json!({ "query": "subscription Bad { appointmentChanged(state: \"x\") { kind } }" })),
    ] {
        client.say(&json!({ "type": "subscribe", "id": id, "payload": payload })).await;
    }
    assert_eq!(app.book(&with_jane(1, "2027-01-11T15:00:00Z")).await.status, 201);
    client.say(&json!({ "type": "complete", "id": "a" })).await;
    for told in [
        "GraphQL query Side ok",
        "GraphQL query Side refused GRAPHQL_PARSE_FAILED",
        "GraphQL subscription Bad refused UNKNOWN_STATE",
        "GraphQL subscription Follow ok",
    ] {
        let seen = comes_true(async || lines_of("socket").iter().any(|line| line.contains(told)));
        assert!(seen.await, "{told}: {:?}", lines_of("socket"));
    }
    // A stream tells in its line of HTTP what began, and in another what became of it.
    let events =
        stream(&app, "text/event-stream", "subscription Streamed { appointmentChanged { kind } }")
            .await;
    let id = events.headers()["x-request-id"].to_str().unwrap().to_owned();
    drop(events);
    assert!(app.book(&with_jane(2, "2027-01-11T16:00:00Z")).await.status.is_success());
    for told in ["POST /graphql 200 subscription Streamed", "GraphQL subscription Streamed ok"] {
        let seen = comes_true(async || lines_of(&id).iter().any(|line| line.contains(told)));
        assert!(seen.await, "{told}: {:?}", lines_of(&id));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_metrics_count_operations_by_name_and_no_client_can_make_them_grow_without_end() {
    let database = TestDatabase::create(Engine::Sqlite).await;
    let server = ServerProcess::start(&database, &[("SEED_DEMO", "true")]).await;
    let series = async |labels: &str| {
        let metrics = server.get("/metrics").await.text;
        let prefix = format!("clinic_graphql_operations_total{{{labels}}} ");
        metrics.lines().find_map(|line| line.strip_prefix(&prefix)?.parse::<u32>().ok())
    };
    let labels = |name: &str, kind: &str, outcome: &str, code: &str| {
        format!(r#"operation="{name}",type="{kind}",outcome="{outcome}",code="{code}""#)
    };
    for kind in ["query", "mutation", "subscription"] {
        assert_eq!(series(&labels("(anonymous)", kind, "ok", "")).await, Some(0));
    }
    let metrics = server.get("/metrics").await.text;
    for metric in [
        r#"clinic_http_requests_total{method="POST",route="/graphql",status="200"} 0"#,
        r#"clinic_graphql_operation_seconds_count{type="mutation"} 0"#,
        r#"clinic_appointments_total{status="CONFIRMED"} 0"#,
        "clinic_hold_attempts_total 0",
        r#"clinic_holds_total{outcome="redeemed"} 0"#,
        "clinic_websocket_connections 0",
        "clinic_reconcile_differences 0",
        "clinic_outbox_backlog 0",
    ] {
        assert!(metrics.lines().any(|line| line == metric), "{metric}: {metrics}");
    }
    let ask = async |query: &str| server.graphql(query, json!({})).await;
    ask("query Known { __typename }").await;
    ask("query Known { __typename }").await;
    ask(r#"query Known { providers(state: "Atlantis") { totalCount } t: __typename }"#).await;
    server.graphql(BOOK, booking(1, "Atlantis")).await;
    ask("{").await;
    assert_eq!(series(&labels("Known", "query", "ok", "")).await, Some(2));
    assert_eq!(series(&labels("Known", "query", "partial", "UNKNOWN_STATE")).await, Some(1));
    assert_eq!(series(&labels("Book", "mutation", "refused", "UNKNOWN_STATE")).await, Some(1));
    assert_eq!(
        series(&labels("(unknown)", "query", "refused", "GRAPHQL_PARSE_FAILED")).await,
        Some(1)
    );
    for number in 0..120 {
        ask(&format!("query Flood{number} {{ __typename }}")).await;
    }
    // Two names were there already.
    assert_eq!(series(&labels("Flood97", "query", "ok", "")).await, Some(1));
    assert_eq!(series(&labels("Flood98", "query", "ok", "")).await, None);
    assert_eq!(series(&labels("(other)", "query", "ok", "")).await, Some(22));
    ask("query Known { __typename }").await;
    assert_eq!(series(&labels("Known", "query", "ok", "")).await, Some(3));
}
