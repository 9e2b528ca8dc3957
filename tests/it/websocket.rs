//! What comes over `graphql-transport-ws`, and who may connect. Its letters are in `protocol.rs`.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{BEGINNING, Engine, TestApp, WebSocketClient, stream, with_jane};

const TEN: &str = "2027-01-11T15:00:00Z";
const TOKEN: &str = "0123456789abcdef";

fn subscribe(id: &str, query: &str) -> Value {
    json!({ "type": "subscribe", "id": id, "payload": { "query": query } })
}

fn whole_log() -> String {
    format!(r#"subscription {{ appointmentChanged(after: "{BEGINNING}") {{ kind }} }}"#)
}

/// A connection that has been acknowledged.
async fn ready(app: &TestApp) -> WebSocketClient {
    let mut client = WebSocketClient::open(app).await;
    client.say(&json!({ "type": "connection_init" })).await;
    assert_eq!(client.hear().await, Ok(json!({ "type": "connection_ack" })));
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queries_mutations_and_subscriptions_run_side_by_side_over_one_connection() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let mut client = ready(&app).await;
    client.say(&subscribe("s", &whole_log())).await;
    client.say(&subscribe("q", "{ providers(first: 1) { nodes { name } } }")).await;
    let next = client.hear().await.unwrap();
    let data = json!({ "providers": { "nodes": [{ "name": "Dr. Jane Doe" }] } });
    assert_eq!(next, json!({ "type": "next", "id": "q", "payload": { "data": data } }));
    assert_eq!(client.hear().await, Ok(json!({ "type": "complete", "id": "q" })));
    // The id of what has ended may be used again.
    let book = r#"mutation { bookAppointment(input: { patient: { name: "A B", email: "a@example.com",
        state: "CT", insurance: "Aetna" } }) { appointment { status } error { code } } }"#;
    client.say(&subscribe("q", book)).await;
    let (mut kinds, mut answer) = (Vec::new(), Value::Null);
    while kinds.len() < 2 || answer.is_null() {
        let message = client.hear().await.unwrap();
        match (message["id"].as_str().unwrap(), message["type"].as_str().unwrap()) {
            ("s", "next") => {
                kinds.push(message["payload"]["data"]["appointmentChanged"]["kind"].clone());
            }
            ("q", "next") => answer = message["payload"]["data"]["bookAppointment"].clone(),
            ("q", "complete") => {}
            _ => panic!("{message}"),
        }
    }
    assert_eq!(kinds, ["BOOKED", "CONFIRMED"]);
    assert_eq!(answer, json!({ "appointment": { "status": "CONFIRMED" }, "error": null }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_completed_by_the_client_is_told_no_more() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let mut client = ready(&app).await;
    client.say(&subscribe("s", &whole_log())).await;
    client.say(&json!({ "type": "complete", "id": "s" })).await;
    // Of an id that nobody knows: it may have ended on its own meanwhile.
    client.say(&json!({ "type": "complete", "id": "other" })).await;
    client.say(&json!({ "type": "ping" })).await;
    assert_eq!(client.hear().await, Ok(json!({ "type": "pong" })));
    assert_eq!(app.book(&with_jane(1, TEN)).await.status, 201);
    client.say(&json!({ "type": "ping", "payload": { "n": 1 } })).await;
    assert_eq!(client.hear().await, Ok(json!({ "type": "pong", "payload": { "n": 1 } })));
    // The id is free again.
    client.say(&subscribe("s", &whole_log())).await;
    assert_eq!(client.hear().await.unwrap()["type"], "next");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_that_cannot_begin_is_an_error_message_and_harms_nothing_else() {
    let app = TestApp::builder(Engine::Sqlite).setting("LIVE_MAX_OPERATIONS", "2").spawn().await;
    let mut client = ready(&app).await;
    client.say(&subscribe("s", &whole_log())).await;
    let bottomless = format!("{{ a(b: {}) }}", "[".repeat(20_000));
    for (payload, code) in [
        (json!({ "query": "{" }), "GRAPHQL_PARSE_FAILED"),
        (json!({ "query": bottomless }), "QUERY_TOO_COMPLEX"),
        (json!({ "query": "{ nothing }" }), "GRAPHQL_VALIDATION_FAILED"),
        (
            json!({ "query": "subscription { appointmentChanged(state: \"Atlantis\") { kind } }" }),
            "UNKNOWN_STATE",
        ),
        (
            json!({ "query": "subscription { appointmentChanged(after: \"x\") { kind } }" }),
            "INVALID_INPUT",
        ),
        (
            json!({ "query": "subscription { appointmentChanged(after: \"evt_00ffffffffff\") { kind } }" }),
            "INVALID_INPUT",
        ),
        (
            json!({ "query": "subscription { a: appointmentChanged { kind } b: appointmentChanged { kind } }" }),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (json!({ "query": "" }), "GRAPHQL_PARSE_FAILED"),
        (
            json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "00" } } }),
            "BAD_REQUEST",
        ),
    ] {
        client.say(&json!({ "type": "subscribe", "id": "x", "payload": payload })).await;
        let message = client.hear().await.unwrap();
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("x")), "{message}");
        assert_eq!(message["payload"][0]["extensions"]["code"], code, "{message}");
    }
    client.say(&subscribe("second", &whole_log())).await;
    client.say(&subscribe("third", &whole_log())).await;
    let message = client.hear().await.unwrap();
    assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("third")), "{message}");
    assert_eq!(message["payload"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX");
    assert_eq!(app.book(&with_jane(1, TEN)).await.status, 201);
    assert_eq!(client.hear().await.unwrap()["type"], "next");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_say_init_in_time_is_sent_away() {
    let app = TestApp::builder(Engine::Sqlite).setting("LIVE_INIT_TIMEOUT_MS", "50").spawn().await;
    let mut silent = WebSocketClient::open(&app).await;
    assert_eq!(silent.hear().await, Err(4408));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_without_the_subprotocol_is_closed() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let mut client = WebSocketClient::connect(&app.url, &[]).await.unwrap();
    assert_eq!(client.hear().await, Err(4406));
    let plain = app.get("/graphql/ws").await;
    assert_eq!(plain.problem(), (400, "BAD_REQUEST".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_is_said_in_connection_init_or_in_the_header() {
    let app = TestApp::builder(Engine::Sqlite).setting("API_TOKEN", TOKEN).spawn().await;
    let protocol = ("sec-websocket-protocol", "graphql-transport-ws");
    let (bearer, wrong) = (format!("Bearer {TOKEN}"), "Bearer 0123456789abcdeX".to_owned());
    for (header, payload, heard) in [
        (None, json!(null), Err(4403)),
        (None, json!({}), Err(4403)),
        (None, json!({ "authorization": 1 }), Err(4403)),
        (None, json!({ "authorization": wrong }), Err(4403)),
        (Some(wrong.as_str()), json!({}), Err(4403)),
        (None, json!({ "authorization": bearer }), Ok("connection_ack")),
        (None, json!({ "authorization": TOKEN }), Ok("connection_ack")),
        (None, json!({ "Authorization": bearer }), Ok("connection_ack")),
        (None, json!({ "AUTHORIZATION": format!("bearer  {TOKEN} ") }), Ok("connection_ack")),
        (None, json!({ "Authorization": null, "authorization": bearer }), Ok("connection_ack")),
        (None, json!({ "Authorization": format!("Basic {TOKEN}") }), Err(4403)),
        (None, json!({ "token": TOKEN }), Err(4403)),
        (Some(bearer.as_str()), json!({}), Ok("connection_ack")),
    ] {
        let headers = [Some(protocol), header.map(|value| ("authorization", value))];
        let headers: Vec<_> = headers.into_iter().flatten().collect();
        let mut client = WebSocketClient::connect(&app.url, &headers).await.unwrap();
        client.say(&json!({ "type": "connection_init", "payload": payload })).await;
        let answer = client.hear().await;
        let answer = answer.as_ref().map(|message| message["type"].as_str().unwrap());
        assert_eq!(answer.map_err(|code| *code), heard, "{header:?} {payload}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_another_origin_can_not_connect_unless_it_is_listed() {
    let desk = "https://desk.example.com";
    let app = TestApp::builder(Engine::Sqlite).setting("CORS_ORIGINS", desk).spawn().await;
    for (origin, expected) in [
        (desk, None),
        (app.url.as_str(), None),
        ("https://evil.example.com", Some(StatusCode::FORBIDDEN)),
        ("null", Some(StatusCode::FORBIDDEN)),
    ] {
        let headers = [("sec-websocket-protocol", "graphql-transport-ws"), ("origin", origin)];
        let refused = WebSocketClient::connect(&app.url, &headers).await.err();
        assert_eq!(refused, expected, "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_beyond_the_cap_are_told_to_come_back_later() {
    let app = TestApp::builder(Engine::Sqlite).setting("LIVE_MAX_CONNECTIONS", "1").spawn().await;
    let first = ready(&app).await;
    let headers = [("sec-websocket-protocol", "graphql-transport-ws")];
    let refused = WebSocketClient::connect(&app.url, &headers).await.err();
    assert_eq!(refused, Some(StatusCode::SERVICE_UNAVAILABLE));
    let streamed = stream(&app, "text/event-stream", &whole_log()).await;
    assert_eq!(streamed.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(streamed.headers()["retry-after"], "1");
    drop(first);
    // Its place is free as soon as the server has noticed.
    while WebSocketClient::connect(&app.url, &headers).await.is_err() {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_not_said_the_token_takes_no_place() {
    let app = TestApp::builder(Engine::Sqlite)
        .setting("API_TOKEN", TOKEN)
        .setting("LIVE_MAX_CONNECTIONS", "1")
        .setting("LIVE_MAX_CONNECTING", "3")
        .spawn()
        .await;
    let init = json!({ "type": "connection_init", "payload": { "authorization": TOKEN } });
    let (_silent, _other) = (WebSocketClient::open(&app).await, WebSocketClient::open(&app).await);
    let mut first = WebSocketClient::open(&app).await;
    first.say(&init).await;
    assert_eq!(first.hear().await.unwrap()["type"], "connection_ack");
    let mut second = WebSocketClient::open(&app).await;
    second.say(&init).await;
    assert_eq!(second.hear().await, Err(1013));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_sends_its_subscribers_to_another() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let mut client = ready(&app).await;
    client.say(&subscribe("s", &whole_log())).await;
    let mut events = stream(&app, "text/event-stream", &whole_log()).await;
    let begun = std::time::Instant::now();
    app.stop().await;
    assert_eq!(client.hear().await, Err(1001));
    // Cut off, and not completed: the client connects again.
    let mut rest = Vec::new();
    while let Ok(Some(chunk)) = events.chunk().await {
        rest.extend(chunk);
    }
    assert!(!String::from_utf8(rest).unwrap().contains("complete"));
    assert!(begun.elapsed().as_secs() < 20, "the server waited for its subscribers");
}
