//! Why our own code stands where async-graphql-axum could: what the stock transports do. When one of
//! these fails, the library has mended it, and docs/adr/0009 and 0012 are to be read again.

use async_graphql::{Object, Schema, Subscription};
use async_graphql_axum::{GraphQL, GraphQLSubscription};
use axum::Router;
use axum::routing::{get, post_service};
use futures_util::stream::{self, Stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::WebSocketClient;

struct Query;

#[Object]
impl Query {
    async fn one(&self) -> i32 {
        1
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn run(&self) -> i32 {
        1
    }
}

struct Endless;

#[Subscription]
impl Endless {
    async fn once(&self, number: i32) -> impl Stream<Item = i32> {
        stream::StreamExt::chain(stream::iter([number]), stream::pending())
    }
}

/// The stock services, and where they are.
async fn stock() -> String {
    let schema = Schema::new(Query, Mutation, Endless);
    let router = Router::new()
        .route(
            "/graphql",
            post_service(GraphQL::new(schema.clone())).get_service(GraphQL::new(schema.clone())),
        )
        .route("/healthz", get(|| async {}))
        .route_service("/graphql/ws", GraphQLSubscription::new(schema));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

async fn connect(url: &str) -> WebSocketClient {
    let headers = [("sec-websocket-protocol", "graphql-transport-ws")];
    let mut client = WebSocketClient::connect(url, &headers).await.unwrap();
    client.say(&json!({ "type": "connection_init" })).await;
    assert_eq!(client.hear().await.unwrap()["type"], "connection_ack");
    client
}

fn subscribe(query: &str) -> Value {
    json!({ "type": "subscribe", "id": "1", "payload": { "query": query } })
}

#[tokio::test]
async fn the_stock_web_socket_closes_with_codes_of_its_own() {
    let url = stock().await;
    let mut client = connect(&url).await;
    client.send("garbage".into()).await;
    // The protocol says 4400.
    assert_eq!(client.hear().await, Err(1002));
    let headers = [("sec-websocket-protocol", "graphql-transport-ws")];
    let mut client = WebSocketClient::connect(&url, &headers).await.unwrap();
    client.say(&subscribe("{ one }")).await;
    // 4401.
    assert_eq!(client.hear().await, Err(1011));
}

#[tokio::test]
async fn the_stock_web_socket_lets_a_second_subscription_take_over_an_id() {
    let mut client = connect(&stock().await).await;
    for number in [1, 2] {
        client.say(&subscribe(&format!("subscription {{ once(number: {number}) }}"))).await;
        // The protocol closes with 4409 on the second.
        let next = client.hear().await.unwrap();
        assert_eq!(next["payload"]["data"], json!({ "once": number }));
    }
}

#[tokio::test]
async fn the_stock_web_socket_answers_what_is_not_valid_as_if_it_had_run() {
    let mut client = connect(&stock().await).await;
    client.say(&subscribe("{ nothing }")).await;
    // The protocol has an `error` message for it.
    assert_eq!(client.hear().await.unwrap()["type"], "next");
}

#[tokio::test]
async fn the_stock_handler_runs_mutations_over_get_and_answers_what_is_not_valid_with_200() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let url = stock().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = client.get(format!("{url}/graphql?query=mutation+%7B+run+%7D")).send().await.unwrap();
    assert_eq!(get.text().await.unwrap(), r#"{"data":{"run":1}}"#);
    let accept = "application/graphql-response+json";
    let invalid = client.post(format!("{url}/graphql")).header("accept", accept);
    let invalid = invalid.json(&json!({ "query": "{ nothing }" })).send().await.unwrap();
    // The specification says 400 where the client accepts the newer media type.
    assert_eq!(invalid.status(), 200);
}
