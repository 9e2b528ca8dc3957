//! `RATE_LIMIT_PER_MINUTE`: what one caller may ask for, however it is packed.

use std::time::Instant;

use futures_util::future::join_all;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Engine, RosterBuilder, TestApp, WebSocketClient, on_both_engines, patient};

const TOKEN: &str = "a-token-for-tests-only";

async fn limited(engine: Engine, limit: &str) -> TestApp {
    let builder = TestApp::builder(engine).roster(RosterBuilder::alike(3));
    builder.setting("RATE_LIMIT_PER_MINUTE", limit).spawn().await
}

/// A document with so many bookings.
fn bookings(count: usize) -> Value {
    let booking = |at: usize| {
        format!(
            "b{at}: bookAppointment(input: {{ patient: {{ name: \"No Body\", email: \"nobody{at}@example.com\",
                state: \"CT\", insurance: \"Aetna\" }} }}) {{ appointment {{ id }} }}"
        )
    };
    let all: String = (0..count).map(booking).collect();
    json!({ "query": format!("mutation {{ {all} }}") })
}

on_both_engines! {
    async fn whoever_takes_a_horizon_for_invented_patients_is_stopped_at_the_limit(engine) {
        let (app, begun) = (limited(engine, "10").await, Instant::now());
        let bodies: Vec<Value> = (0..64)
            .map(|number| json!({ "patient": patient(number, "CT", "Aetna"), "duration_minutes": 480 }))
            .collect();
        let answers = join_all(bodies.iter().map(|body| app.book(body))).await;
        let served = answers.iter().filter(|answer| answer.status != 429).count();
        let most = 10 + usize::try_from(begun.elapsed().as_secs() / 6).unwrap();
        assert!((10..=most).contains(&served), "{served} were served");
        let refused = answers.iter().find(|answer| answer.status == 429).unwrap();
        assert_eq!(refused.problem(), (429, "RATE_LIMITED".to_owned()));
        assert!((1..=60).contains(&refused.header("retry-after").parse().unwrap()), "{refused:?}");
        let held = app.database.number("SELECT count(*) FROM appointment").await;
        assert!(held <= i64::try_from(most).unwrap(), "{held}");
        // Reading is asking too; health is not.
        assert_eq!(app.get("/patients").await.status, 429);
        for path in ["/healthz", "/readyz", "/", "/docs", "/openapi.json"] {
            assert_eq!(app.get(path).await.status, 200, "{path}");
        }
    }
}

on_both_engines! {
    async fn many_changes_in_one_document_cost_as_much_as_one_by_one(engine) {
        let app = limited(engine, "10").await;
        let count = async || app.database.number("SELECT count(*) FROM appointment").await;
        // What no minute has room for is not told to wait.
        let all = app.post("/graphql", &bookings(11)).await;
        assert_eq!(count().await, 0, "{all:?}");
        assert_eq!((all.status.as_u16(), all.header("retry-after")), (200, ""), "{all:?}");
        let error = &all.json()["errors"][0];
        assert_eq!(error["extensions"]["code"], "QUERY_TOO_COMPLEX");
        let told = error["message"].as_str().unwrap();
        assert!(told.contains("RATE_LIMIT_PER_MINUTE") && told.contains("never served"), "{told}");
        let some = app.post("/graphql", &bookings(6)).await;
        assert_eq!((some.status.as_u16(), count().await), (200, 6), "{some:?}");
        let more = app.post("/graphql", &bookings(6)).await;
        assert_eq!((more.status.as_u16(), count().await), (429, 6), "{more:?}");
        assert_eq!(more.json()["errors"][0]["extensions"]["code"], "RATE_LIMITED");
        assert!((1..=60).contains(&more.header("retry-after").parse().unwrap()), "{more:?}");
        // Over a WebSocket too, and for what is not even a document.
        let mut client = WebSocketClient::open(&app).await;
        client.say(&json!({ "type": "connection_init" })).await;
        client.hear().await.unwrap();
        client.say(&json!({ "type": "subscribe", "id": "1", "payload": bookings(6) })).await;
        let refused = client.hear().await.unwrap();
        assert_eq!((&refused["type"], &refused["payload"][0]["extensions"]["code"]), (&json!("error"), &json!("RATE_LIMITED")));
        let mut statuses = Vec::new();
        for _ in 0..8 {
            statuses.push(app.post("/graphql", &json!({ "query": "{" })).await.status.as_u16());
        }
        assert!(statuses.contains(&200) && statuses.ends_with(&[429]), "{statuses:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_is_the_token_or_else_the_address() {
    for (token, elsewhere) in [(None, 200), (Some(TOKEN), 429)] {
        let builder = TestApp::builder(Engine::Sqlite).setting("RATE_LIMIT_PER_MINUTE", "3");
        let builder = builder.setting("TRUSTED_PROXIES", "127.0.0.1");
        let builder = match token {
            Some(token) => builder.setting("API_TOKEN", token),
            None => builder.setting("ACCESS", "open"),
        };
        let app = builder.spawn().await;
        let status = async |from: &str| {
            let request = app.request(Method::GET, "/providers").header("x-forwarded-for", from);
            let request = token.iter().fold(request, RequestBuilder::bearer_auth);
            TestApp::send(request).await.status.as_u16()
        };
        let mut statuses = Vec::new();
        for _ in 0..4 {
            statuses.push(status("203.0.113.9").await);
        }
        assert_eq!(statuses, [200, 200, 200, 429]);
        assert_eq!(status("203.0.113.10").await, elsewhere);
    }
}
