//! Subscriptions over plain HTTP: server-sent events as `graphql-sse` has them, and Apollo's multipart.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{BEGINNING, Engine, TestApp, on_both_engines, stream, with_jane};

const TEN: &str = "2027-01-11T15:00:00Z";
const MULTIPART: &str = "multipart/mixed;subscriptionSpec=1.0, application/json";

fn whole_log() -> String {
    format!(r#"subscription {{ appointmentChanged(after: "{BEGINNING}") {{ kind }} }}"#)
}

/// Reads until the text holds so many of something.
async fn read_until(response: &mut reqwest::Response, what: &str, count: usize) -> String {
    let mut text = String::new();
    while text.matches(what).count() < count {
        let chunk = response.chunk().await.unwrap().expect("it ended");
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_is_served_as_server_sent_events() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let mut events = stream(&app, "text/event-stream", &whole_log()).await;
    assert_eq!(events.status(), StatusCode::OK);
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    assert_eq!(app.book(&with_jane(1, TEN)).await.status, 201);
    let text = read_until(&mut events, "\n\n", 2).await;
    let next = |kind: &str| {
        format!(
            "event: next\ndata: {}\n\n",
            json!({ "data": { "appointmentChanged": { "kind": kind } } })
        )
    };
    assert_eq!(text, next("BOOKED") + &next("CONFIRMED"));
    // A query has one answer, and then it is complete.
    let answer = stream(&app, "text/event-stream", "{ __typename }").await.text().await.unwrap();
    assert_eq!(
        answer,
        "event: next\ndata: {\"data\":{\"__typename\":\"Query\"}}\n\nevent: complete\ndata:\n\n"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_is_served_as_apollos_multipart() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let accept = r#"multipart/mixed;boundary="graphql";subscriptionSpec="1.0",application/json"#;
    let mut parts = stream(&app, accept, &whole_log()).await;
    assert_eq!(parts.status(), StatusCode::OK);
    let media_type = r#"multipart/mixed; boundary="graphql"; subscriptionSpec="1.0""#;
    assert_eq!(parts.headers()["content-type"], media_type);
    assert_eq!(app.book(&with_jane(1, TEN)).await.status, 201);
    let part = |kind: &str| {
        let payload = json!({ "data": { "appointmentChanged": { "kind": kind } } });
        let body = json!({ "payload": payload });
        format!("\r\nContent-Type: application/json\r\n\r\n{body}\r\n--graphql")
    };
    let text = read_until(&mut parts, "--graphql", 3).await;
    assert_eq!(text, format!("\r\n--graphql{}{}", part("BOOKED"), part("CONFIRMED")));
    // The same client's queries are answered as they always are.
    let answer = stream(&app, accept, "{ __typename }").await;
    assert_eq!(answer.headers()["content-type"], "application/json; charset=utf-8");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_is_refused_where_it_can_be_answered_but_once() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let answer = stream(&app, "application/graphql-response+json", &whole_log()).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    assert!(body["errors"][0]["message"].as_str().unwrap().contains("/graphql/ws"));
    // What is wrong with it is said before a stream begins.
    let answer = stream(&app, "text/event-stream", "subscription { nothing }").await;
    let text = answer.text().await.unwrap();
    assert!(text.contains("GRAPHQL_VALIDATION_FAILED"), "{text}");
}

/// One chunk of the body, as the server flushed it.
async fn chunk(response: &mut reqwest::Response) -> String {
    String::from_utf8(response.chunk().await.unwrap().expect("it ended").to_vec()).unwrap()
}

on_both_engines! {
    async fn a_part_is_whole_before_anything_else_happens(engine) {
        let app = TestApp::spawn(engine).await;
        let mut parts = stream(&app, MULTIPART, &whole_log()).await;
        // The first delimiter comes by itself: it is written while nothing has happened.
        assert_eq!(chunk(&mut parts).await, "\r\n--graphql");
        for number in 0..2 {
            assert_eq!(app.book(&with_jane(number, &format!("2027-01-11T1{}:00:00Z", 5 + number))).await.status, 201);
            // Nothing happens any more, and the part has its end.
            let told = read_until(&mut parts, "--graphql", 2).await;
            let kinds: Vec<Value> = told
                .split("\r\n--graphql")
                .filter_map(|part| part.split_once("\r\n\r\n"))
                .map(|(_, body)| serde_json::from_str::<Value>(body).unwrap())
                .map(|body| body["payload"]["data"]["appointmentChanged"]["kind"].clone())
                .collect();
            assert_eq!(kinds, ["BOOKED", "CONFIRMED"], "{told}");
            assert!(told.ends_with("}\r\n--graphql"), "{told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_the_only_one_closes_the_multipart() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    for (query, body) in [
        ("{ __typename }", json!({ "payload": { "data": { "__typename": "Query" } } })),
        (
            "subscription { appointmentChanged(state: \"x\") { kind } }",
            json!({ "payload": { "data": null, "errors": 1 } }),
        ),
        ("{ nothing }", json!({ "payload": { "errors": 1 } })),
        ("{", json!({ "payload": { "errors": 1 } })),
    ] {
        let answer = stream(&app, "multipart/mixed;subscriptionSpec=1.0", query).await;
        assert_eq!(answer.status(), StatusCode::OK, "{query}");
        let text = answer.text().await.unwrap();
        let inside = text.strip_prefix("\r\n--graphql\r\nContent-Type: application/json\r\n\r\n");
        let inside = inside.and_then(|rest| rest.strip_suffix("\r\n--graphql--\r\n"));
        let mut told: Value =
            serde_json::from_str(inside.unwrap_or_else(|| panic!("{text}"))).unwrap();
        if told["payload"]["errors"].is_array() {
            assert!(told["payload"]["errors"][0]["extensions"]["code"].is_string(), "{told}");
            told["payload"]["errors"] = json!(1);
        }
        assert_eq!(told, body, "{query}");
    }
}

/// What a client of `graphql-sse` makes of a whole stream: the answers that it is told.
fn answers_in(text: &str) -> Vec<Value> {
    let events =
        text.strip_suffix("event: complete\ndata:\n\n").unwrap_or_else(|| panic!("{text}"));
    events
        .split_terminator("\n\n")
        .map(|event| event.strip_prefix("event: next\ndata: ").unwrap_or_else(|| panic!("{event}")))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_takes_nothing_but_events_is_told_by_an_event_what_was_refused() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($a: Int!) { providers(first: $a) { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { appointmentChanged(state: \"x\") { kind } }", "UNKNOWN_STATE"),
        (&format!("{{ a(b: {}) }}", "[".repeat(20_000)), "QUERY_TOO_COMPLEX"),
    ] {
        let answer = stream(&app, "text/event-stream", query).await;
        let media_type = answer.headers()["content-type"].clone();
        assert_eq!(
            (answer.status(), media_type.to_str().unwrap()),
            (StatusCode::OK, "text/event-stream"),
            "{query}"
        );
        let text = answer.text().await.unwrap();
        let answers = answers_in(&text);
        assert_eq!(answers.len(), 1, "{text}");
        assert_eq!(answers[0]["errors"][0]["extensions"]["code"], code, "{text}");
        // No data where nothing has run; the resolver of a subscription has.
        let ran = code == "UNKNOWN_STATE";
        assert_eq!(answers[0].get("data").is_some(), ran, "{text}");
    }
    // What is no request at all has a status, for there is nothing to answer.
    for body in ["", "[]", "{}", r#"{"query":1}"#, r#"{"query":"{a}","variables":[]}"#] {
        let request = app.request(Method::POST, "/graphql").header("accept", "text/event-stream");
        let request = request.header("content-type", "application/json").body(body);
        assert_eq!(TestApp::send(request).await.status, 400, "{body}");
    }
    // And who takes JSON beside it gets what it always gets.
    let both = stream(&app, "application/json, text/event-stream", "{ nothing }").await;
    assert_eq!(both.headers()["content-type"], "application/json; charset=utf-8");
    assert_eq!(
        stream(&app, "text/event-stream;q=0", "{ __typename }").await.status(),
        StatusCode::NOT_ACCEPTABLE
    );
}
