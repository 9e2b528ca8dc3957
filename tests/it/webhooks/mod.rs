//! Webhooks: other programs are told what happens to visits.

mod delivering;
mod managing;
mod receiver;

use serde_json::{Value, json};

use self::receiver::Receiver;
use crate::support::{Engine, TestApp, TestAppBuilder, comes_true, id_of, with_jane};

const ENDPOINT: &str = "id version url kinds active createdAt failingSince switchedOffAt";
const DELIVERY: &str = "id eventId at kind status outcome responseStatus attempts nextAttemptAt";

fn tests(engine: Engine) -> TestAppBuilder {
    TestApp::builder(engine).setting("WEBHOOK_ALLOW_PRIVATE", "true")
}

/// What a mutation answers.
async fn change(app: &TestApp, mutation: &str, made: &str, input: Value) -> Value {
    let name = mutation[..1].to_uppercase() + &mutation[1..];
    let query = format!(
        "mutation ($input: {name}Input!) {{ {mutation}(input: $input) {{ {made} error {{ code message
            ... on InvalidInput {{ violations {{ field message }} }} ... on VersionConflict {{ currentVersion }} }} }} }}"
    );
    let answer = app.graphql(&query, json!({ "input": input })).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"][mutation].clone()
}

async fn create(app: &TestApp, input: Value) -> Value {
    change(app, "createWebhookEndpoint", &format!("endpoint {{ {ENDPOINT} }} secret"), input).await
}

/// An endpoint at a receiver, with its secret.
async fn told(app: &TestApp, receiver: &Receiver) -> (Value, String) {
    let made = create(app, json!({ "url": receiver.url })).await;
    assert_eq!(made["error"], Value::Null, "{made}");
    (made["endpoint"].clone(), made["secret"].as_str().unwrap().to_owned())
}

async fn update(app: &TestApp, endpoint: &Value, input: Value) -> Value {
    let mut all = json!({ "id": endpoint["id"] });
    all.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
    change(app, "updateWebhookEndpoint", &format!("endpoint {{ {ENDPOINT} }}"), all).await
}

async fn replay(app: &TestApp, endpoint: &Value, after: &str) -> Value {
    let input = json!({ "endpointId": endpoint["id"], "after": after });
    change(app, "replayWebhooks", "endpoint { id }", input).await
}

/// The endpoint as it is now.
async fn now(app: &TestApp, endpoint: &Value) -> Value {
    let query = format!(
        "query ($id: ID!) {{ node(id: $id) {{ ... on WebhookEndpoint {{ {ENDPOINT} }} }} }}"
    );
    app.graphql(&query, json!({ "id": endpoint["id"] })).await["data"]["node"].clone()
}

/// What it is told, the latest first.
async fn deliveries(app: &TestApp, endpoint: &Value) -> Vec<Value> {
    let query = format!(
        "query ($id: ID!) {{ node(id: $id) {{ ... on WebhookEndpoint {{ deliveries {{ nodes {{ {DELIVERY} }} }} }} }} }}"
    );
    let answer = app.graphql(&query, json!({ "id": endpoint["id"] })).await;
    let nodes = answer["data"]["node"]["deliveries"]["nodes"].as_array();
    nodes.unwrap_or_else(|| panic!("{answer}")).clone()
}

/// Waits until no delivery of an endpoint is under way or due.
async fn become_settled(app: &TestApp, endpoint: &Value, status: &str) -> Vec<Value> {
    let all = async || {
        let all = deliveries(app, endpoint).await;
        !all.is_empty() && all.iter().all(|delivery| delivery["status"] == status)
    };
    let came = comes_true(all).await;
    let all = deliveries(app, endpoint).await;
    assert!(came, "not all are {status}: {all:?}");
    all
}

async fn book(app: &TestApp, number: usize, time: &str) -> String {
    let answer = app.book(&with_jane(number, time)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    id_of(&answer.json())
}
