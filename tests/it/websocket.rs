//! `graphql-transport-ws` and the event streams, to the letter, and what comes of other letters.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{BEGINNING, Engine, TestApp, WebSocketClient, with_jane};

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
        (json!({ "query": 1 }), "BAD_REQUEST"),
        (json!([]), "BAD_REQUEST"),
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

/// What a client says, whether it was acknowledged before, and the code that closes the connection.
fn breaches() -> Vec<(&'static str, bool, Vec<Message>, u16)> {
    let text = |message: Value| Message::text(message.to_string());
    let init = || text(json!({ "type": "connection_init" }));
    let follow = || text(subscribe("1", &whole_log()));
    vec![
        ("not JSON", true, vec![Message::text("hello")], 4400),
        ("bottomless JSON", true, vec![Message::text("[".repeat(50_000))], 4400),
        ("no type", true, vec![text(json!({}))], 4400),
        (
            "a type of the older protocol",
            true,
            vec![text(json!({ "type": "start", "id": "1" }))],
            4400,
        ),
        ("a type of the server", true, vec![text(json!({ "type": "next", "id": "1" }))], 4400),
        (
            "an id that is no string",
            true,
            vec![text(json!({ "type": "subscribe", "id": 1, "payload": {} }))],
            4400,
        ),
        ("no payload", true, vec![text(json!({ "type": "subscribe", "id": "1" }))], 4400),
        ("binary", true, vec![Message::binary(b"{}".to_vec())], 4400),
        ("garbage before init", false, vec![Message::text("\u{0}\u{ffff}")], 4400),
        ("subscribed before init", false, vec![follow()], 4401),
        ("the same id twice", true, vec![follow(), follow()], 4409),
        ("init twice", true, vec![init()], 4429),
        ("too large", true, vec![Message::text(" ".repeat(70_000))], 1009),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_breach_of_the_protocol_closes_with_its_own_code() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    for (what, acknowledged, messages, code) in breaches() {
        let mut client =
            if acknowledged { ready(&app).await } else { WebSocketClient::open(&app).await };
        for message in messages {
            client.send(message).await;
        }
        assert_eq!(client.hear().await, Err(code), "{what}");
    }
    assert_eq!(app.get("/healthz").await.status, 200);
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

async fn stream(app: &TestApp, accept: &str, query: &str) -> reqwest::Response {
    app.request(reqwest::Method::POST, "/graphql")
        .header("accept", accept)
        .json(&json!({ "query": query }))
        .send()
        .await
        .unwrap()
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
        format!(
            "\r\n--graphql\r\nContent-Type: application/json\r\n\r\n{}",
            json!({ "payload": payload })
        )
    };
    let text = read_until(&mut parts, "kind", 2).await;
    assert_eq!(text, part("BOOKED") + &part("CONFIRMED"));
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
