//! Guesses of a token: few of them are compared, each is counted, and nobody is locked out.

use std::fs;
use std::time::Instant;

use futures_util::future::join_all;
use reqwest::{Client, Method};
use serde_json::json;

use crate::support::{
    Answer, Engine, ServerProcess, TestApp, TestDatabase, WebSocketClient, comes_true,
};

const TOKEN: &str = "a-token-for-tests-only";
const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

async fn ask(client: &Client, url: &str, from: &str, token: &str) -> Answer {
    let request = client.get(url).header("x-forwarded-for", from).bearer_auth(token);
    TestApp::send(request).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_guesses_from_one_address_a_handful_is_compared_and_they_are_told_to_the_operator()
{
    let database = TestDatabase::create(Engine::Sqlite).await;
    let log = database.folder.path().join("log");
    let settings = [
        ("API_TOKEN", TOKEN),
        ("METRICS_TOKEN", "another-one-for-scrapers"),
        ("TRUSTED_PROXIES", "127.0.0.1"),
        ("RUST_LOG", "warn"),
    ];
    let server = ServerProcess::start_logging(&database, &settings, &log).await;
    let client = Client::builder().no_proxy().build().unwrap();
    let patients = format!("{}/patients", server.url);
    let begun = Instant::now();
    let mut guesses = Vec::new();
    for round in 0..10 {
        let tokens: Vec<String> = (0..100).map(|at| format!("guess-number-{round}-{at}")).collect();
        let sent = tokens.iter().map(|token| ask(&client, &patients, "203.0.113.9", token));
        guesses.extend(join_all(sent).await);
    }
    let compared = guesses.iter().filter(|guess| guess.status == 401).count();
    let most = 6 + usize::try_from(begun.elapsed().as_secs()).unwrap();
    assert!((5..=most).contains(&compared), "{compared} of at most {most}");
    for throttled in guesses.iter().filter(|guess| guess.status != 401) {
        assert_eq!(throttled.problem(), (429, "RATE_LIMITED".to_owned()));
        assert_eq!(throttled.header("retry-after"), "1");
    }
    let metrics = client.get(format!("{}/metrics", server.url)).bearer_auth(TOKEN);
    let metrics = TestApp::send(metrics).await.text;
    for (outcome, count) in [("wrong", compared), ("throttled", 1000 - compared)] {
        let line = format!("clinic_token_guesses_total{{outcome=\"{outcome}\"}} {count}");
        assert!(metrics.contains(&line), "{line}: {metrics}");
    }
    // From elsewhere the token opens at once, and from there as soon as it is quiet.
    assert_eq!(ask(&client, &patients, "203.0.113.10", TOKEN).await.status, 200);
    let opens = async || ask(&client, &patients, "203.0.113.9", TOKEN).await.status == 200;
    assert!(comes_true(opens).await);
    let log = fs::read_to_string(log).unwrap();
    assert_eq!(log.matches("A wrong token came from 203.0.113.9").count(), compared, "{log}");
    assert!(!log.contains("guess-number"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_websockets_nor_metrics_are_a_way_around_it() {
    let app = TestApp::builder(Engine::Sqlite).setting("API_TOKEN", TOKEN);
    let app = app.setting("METRICS_TOKEN", "another-one-for-scrapers").spawn().await;
    let mut closed = Vec::new();
    for guess in 0..8 {
        let mut client = WebSocketClient::connect(&app.url, &[PROTOCOL]).await.unwrap();
        let payload = json!({ "authorization": format!("Bearer guess-{guess}") });
        client.say(&json!({ "type": "connection_init", "payload": payload })).await;
        closed.push(client.hear().await.unwrap_err());
    }
    assert_eq!((&closed[..5], closed[7]), ([4403; 5].as_slice(), 1013), "{closed:?}");
    // Neither the header of a WebSocket nor another door has guesses of its own.
    let bearer = ("authorization", "Bearer guess-in-a-header");
    let upgraded = WebSocketClient::connect(&app.url, &[PROTOCOL, bearer]).await;
    assert_eq!(upgraded.err().map(|status| status.as_u16()), Some(429));
    let mut statuses = Vec::new();
    for guess in 0..8 {
        let request = app.request(Method::GET, "/metrics").bearer_auth(format!("guess-{guess}"));
        statuses.push(TestApp::send(request).await.status.as_u16());
    }
    assert!(statuses.iter().filter(|status| **status == 429).count() >= 6, "{statuses:?}");
    let opens = async || {
        let request = app.request(Method::GET, "/metrics").bearer_auth("another-one-for-scrapers");
        TestApp::send(request).await.status == 200
    };
    assert!(comes_true(opens).await);
}
