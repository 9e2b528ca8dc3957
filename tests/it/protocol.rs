//! `graphql-transport-ws`, to the letter: every branch of the protocol's text, as the reference
//! server of the `graphql-ws` library takes it. `.ci/graphql-clients` plays the same against both.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{BEGINNING, Engine, TestApp, WebSocketClient};

const INVALID: (u16, &str) = (4400, "Invalid message received");

fn text(message: &Value) -> Message {
    Message::text(message.to_string())
}

/// A `subscribe` with that payload.
fn subscribe(id: &Value, payload: &Value) -> Value {
    json!({ "type": "subscribe", "id": id, "payload": payload })
}

fn follow(id: &str) -> Message {
    let query =
        format!(r#"subscription {{ appointmentChanged(after: "{BEGINNING}") {{ kind }} }}"#);
    text(&subscribe(&json!(id), &json!({ "query": query })))
}

/// What no message of the protocol looks like.
fn malformed() -> Vec<Message> {
    let query = "{ __typename }";
    let with = |name: &str, value: Value| {
        let mut payload = json!({ "query": query });
        payload[name] = value;
        subscribe(&json!("1"), &payload)
    };
    let mut messages = vec![
        // Of the whole.
        json!(null),
        json!([]),
        json!(["connection_init", null]),
        json!(["pong"]),
        json!("ping"),
        json!(1),
        // Of the type.
        json!({}),
        json!({ "type": null }),
        json!({ "type": 1 }),
        json!({ "type": "" }),
        json!({ "type": "PING" }),
        json!({ "type": "unknown" }),
        json!({ "type": "start", "id": "1", "payload": { "query": query } }),
        json!({ "type": "next", "id": "1", "payload": {} }),
        json!({ "type": "error", "id": "1", "payload": [{ "message": "x" }] }),
        json!({ "type": "connection_ack" }),
        // Of the id.
        json!({ "type": "subscribe", "payload": { "query": query } }),
        json!({ "type": "complete" }),
        // Of the payload.
        json!({ "type": "subscribe", "id": "1" }),
    ];
    for id in [json!(null), json!(1), json!(""), json!({}), json!(["1"])] {
        messages.push(subscribe(&id, &json!({ "query": query })));
        messages.push(json!({ "type": "complete", "id": id }));
    }
    for payload in [json!(null), json!(1), json!("x"), json!([]), json!([{ "query": query }])] {
        messages.push(subscribe(&json!("1"), &payload));
    }
    for payload in [json!(1), json!("x"), json!([]), json!(false)] {
        for kind in ["connection_init", "ping", "pong"] {
            messages.push(json!({ "type": kind, "payload": payload }));
        }
    }
    messages.push(subscribe(&json!("1"), &json!({})));
    messages.push(subscribe(&json!("1"), &json!({ "variables": {} })));
    messages.push(subscribe(&json!("1"), &json!({ "query": null, "extensions": {} })));
    for value in [json!(1), json!(true), json!({}), json!([query])] {
        messages.push(with("query", value));
    }
    for value in [json!(1), json!("x"), json!([]), json!(false)] {
        messages.push(with("variables", value.clone()));
        messages.push(with("extensions", value));
    }
    for value in [json!(1), json!({}), json!([]), json!(false)] {
        messages.push(with("operationName", value));
    }
    let mut messages: Vec<Message> = messages.iter().map(text).collect();
    messages.push(Message::text(""));
    messages.push(Message::text("hello"));
    messages.push(Message::text("\u{0}\u{ffff}"));
    messages.push(Message::text("[".repeat(50_000)));
    // The reference takes text in a binary frame; the protocol knows strings alone.
    messages.push(Message::binary(br#"{"type":"ping"}"#.to_vec()));
    messages.push(Message::binary(vec![0xff, 0xfe]));
    messages
}

async fn acknowledged(app: &TestApp) -> WebSocketClient {
    let mut client = WebSocketClient::open(app).await;
    client.send(text(&json!({ "type": "connection_init" }))).await;
    assert_eq!(client.hear().await, Ok(json!({ "type": "connection_ack" })));
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_message_of_the_protocol_closes_with_4400_before_and_after_the_acknowledgement()
{
    let app = TestApp::spawn(Engine::Sqlite).await;
    for message in malformed() {
        let mut client = WebSocketClient::open(&app).await;
        client.send(message.clone()).await;
        assert_eq!(client.closed_with().await, (INVALID.0, INVALID.1.to_owned()), "{message}");
        let mut client = acknowledged(&app).await;
        client.send(message.clone()).await;
        assert_eq!(client.closed_with().await, (INVALID.0, INVALID.1.to_owned()), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_breach_of_the_order_closes_with_its_own_code() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let init = || text(&json!({ "type": "connection_init", "payload": {} }));
    let long = "x".repeat(200);
    for (first_init, messages, code, reason) in [
        (false, vec![follow("1")], 4401, "Unauthorized"),
        (true, vec![init()], 4429, "Too many initialisation requests"),
        (true, vec![follow("one"), follow("one")], 4409, "Subscriber for one already exists"),
        (true, vec![follow(&long), follow(&long)], 4409, "Subscriber already exists"),
        (true, vec![Message::text(" ".repeat(70_000))], 1009, "Message too big"),
    ] {
        let mut client =
            if first_init { acknowledged(&app).await } else { WebSocketClient::open(&app).await };
        for message in messages {
            client.send(message).await;
        }
        assert_eq!(client.closed_with().await, (code, reason.to_owned()));
    }
    assert_eq!(app.get("/healthz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_protocol_lets_stand_is_let_stand() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let mut client = WebSocketClient::open(&app).await;
    // Before the acknowledgement a client may ask whether anybody is there, and end what never ran.
    for message in [
        json!({ "type": "ping" }),
        json!({ "type": "pong", "payload": { "n": 1 } }),
        json!({ "type": "pong", "payload": null }),
        json!({ "type": "complete", "id": "1" }),
        json!({ "type": "ping", "payload": null }),
        json!({ "type": "ping", "payload": { "n": { "m": [1] } }, "else": 1 }),
        json!({ "type": "connection_init", "payload": null, "id": 1 }),
    ] {
        client.send(text(&message)).await;
    }
    for answer in [
        json!({ "type": "pong" }),
        json!({ "type": "pong" }),
        json!({ "type": "pong", "payload": { "n": { "m": [1] } } }),
        json!({ "type": "connection_ack" }),
    ] {
        assert_eq!(client.hear().await, Ok(answer));
    }
    // Null is as good as left out.
    let nulls = json!({ "query": "{ __typename }", "variables": null, "operationName": null, "extensions": null });
    client.send(text(&subscribe(&json!("a"), &nulls))).await;
    let data = json!({ "data": { "__typename": "Query" } });
    assert_eq!(client.hear().await, Ok(json!({ "type": "next", "id": "a", "payload": data })));
    assert_eq!(client.hear().await, Ok(json!({ "type": "complete", "id": "a" })));
    // The last of equal names counts, as in every reader of JSON.
    client.send(Message::text(r#"{"type":"pong","type":"ping"}"#)).await;
    assert_eq!(client.hear().await, Ok(json!({ "type": "pong" })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_subprotocols_ours_is_taken() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    for offered in [
        "graphql-transport-ws,graphql-ws",
        "graphql-ws, graphql-transport-ws",
        "a, graphql-transport-ws ,b",
    ] {
        let headers = [("sec-websocket-protocol", offered)];
        let mut client = WebSocketClient::connect(&app.url, &headers).await.unwrap();
        client.send(text(&json!({ "type": "connection_init" }))).await;
        assert_eq!(client.hear().await, Ok(json!({ "type": "connection_ack" })), "{offered}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_may_be_left_out_where_its_hash_stands_for_it() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let mut client = acknowledged(&app).await;
    let hash = "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b";
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    client.send(text(&subscribe(&json!("1"), &json!({ "extensions": extensions })))).await;
    let answer = client.hear().await.unwrap();
    assert_eq!(answer["payload"][0]["extensions"]["code"], "PERSISTED_QUERY_NOT_FOUND", "{answer}");
    let both = json!({ "query": "{ __typename }", "extensions": extensions });
    let alone = json!({ "query": null, "extensions": extensions });
    for payload in [both, alone, json!({ "query": "", "extensions": extensions })] {
        client.send(text(&subscribe(&json!("1"), &payload))).await;
        assert_eq!(client.hear().await.unwrap()["payload"]["data"]["__typename"], "Query");
        assert_eq!(client.hear().await, Ok(json!({ "type": "complete", "id": "1" })));
    }
}
